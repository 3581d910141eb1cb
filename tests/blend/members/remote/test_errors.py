"""What a server's error becomes: the words of those that are in use, and what follows from them."""

import time
from email.utils import formatdate

import pytest

from blend.members import MemberDown, MemberError
from blend.members.remote.errors import of_status, sentence


@pytest.mark.parametrize(
    ("status", "kind", "again", "rests"),
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
def test_a_status_says_whether_to_ask_again_and_who_is_to_blame(status, kind, again, rests):
    fault = of_status(status, "so it is", {})
    assert (fault.kind, fault.again, fault.rests) == (kind, again, rests)
    assert str(status) in fault.reason or status in (400, 413, 422)


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
    fault = of_status(400, said, {})
    assert "too long for it: give it a smaller `window`" in fault.reason and said in fault.reason
    assert (fault.again, fault.rests, fault.shunned) == ("", False, "")


@pytest.mark.parametrize(
    ("status", "said", "shunned"),
    [
        (422, "[{'loc': ['body', 'stream_options', 'include_usage']}]", "stream_options"),
        (400, "Unsupported parameter: 'max_tokens' is not supported with this", "max_tokens"),
        (400, "System role not supported", "system"),
        (500, "System role not supported", "system"),
        (400, "Only user and assistant roles are supported!", "system"),
        (400, "I do not like it", ""),
    ],
)
def test_what_a_server_does_not_take_is_known_by_its_words(status, said, shunned):
    fault = of_status(status, said, {})
    assert fault.shunned == shunned and not fault.rests


@pytest.mark.parametrize(
    ("header", "after"),
    [("0.5", 0.5), ("", None), ("soon", None), ("-3", None), ("nan", None), ("1e9", None)],
)
def test_a_busy_server_says_when_to_come_again(header, after):
    assert of_status(429, "busy", {"retry-after": header}).after == after


def test_or_at_which_date():
    date = formatdate(time.time() + 60, usegmt=True)
    assert 50 < of_status(503, "busy", {"retry-after": date}).after <= 60


def test_a_refused_key_is_not_quoted():
    fault = of_status(401, "Incorrect API key provided: sk-ab***yz", {}, "FAR_KEY")
    assert fault.reason == "the server refuses the key (401): correct FAR_KEY"


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
    assert sentence(body) == said
