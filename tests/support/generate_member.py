"""A member under plain decoding on a tiny, random model: what it says, and what `generate` does."""

from blend.members import Sampling
from blend.members.local.generate import Generate
from blend.message import Message

GREEDY = Sampling(temperature=0.0, max_tokens=16)
LONG = Sampling(temperature=0.0, max_tokens=400)


def says(*texts):
    return [Message("assistant" if n % 2 else "user", text) for n, text in enumerate(texts)]


HISTORY = says("My dog likes the park. " * 12, "Hello there. " * 12)
ASKED = [*HISTORY, *says("And?")]


def load(folder, **options):
    options = {"device": "cpu", "threads": 1} | options
    return Generate.load("tiny", str(folder), options.pop("sampling", GREEDY), **options)


def plain(member, messages, sampling=GREEDY, **how):
    """What transformers' own generate says to the same ids."""
    import torch

    ids = member.template.prompt(messages, sampling.max_tokens).ids
    out = member._decoder.model.generate(
        torch.tensor([ids]), max_new_tokens=sampling.max_tokens, do_sample=False, **how
    )
    return shown(member.template.decode(out[0, len(ids) :].tolist()))


def shown(pieces):
    """A random model begins with spaces, and ends in halves of characters: three are held back."""
    return "".join(pieces).lstrip().rstrip("\ufffd")


def told(member, messages, sampling=GREEDY, scope=""):
    """The reply and its last Usage, by the synchronous core."""
    pieces = list(member.pieces(messages, sampling, scope))
    return shown(pieces), pieces[-1].usage
