"""The dice of a paged member on a CPU: the next token of every conversation, without sorting.

transformers sorts the whole vocabulary twice for every token, once for top-k and once for top-p,
which at 16 conversations is most of a small model's step. Here a token is drawn from the whole
vocabulary, and drawn again where top-p would have cut it off: whether it would is a sum over those
that are likelier. Those of a top-k are nearly always among the likeliest few.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

WIDTHS = (64, 1024)
"""How many of the likeliest tokens are looked at first, and then; after that, all of them."""
THROWS, ROUNDS = 2, 4
"""How many tokens of the whole vocabulary are drawn at once, and how often, before all are sorted.
With top_p 0.95 one in 400 needs a second round, with 0.5 one in four."""


class Dice:
    """In place of a manager's logits processors and of its sampling: see Service.

    vocabulary: how many tokens there are, for a request that names no top_k. The settings of a
    batch are kept for the next, which is nearly always of the same conversations.
    """

    do_processing = True

    def __init__(self, vocabulary: int):
        self._vocabulary = vocabulary
        self._asked: list[dict[str, Any]] = []
        self._settings: tuple[torch.Tensor, ...] = ()

    def prepare_tensor_args(self, requests_in_batch: list[Any], arg_storage: object) -> None:
        """Note what each request that gets a token asks for."""
        asked = [one.state.logit_processor_kwargs for one in requests_in_batch if one.has_new_token]
        if asked != self._asked:
            import torch

            self._asked = asked
            self._settings = tuple(
                torch.tensor([one.get(name, usual) for one in asked])
                for name, usual in (
                    ("temperature", 1.0), ("top_k", self._vocabulary), ("top_p", 1.0)
                )
            )  # fmt: skip

    def check_kwargs(self, settings: dict[str, Any]) -> None:
        """Nothing: a member refuses what it cannot honour before it asks."""

    def __call__(self, ids: object, logits: "torch.Tensor", settings: object) -> "torch.Tensor":
        """The logits as they are."""
        return logits

    def sample(self, logits: "torch.Tensor", out: "torch.Tensor") -> None:
        """Write into out's first row what is drawn from logits [1, conversations, vocabulary]."""
        # Those still reading have logits too, after the others, and no token.
        if not self._asked:
            return
        tokens = draw(logits[0, : len(self._asked)], *self._settings)
        out[0, : len(tokens)].copy_(tokens)


def draw(
    logits: "torch.Tensor", heat: "torch.Tensor", top_k: "torch.Tensor", top_p: "torch.Tensor"
) -> "torch.Tensor":
    """A token of each row, [rows]: softmax at a temperature, cut to top_k, then to top_p of that.

    logits: [rows, vocabulary]. heat, top_k, top_p: [rows], heat above 0, top_k at least 1. The same
    distribution as transformers' warpers in that order, but for tokens exactly as likely as one
    another at the edge of a cut: there it keeps all of one cut and some of the other, here it is
    the other way round. top_k 1 is the first of the likeliest.
    Raises RuntimeError where there are no chances to draw by.
    """
    import torch

    open_ended = top_k >= logits.shape[-1]
    if bool(open_ended.all()):
        return _of_nuclei(logits / heat[:, None], top_p)
    scaled, cut = logits / heat[:, None], ~open_ended
    tokens = torch.empty(len(logits), dtype=torch.long)
    tokens[open_ended] = _of_nuclei(scaled[open_ended], top_p[open_ended])
    tokens[cut] = _of_top_k(scaled[cut], top_p[cut], top_k[cut])
    return tokens


def _of_nuclei(scaled: "torch.Tensor", top_p: "torch.Tensor") -> "torch.Tensor":
    """A token of each row, from the likeliest that hold top_p of its chances between them."""
    import torch

    chance = scaled.softmax(-1)
    reach = chance.cumsum(-1)
    _check(reach[:, -1])
    drawn = torch.empty(len(scaled), dtype=torch.long)
    rows = torch.arange(len(scaled))
    for _ in range(ROUNDS):
        dice = torch.rand(len(rows), THROWS) * reach[:, -1:]
        found = torch.searchsorted(reach, dice, right=True).clamp_(max=scaled.shape[-1] - 1)
        own, each = chance.gather(1, found), chance[:, None]
        above = torch.where(each > own[..., None], each, 0.0).sum(-1)
        good = (above < top_p[:, None]) & (own > 0)
        drawn[rows] = found.gather(1, good.byte().argmax(-1, keepdim=True))[:, 0]
        missed = ~good.any(-1)
        if not missed.any():
            return drawn
        rows, chance, reach, top_p = (x[missed] for x in (rows, chance, reach, top_p))
    drawn[rows] = _of_sorted(chance, top_p)
    return drawn


def _of_sorted(chance: "torch.Tensor", top_p: "torch.Tensor") -> "torch.Tensor":
    import torch

    chance, ids = chance.sort(-1, descending=True)
    below = chance.cumsum(-1)
    kept = below - chance < top_p[:, None]
    kept[:, 0] = True
    return ids.gather(1, _thrown(torch.where(kept, chance, 0.0).cumsum(-1), kept))[:, 0]


def _thrown(reach: "torch.Tensor", kept: "torch.Tensor") -> "torch.Tensor":
    """A place of each row, of those kept, which come first; [rows, 1]."""
    import torch

    dice = torch.rand(len(reach), 1) * reach[:, -1:]
    place = torch.searchsorted(reach, dice, right=True)
    return torch.minimum(place, kept.sum(-1, keepdim=True) - 1)


def _of_top_k(
    scaled: "torch.Tensor", top_p: "torch.Tensor", top_k: "torch.Tensor"
) -> "torch.Tensor":
    """A token of each row, where every row has a top_k below its number of tokens."""
    import torch

    peaks, tokens = scaled.max(-1)
    _check(peaks)
    rows = torch.nonzero(top_k > 1)[:, 0]
    size = scaled.shape[-1]
    for width in (*(w for w in WIDTHS if w < size), size):
        if not len(rows):
            break
        best, ids = torch.topk(scaled[rows], width)
        kept = torch.arange(width) < top_k[rows, None]
        chance = torch.where(kept, best, -torch.inf).softmax(-1)
        _check(chance[:, 0])
        kept &= chance.cumsum(-1) - chance < top_p[rows, None]
        kept[:, 0] = True
        place = _thrown(torch.where(kept, chance, 0.0).cumsum(-1), kept)
        found = top_k[rows] <= width
        tokens[rows[found]] = ids.gather(1, place)[found, 0]
        rows = rows[~found]
    return tokens


def _check(values: "torch.Tensor") -> None:
    if not values.isfinite().all():
        raise RuntimeError("its logits are not finite numbers")
