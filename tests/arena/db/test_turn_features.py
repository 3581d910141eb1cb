"""What is kept of a text that is not kept."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arena.db.turn_features import features, language, prompt_hash


def test_features_of_a_reply_with_marks():
    reply = "# Title\n\n- one\n- two\n1. three\n\n**bold** word\n```py\n# none\n- none\n```\n"

    assert features("What is it?", reply) == {
        "prompt_characters": 11,
        "reply_characters": len(reply),
        "code": 1,
        "headers": 1,
        "lists": 3,
        "bold": 1,
        "ascii": 1.0,
        "language": "en",
        "prompt_hash": prompt_hash("what  is IT?"),
    }


@settings(deadline=None, max_examples=50)
@given(st.text(), st.text())
def test_any_text_has_features(prompt, reply):
    made = features(prompt, reply)

    assert (made["prompt_characters"], made["reply_characters"]) == (len(prompt), len(reply))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("how are you today", "en"),
        ("wie geht es dir und was ist das", "de"),
        ("comment vas-tu dans la ville", "fr"),
        ("Как дела?", "ru"),
        ("你好吗", "zh"),
        ("日本語を勉強", "ja"),
        ("42!", "und"),
        ("zzz", "und"),
    ],
)
def test_language(text, code):
    assert language(text) == code
