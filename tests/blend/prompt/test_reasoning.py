"""A thought is no part of a reply, however the text is cut; and no word of either is lost."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from blend.prompt import reasoning
from blend.prompt.reasoning import BLOCKS, ENVELOPES, MARKERS, PROSE, Reasoning, open_block

WORDS = ["Hm. ", "Hello.", "\n\n", " ", "a < b [x]", "final", "analysis", "<|start|>assistant"]
SIGNS = [*WORDS, *ENVELOPES, *PROSE, *PROSE["Here is my thought process:"]]
SIGNS += [*sorted({marker for kind in MARKERS for marker in kind}), "</answer>", "</response>"]
TEXTS = st.lists(st.sampled_from(SIGNS) | st.text(max_size=3), max_size=12).map("".join)


def parted(pieces, **how):
    filter_ = Reasoning(**how)
    parts = [part for piece in pieces for part in filter_.add(piece)] + filter_.end()
    return {
        kind: "".join(text for each, text in parts if each == kind)
        for kind in ("thought", "reply", "marker")
    }, "".join(text for _, text in parts)


def said(text, **how):
    found, _ = parted([text], **how)
    return found["thought"], found["reply"]


@given(TEXTS, st.data())
@example("<think>a</thi", None)
def test_any_cut_of_any_text_gives_the_same_and_nothing_is_lost(text, data):
    places = st.lists(st.integers(0, len(text)), max_size=6)
    cuts = sorted(data.draw(places)) if data else range(len(text))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert parted(pieces) == parted([text])
    assert parted(pieces)[1] == text


@given(st.sampled_from(list(BLOCKS.items())), st.text(), st.text(), st.sampled_from(["", "\n"]))
def test_a_block_at_the_beginning_is_a_thought_and_the_rest_the_reply(block, thought, reply, lead):
    opening, (closing,) = block
    if closing[:1] in thought or any(sign in reply for sign in "<[◁H"):
        return
    assert said(f"{lead}{opening}{thought}{closing}\n\n{reply}") == (thought, reply.lstrip())
    assert said(f"{lead}{opening}{thought}") == (thought, "")


@given(TEXTS)
def test_a_reply_that_goes_on_with_a_beginning_has_no_thought(text):
    assert said(text, begun=True) == ("", text)


@pytest.mark.parametrize(
    ("text", "thought", "reply"),
    [
        ("Use <think>x</think> for it.", "", "Use <think>x</think> for it."),
        ("<think>a</think>b <think>c</think>", "a", "b <think>c</think>"),
        ("<think>a</think>\n<think>b</think>\nHi", "ab", "Hi"),
        ("<think>\n\n</think>\n\nHi", "\n\n", "Hi"),
        ("<think>a <think> b</think>Hi", "a <think> b", "Hi"),
        ("<think>a</think>\n<answer>\nHi\n</answer>", "a", "Hi\n"),
        ("<answer>Hi</answer>", "", "<answer>Hi</answer>"),
        ("Here is my thought process: a\nHere is my response: Hi", " a\n", "Hi"),
        ("Here is my thought process: first", "", "Here is my thought process: first"),
        ("<thin", "", "<thin"),
        ("  Hello", "", "  Hello"),
    ],
)
def test_what_counts_as_a_thought(text, thought, reply):
    assert said(text) == (thought, reply)


def test_the_channels_of_gpt_oss_are_told_apart_by_their_names():
    written = (
        "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>commentary"
        "<|message|>So.<|end|><|start|>assistant<|channel|>final<|message|>Hello.<|return|>"
    )
    assert said(written) == ("Hm.So.", "Hello.")
    assert said("<|channel|>final<|message|>Hello.") == ("", "Hello.")
    assert said("<|channel|>analysis<|message|>Hm.<|start|>assistant<|channel|>fin") == ("Hm.", "")


@pytest.mark.parametrize("size", [reasoning.LEAD, reasoning.HEAD, reasoning.UNSURE])
@pytest.mark.parametrize("begins", ["", "<|channel|>", "Here is my thought process:"])
def test_no_more_is_held_back_than_a_marker_can_be_long(size, begins):
    filter_ = Reasoning()
    text = begins + " " * (size + 100) + "x" * reasoning.UNSURE
    parts = [part for at in range(0, len(text), 50) for part in filter_.add(text[at : at + 50])]
    assert "".join(t for _, t in parts) == text and {kind for kind, _ in parts} == {"reply"}


@pytest.mark.parametrize(
    ("opening", "marker"),
    [
        ("<|im_start|>assistant\n<think>\n", "<think>"),
        ("<|im_start|>assistant\n<think>\n\n</think>\n\n", ""),
        ("<｜Assistant｜></think>", ""),
        ("<|im_start|>assistant\n", ""),
        ("[THINK]", "[THINK]"),
    ],
)
def test_a_template_may_open_the_block(opening, marker):
    assert open_block(opening) == marker
