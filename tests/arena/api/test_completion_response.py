"""A completion in OpenAI's form, and our own field: who wrote it by sentence."""

from arena.api.completion_response import CompletionResponse
from blend.conversation import Draw, Sentence, Turn

HALF = {"ash": 0.5, "fir": 0.5}
ASH, FIR = Draw("ash", 0.5, HALF), Draw("fir", 0.5, HALF)


def test_of_a_reply_in_sentences_each_draw_is_told_with_its_beginning():
    turn = Turn("Hi", "One. Two.", ASH, True, sentences=(Sentence(ASH, 0), Sentence(FIR, 4)))
    sentences = [
        {"start": 0, "member": "ash", "chance": 0.5},
        {"start": 4, "member": "fir", "chance": 0.5},
    ]
    completion = CompletionResponse("Sentences")
    for each in (completion.whole([turn]), completion.chunk(0, {}, turn)):
        told = {"member": "ash", "chance": 0.5, "sentences": sentences}
        assert each["choices"][0]["blend"] == told
