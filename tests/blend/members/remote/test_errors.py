"""What a server's error becomes: the words of those that are in use, and what follows from them."""

import time
from email.utils import formatdate

import pytest

from blend.members import MemberDown, MemberError
from blend.members.remote.errors import error_text, from_status


@pytest.mark.parametrize(
    ("status", "kind", "retry", "to_blame"),
    [
        (400, MemberError, "", False),
        (401, MemberDown, "elsewhere", True),
        (403, MemberDown, "elsewhere", True),
        (404, MemberDown, "elsewhere", True),
        (408, MemberError, "here", True),
        (413, MemberError, "", False),
        (422, MemberError, "", False),
        (429, MemberDown, "here", True),
        (500, MemberError, "here", True),
        (503, MemberError, "here", True),
    ],
)
def test_a_status_says_whether_to_ask_again_and_who_is_to_blame(status, kind, retry, to_blame):
    error = from_status(status, "so it is", {})
    assert (error.kind, error.retry, error.to_blame) == (kind, retry, to_blame)
    assert str(status) in error.reason or status in (400, 413, 422)


@pytest.mark.parametrize(
    "said",
    [
        "This model's maximum context length is 4096 tokens. However, you requested 4200 tokens",
        "'max_tokens' or 'max_completion_tokens' is too large: 900. This model's maximum context"
        " length is 1024 tokens",
        "max_tokens must be at least 1, got -186.",
        "The input (61709 tokens) is longer than the model's context length (40960 tokens).",
        "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 1512. Given: 1600",
        "the request exceeds the available context size. try increasing the context size",
    ],
)
def test_a_conversation_that_is_too_long_is_known_by_many_words(said):
    error = from_status(400, said, {})
    assert "too long for it: give it a smaller `window`" in error.reason and said in error.reason
    assert (error.retry, error.to_blame, error.unsupported) == ("", False, "")


@pytest.mark.parametrize(
    ("status", "said", "unsupported"),
    [
        (422, "[{'loc': ['body', 'stream_options', 'include_usage']}]", "stream_options"),
        (400, "Unsupported parameter: 'max_tokens' is not supported with this", "max_tokens"),
        (400, "System role not supported", "system"),
        (500, "System role not supported", "system"),
        (400, "Only user and assistant roles are supported!", "system"),
        (400, "I do not like it", ""),
    ],
)
def test_what_a_server_does_not_take_is_known_by_its_words(status, said, unsupported):
    error = from_status(status, said, {})
    assert error.unsupported == unsupported and not error.to_blame


@pytest.mark.parametrize(
    ("header", "after"),
    [("0.5", 0.5), ("", None), ("soon", None), ("-3", None), ("nan", None), ("1e9", None)],
)
def test_a_busy_server_says_when_to_come_again(header, after):
    assert from_status(429, "busy", {"retry-after": header}).retry_after == after


def test_or_at_which_date():
    date = formatdate(time.time() + 60, usegmt=True)
    assert 50 < from_status(503, "busy", {"retry-after": date}).retry_after <= 60


def test_a_refused_key_is_not_quoted():
    error = from_status(401, "Incorrect API key provided: sk-ab***yz", {}, "FAR_KEY")
    assert error.reason == "the server refuses the key (401): correct FAR_KEY"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"error": {"message": "boom\n  now"}}, "boom now"),
        ({"object": "error", "message": "boom"}, "boom"),
        ({"error": "boom"}, "boom"),
        ({"detail": "boom"}, "boom"),
        ("boom", "boom"),
        ({"error": {}}, ""),
        (None, ""),
    ],
)
def test_the_sentence_is_found_wherever_a_server_puts_it(body, said):
    assert error_text(body) == said
