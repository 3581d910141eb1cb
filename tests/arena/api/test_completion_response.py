"""A completion in OpenAI's form, and our own field: who wrote it, as a whole or by sentence."""

from arena.api.completion_response import CompletionResponse
from blend.conversation import Draw, Sentence, Turn, Usage

HALF = {"ash": 0.5, "fir": 0.5}
ASH, FIR = Draw("ash", 0.5, HALF), Draw("fir", 0.5, HALF)
WHOLE = Turn("Hi", "One. Two.", ASH, True, usage=Usage(7, 3, 4, finish="stop"))


def blend_of(turn: Turn) -> list[object]:
    """The field of a whole reply, and of the last piece of one that is streamed."""
    completion = CompletionResponse("Sentences")
    whole, last = completion.whole([turn]), completion.chunk(0, {}, turn)
    return [each["choices"][0]["blend"] for each in (whole, last)]


def test_of_a_reply_by_one_member_its_draw_is_told():
    assert blend_of(WHOLE) == [{"member": "ash", "chance": 0.5}] * 2


def test_of_a_reply_in_sentences_each_draw_is_told_with_its_beginning():
    turn = Turn("Hi", "One. Two.", ASH, True, sentences=(Sentence(ASH, 0), Sentence(FIR, 4)))
    sentences = [
        {"start": 0, "member": "ash", "chance": 0.5},
        {"start": 4, "member": "fir", "chance": 0.5},
    ]
    told = {"member": "ash", "chance": 0.5, "sentences": sentences}
    assert blend_of(turn) == [told, told]
