"""What goes wrong at a server: what to tell, whether to ask again, and whether it must rest."""

import re
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Literal
from urllib.parse import urljoin, urlsplit

from blend.members import MemberDown, MemberError, MemberTimeout, TooLong
from blend.members.remote.protocol import SHUNNED

TOO_LONG = re.compile(
    r"context.?(length|size|window)|max_new_tokens|max_tokens must be at least"
    r"|longer than the model|too many tokens|prompt is too long"
    r"|max_(completion_)?tokens.{1,9}too large",
    re.I,
)
"""How vLLM, SGLang, llama.cpp and OpenAI say that a conversation does not fit."""


@dataclass(eq=False)
class Fault(RuntimeError):
    """One try of a request failed.

    kind: the error that a caller is given if it was the last try. again: whether to try once more:
    "here" at any server, "elsewhere" at another one only, "" nowhere. rests: whether the server is
    to blame and must rest; after: the seconds for which it asks to be left alone, where it does.
    shunned: what to leave out and ask again at once.
    """

    reason: str
    kind: type[MemberError] = MemberError
    again: Literal["here", "elsewhere", ""] = "here"
    rests: bool = True
    after: float | None = None
    shunned: str = ""

    @property
    def refused(self) -> bool:
        """Whether the server was well and would not have this request."""
        return self.kind is MemberError and not self.again and not self.rests


def final(reason: str, kind: type[MemberError] = MemberError, shunned: str = "") -> Fault:
    """A fault that no server is to blame for, and that no other try mends."""
    return Fault(reason, kind, again="", rests=False, shunned=shunned)


def timeout(what: str, seconds: float) -> Fault:
    """The fault of a server that let us wait. Another one may be faster, this one hardly."""
    return Fault(f"{what} for {seconds:g} s", MemberTimeout, "elsewhere")


def fault(error: Exception, key: str, variable: str) -> Fault:
    """The fault behind an error of the client, in which the key never stands.

    variable: the environment variable that holds the key.
    """
    import openai

    if isinstance(error, openai.APITimeoutError):
        return Fault("no connection within its limit", MemberDown)
    if isinstance(error, openai.APIConnectionError):
        cause = error.__cause__ or error
        what = "nothing answers" if "Connect" in type(cause).__name__ else "the connection broke"
        return Fault(f"{what}: {_without(key, str(cause)) or type(cause).__name__}", MemberDown)
    if isinstance(error, openai.APIStatusError):
        said = _said(error, key)
        if 300 <= error.status_code < 400:
            location = error.response.headers.get("location", "")
            return _moved(error.status_code, str(error.request.url), _without(key, location))
        return of_status(error.status_code, said, error.response.headers, variable)
    if isinstance(error, openai.APIError):  # an error where a piece of the reply should be
        said = _said(error, key)
        refused = re.fullmatch(r"4[0-9]{2}", str(error.code or ""))
        if refused or "validation" in said.lower():
            return _refused(said)
        return Fault(f"the server broke off: {said}")
    if isinstance(error, ValueError | TypeError | AttributeError | LookupError | RecursionError):
        return Fault(f"what it sends is no chat completion: {_without(key, str(error))[:120]}")
    return Fault(f"the connection broke: {_without(key, str(error))[:120]}", MemberDown)


def of_status(status: int, said: str, headers: Mapping[str, str], variable: str = "") -> Fault:
    """The fault behind an HTTP status of 400 and more, and what was said with it."""
    if status in (401, 403):
        # Not what was said: it may repeat the key, or most of it.
        mend = f"correct {variable}" if variable else "name its variable in api_key_env"
        return Fault(f"the server refuses the key ({status}): {mend}", MemberDown, "elsewhere")
    if status == 404:
        mend = "is that its `model`, and does its base_url end in /v1?"
        return Fault(f"the server does not know it (404): {said}; {mend}", MemberDown, "elsewhere")
    if status == 429:
        after = _after(headers)
        return Fault(f"the server is busy (429): {said}", MemberDown, after=after)
    if 400 <= status < 500 and status not in (408, 409, 425):
        return _refused(said)
    if any(words.search(said) for words in SHUNNED.values()):
        return _refused(said)  # older SGLang fails over a chat template with 500
    return Fault(f"the server failed ({status}): {said}", after=_after(headers))


def _moved(status: int, asked: str, location: str) -> Fault:
    """A redirect, which is not followed: it would carry what was said, and the key, elsewhere."""
    reason = f"the server redirects ({status}), which is not followed: correct its base_url"
    with suppress(ValueError):
        there = urlsplit(urljoin(asked, location))
        if location and there.hostname and there.username is None:
            path = there.path.removesuffix("/models").removesuffix("/chat/completions")
            reason += f"; it names {there.scheme}://{there.netloc}{path}"[:200]
    return Fault(reason, MemberDown, "elsewhere")


def _refused(said: str) -> Fault:
    """A request that no server of its kind takes."""
    if TOO_LONG.search(said):
        reason = f"the conversation is too long for it: give it a smaller `window` ({said})"
        return final(reason, TooLong)
    shunned = next((name for name, words in SHUNNED.items() if words.search(said)), "")
    return final(f"the server refuses the request: {said}", shunned=shunned)


def _after(headers: Mapping[str, str]) -> float | None:
    """Seconds of a Retry-After, which may be a date; None where there is none that makes sense."""
    given = headers.get("retry-after", "")
    try:
        seconds = float(given)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(given).timestamp() - time.time()
        except (ValueError, TypeError, OverflowError):
            return None
    return seconds if 0 <= seconds < 86_400 else None


def sentence(body: Any) -> str:
    """The sentence in an error's body: servers nest it differently, and some send plain text."""
    while isinstance(body, dict):
        body = next((body[k] for k in ("message", "error", "detail", "msg") if body.get(k)), "")
    return " ".join(str(body or "").split())


def _said(error: Any, key: str) -> str:
    """What a server says with an error; cut last, so that no half of the key is left."""
    return _without(key, sentence(error.body) or sentence(error.message))[:300]


def _without(key: str, text: str) -> str:
    return text.replace(key, "***") if len(key) > 4 else text
