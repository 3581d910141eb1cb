"""What goes wrong at a server: what to say, whether to try again, whether the server must rest."""

import re
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Literal
from urllib.parse import urljoin, urlsplit

from blend.members import MemberDown, MemberError, MemberTimeout, TooLong
from blend.members.remote.protocol import UNSUPPORTED

TOO_LONG = re.compile(
    r"context.?(length|size|window)|max_new_tokens|max_tokens must be at least"
    r"|longer than the model|too many tokens|prompt is too long"
    r"|max_(completion_)?tokens.{1,9}too large",
    re.I,
)
"""How vLLM, SGLang, llama.cpp and OpenAI say that a conversation does not fit."""


@dataclass(eq=False)
class ServerError(RuntimeError):
    """One try of a request failed.

    kind: the error for the caller if no other try follows. retry: "here" at any server, "elsewhere"
    only at another one, "" nowhere. to_blame: whether the server must rest; retry_after: seconds
    for which it asks to be left alone. unsupported: what to leave out before asking again.
    """

    reason: str
    kind: type[MemberError] = MemberError
    retry: Literal["here", "elsewhere", ""] = "here"
    to_blame: bool = True
    retry_after: float | None = None
    unsupported: str = ""

    @property
    def refused(self) -> bool:
        """Whether a server that is well did not accept this request."""
        return self.kind is MemberError and not self.retry and not self.to_blame


def final(reason: str, kind: type[MemberError] = MemberError, unsupported: str = "") -> ServerError:
    """An error that no server is to blame for, and that no other try mends."""
    return ServerError(reason, kind, retry="", to_blame=False, unsupported=unsupported)


def timeout(what: str, seconds: float) -> ServerError:
    """A server was too slow. Another one may be faster."""
    return ServerError(f"{what} for {seconds:g} s", MemberTimeout, "elsewhere")


def from_client(error: Exception, key: str, variable: str) -> ServerError:
    """What an error of the client means; the key never stands in it.

    variable: the environment variable that holds the key.
    """
    import openai

    if isinstance(error, openai.APITimeoutError):
        return ServerError("no connection within its limit", MemberDown)
    if isinstance(error, openai.APIConnectionError):
        cause = error.__cause__ or error
        what = "nothing answers" if "Connect" in type(cause).__name__ else "the connection broke"
        text = _without_key(key, str(cause)) or type(cause).__name__
        return ServerError(f"{what}: {text}", MemberDown)
    if isinstance(error, openai.APIStatusError):
        if 300 <= error.status_code < 400:
            location = _without_key(key, error.response.headers.get("location", ""))
            return _redirect(error.status_code, str(error.request.url), location)
        return from_status(error.status_code, _text(error, key), error.response.headers, variable)
    if isinstance(error, openai.APIError):  # an error where a piece of the reply should be
        text = _text(error, key)
        refused = re.fullmatch(r"4[0-9]{2}", str(error.code or ""))
        if refused or "validation" in text.lower():
            return _refusal(text)
        return ServerError(f"the server broke off: {text}")
    text = _without_key(key, str(error))[:120]
    if isinstance(error, ValueError | TypeError | AttributeError | LookupError | RecursionError):
        return ServerError(f"what it sends is no chat completion: {text}")
    return ServerError(f"the connection broke: {text}", MemberDown)


def from_status(
    status: int, text: str, headers: Mapping[str, str], variable: str = ""
) -> ServerError:
    """What an HTTP status of 400 and more means. text: what the server said with it."""
    if status in (401, 403):
        # Without the text: it may repeat the key, or most of it.
        mend = f"correct {variable}" if variable else "name its variable in api_key_env"
        reason = f"the server refuses the key ({status}): {mend}"
        return ServerError(reason, MemberDown, "elsewhere")
    if status == 404:
        mend = "is that its `model`, and does its base_url end in /v1?"
        reason = f"the server does not know it (404): {text}; {mend}"
        return ServerError(reason, MemberDown, "elsewhere")
    if status == 429:
        reason = f"the server is busy (429): {text}"
        return ServerError(reason, MemberDown, retry_after=_retry_after(headers))
    if 400 <= status < 500 and status not in (408, 409, 425):
        return _refusal(text)
    if any(words.search(text) for words in UNSUPPORTED.values()):
        return _refusal(text)  # older SGLang fails over a chat template with 500
    return ServerError(f"the server failed ({status}): {text}", retry_after=_retry_after(headers))


def _redirect(status: int, url: str, location: str) -> ServerError:
    """A redirect is not followed: it would carry the conversation and the key elsewhere."""
    reason = f"the server redirects ({status}), which is not followed: correct its base_url"
    with suppress(ValueError):
        there = urlsplit(urljoin(url, location))
        if location and there.hostname and there.username is None:
            path = there.path.removesuffix("/models").removesuffix("/chat/completions")
            reason += f"; it names {there.scheme}://{there.netloc}{path}"[:200]
    return ServerError(reason, MemberDown, "elsewhere")


def _refusal(text: str) -> ServerError:
    """A request that no server of this kind accepts."""
    if TOO_LONG.search(text):
        reason = f"the conversation is too long for it: give it a smaller `window` ({text})"
        return final(reason, TooLong)
    unsupported = next((name for name, words in UNSUPPORTED.items() if words.search(text)), "")
    return final(f"the server refuses the request: {text}", unsupported=unsupported)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds of a Retry-After, which may be a date; None where it makes no sense."""
    value = headers.get("retry-after", "")
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(value).timestamp() - time.time()
        except (ValueError, TypeError, OverflowError):
            return None
    return seconds if 0 <= seconds < 86_400 else None


def error_text(body: Any) -> str:
    """The sentence in an error's body: servers nest it differently, and some send plain text."""
    while isinstance(body, dict):
        body = next((body[k] for k in ("message", "error", "detail", "msg") if body.get(k)), "")
    return " ".join(str(body or "").split())


def _text(error: Any, key: str) -> str:
    """What a server says with an error; cut last, so that no half of the key is left."""
    return _without_key(key, error_text(error.body) or error_text(error.message))[:300]


def _without_key(key: str, text: str) -> str:
    return text.replace(key, "***") if len(key) > 4 else text
