"""What of a message cannot be sent as it is."""

import pytest

from blend.conversation import Conversation
from blend.message import MessageError, clean_message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        (" \n\t ", "empty"),
        ("x" * 100_000, "100,000 characters; send at most 8,000"),
        ("a\x00b", "U+0000"),
        ("a\x1b[31mb", "U+001B"),
        ("a\ud800b", "U+D800"),
    ],
)
def test_what_cannot_be_sent_is_named(text, said):
    with pytest.raises(MessageError, match=said.replace("+", r"\+")):
        Conversation().ask(text)


def test_line_ends_are_unified_and_text_is_kept():
    assert clean_message(" a\r\nb\rc\td 👩‍🚀 é ") == "a\nb\nc\td 👩‍🚀 é"
