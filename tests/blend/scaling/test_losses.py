"""Losses of replies: what one pass a conversation says is what reply by reply would."""

import math
from functools import partial

import pytest
from tiny_models import SENTENCES, TEMPLATE

from blend.members import Sampling
from blend.members.local import weights
from blend.message import Message
from blend.scaling import losses

KINDS = ("llama", "mistral", "qwen3", "gemma3_text", "granite", "gpt_neox", "gptj", "mamba")
SHORT = Sampling(max_tokens=16)
WORDS = SENTENCES[1].split()


def talk(turns: int, length: int = 9) -> list[Message]:
    """A conversation of so many user messages and replies, none like another."""
    said = [
        " ".join(WORDS[(n * 5 + k) % len(WORDS)] for k in range(1 + (n * 7) % length))
        for n in range(2 * turns)
    ]
    return [Message("assistant" if n % 2 else "user", text) for n, text in enumerate(said)]


def load(folder, **how):
    return weights.load("tiny", str(folder), SHORT, device="cpu", **how)


def scored(loaded, *talks):
    places = [(messages, range(1, len(messages), 2)) for messages in talks]
    return dict(losses.score(loaded, places, SHORT.max_tokens))


class Plain:
    """One reply by transformers alone."""

    def __init__(self, folder):
        from transformers import AutoModelForCausalLM, AutoTokenizer

        self.model = AutoModelForCausalLM.from_pretrained(folder, dtype="float32").eval()
        self.tokenizer = AutoTokenizer.from_pretrained(folder)

    def score(self, messages, place):
        """The model's own loss of the ids after the prompt's, and how many they are."""
        import torch

        history = [{"role": m.role, "content": m.text} for m in messages[: place + 1]]
        encode = partial(self.tokenizer.apply_chat_template, tokenize=True, return_dict=False)
        prompt, whole = encode(history[:-1], add_generation_prompt=True), encode(history)
        assert whole[: len(prompt)] == prompt
        ids = torch.tensor([whole])
        labels = ids.clone()
        labels[:, : len(prompt)] = -100
        with torch.inference_mode():
            count = len(whole) - len(prompt)
            return float(self.model(input_ids=ids, labels=labels).loss) * count, count


@pytest.mark.parametrize("kind", KINDS)
def test_one_pass_says_what_each_reply_alone_says(folders, kind):
    talks = [talk(6), talk(3, 5), talk(1)]
    found = scored(load(folders[kind]), *talks)

    assert len(found) == 10
    plain = Plain(folders[kind])
    for (number, place), loss in found.items():
        nats, tokens = plain.score(talks[number], place)
        assert abs(loss - nats) <= 1e-4 * tokens


def test_all_replies_of_a_conversation_are_one_pass(folders):
    messages = talk(8)
    (passage,), without = losses.plan(load(folders["llama"]), messages, range(1, 16, 2), 16)
    assert len(passage.spans) == 8 and not without


def test_a_template_that_rewrites_history_gets_a_pass_a_reply(folders):
    thinking = TEMPLATE.replace("'<|assistant|>' }}{% endif", "'<|assistant|>Hm. ' }}{% endif")
    loaded, messages = load(folders["llama"], template=thinking), talk(4)
    passages, _ = losses.plan(loaded, messages, range(1, 8, 2), 16)

    assert len(passages) == 4
    for passage in passages:
        ((_, place), start, end) = passage.spans[0]
        assert tuple(loaded.template.prompt(messages[:place], 16).ids) == passage.ids[:start]
        assert loaded.template.decode(passage.ids[start:end]) == messages[place].text


def test_what_does_not_fit_the_window_is_cut_as_when_it_serves(folders):
    loaded, messages = load(folders["llama"], window=128), talk(30)
    passages, without = losses.plan(loaded, messages, range(1, 60, 2), 16)

    assert not without and 1 < len(passages) < 30
    assert all(len(p.ids) <= 128 for p in passages)
    for passage in passages:
        for (_, place), start, end in passage.spans:
            # A reply longer than max_tokens needs its own room.
            prompt = loaded.template.prompt(messages[:place], max(16, end - start))
            assert passage.ids[:start] == prompt.ids


def test_a_reply_longer_than_the_window_is_infinite_and_harms_no_other(folders):
    messages = [*talk(1), Message("user", "And?"), Message("assistant", "So " * 200)]
    found = scored(load(folders["llama"], window=128), messages)
    assert math.isinf(found[0, 3]) and math.isfinite(found[0, 1])
