"""A paged member on a CPU says what plain `generate` says, whatever shape its attention has."""

import asyncio
from contextlib import aclosing

import pytest
import tiny

from blend.conversation import Message
from blend.members import Sampling
from blend.members.attention import PLAIN
from blend.members.paged import Paged

GREEDY = Sampling(temperature=0.0, max_tokens=24)
# From one page of the cache to many, and past the sliding windows of 48 tokens.
ASKED = ["Hello there!", *(f"{n} dogs in the park, " * (1 + 6 * n) for n in range(5))]


def plain(folder, template):
    """What plain generate says to the same ids."""
    import torch
    from transformers import AutoModelForCausalLM

    model, said = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32), []
    for text in ASKED:
        ids = torch.tensor([template.prompt([Message("user", text)], GREEDY.max_tokens).ids])
        out = model.generate(
            ids, attention_mask=ids >= 0, max_new_tokens=GREEDY.max_tokens, do_sample=False
        )
        whole = template.decode(out[0, ids.shape[1] :].tolist())
        said.append(whole.lstrip().rstrip("\ufffd"))
    return said


@pytest.mark.parametrize("kind", sorted({*tiny.PAGED, *PLAIN}))
def test_greedy_replies_are_those_of_plain_generate_alone_cached_and_together(folders, kind):
    member = Paged.load("tiny", str(folders[kind]), GREEDY, device="cpu", threads=1)

    async def reply(text):
        async with aclosing(member.stream([Message("user", text)], GREEDY)) as pieces:
            return "".join([piece async for piece in pieces]).rstrip("\ufffd")

    async def talk():
        alone = [await reply(text) for text in ASKED]
        again = [await reply(text) for text in ASKED]
        together = await asyncio.gather(*(reply(text) for text in ASKED))
        await member.aclose()
        return alone, again, together

    expected = plain(folders[kind], member.template)
    assert asyncio.run(talk()) == (expected, expected, expected)
    assert len(set(expected)) >= 3
