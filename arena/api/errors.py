"""Why a program gets no reply, in OpenAI's form."""

from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response

from arena.models import Refused
from arena.site.guard import RateLimited
from arena.site.limiter import Overloaded, Stopping
from blend.conversation import Turn

BAD_REQUEST = "invalid_request_error"
SERVER_ERROR = "server_error"

SHOWN = 100
"""Characters at most of what was sent that an error repeats."""


class BadRequest(ValueError):
    """A request that cannot be served as it is. param: the field at fault."""

    def __init__(
        self, message: str, param: str | None = None, code: str | None = None, status: int = 400
    ):
        super().__init__(message)
        self.param = param
        self.code = code
        self.status = status


class LostReply(RuntimeError):
    """A reply that failed through no fault of the program."""

    def __init__(self) -> None:
        super().__init__("The reply could not be finished: try again.")


def failure_of(turn: Turn) -> BadRequest | LostReply:
    """What is raised for a turn that ended with an error."""
    return BadRequest(turn.error, "messages") if turn.refused else LostReply()


def brief(value: str) -> str:
    """What was sent, as an error may repeat it: in quotes, no longer than `SHOWN` characters."""
    text = repr(value[: SHOWN + 1])
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


def error_body(message: str, kind: str, param: str | None = None, code: str | None = None) -> dict:
    """An error object in OpenAI's form."""
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def error_response(
    status: int,
    message: str,
    kind: str = BAD_REQUEST,
    param: str | None = None,
    code: str | None = None,
    **headers: str,
) -> Response:
    """The response that tells an error; `retry_after` is the header retry-after."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return JSONResponse(error_body(message, kind, param, code), status, named)


def response_to(error: Exception) -> Response:
    """What a program is answered for this failure. Raises it where it is none of theirs."""
    said = str(error)
    match error:
        case BadRequest():
            return error_response(error.status, said, BAD_REQUEST, error.param, error.code)
        case RateLimited():
            return error_response(429, said, "rate_limit_error", retry_after=str(error.seconds))
        case Refused():
            return error_response(400, said, BAD_REQUEST, "messages", "content_policy_violation")
        case Stopping():
            return error_response(503, said, SERVER_ERROR, retry_after="5")
        case Overloaded():
            return error_response(429, said, "rate_limit_error", retry_after="2")
        case LostReply():
            return error_response(502, said, SERVER_ERROR)
        case ClientDisconnect():
            return Response(status_code=400)
    raise error
