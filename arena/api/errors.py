"""Why a program gets no reply, in OpenAI's form."""

from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse

from arena.models import Refused
from arena.site.guard import RateLimited
from arena.site.limiter import Overloaded, Stopping
from blend.conversation import Turn

BAD_REQUEST = "invalid_request_error"
SERVER_ERROR = "server_error"
TOO_MANY = "rate_limit_error"

SHOWN = 100
"""Characters at most of what was sent that an error repeats."""


class ApiError(Exception):
    """What a program is answered instead of a reply. param: the field at fault.

    headers: by their names, with _ for -.
    """

    def __init__(
        self,
        message: str,
        param: str | None = None,
        code: str | None = None,
        status: int = 400,
        kind: str = BAD_REQUEST,
        **headers: str,
    ):
        super().__init__(message)
        self.param = param
        self.status = status
        self.body = error_body(message, kind, param, code)
        self._headers = {name.replace("_", "-"): value for name, value in headers.items()}

    def response(self) -> JSONResponse:
        """The error as a response."""
        return JSONResponse(self.body, self.status, self._headers)


ANSWERED = (ApiError, Refused, Overloaded, ClientDisconnect)
"""What a program is told; anything else is a mistake of ours."""


def error_body(message: str, kind: str, param: str | None = None, code: str | None = None) -> dict:
    """An error object in OpenAI's form."""
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def failure_of(turn: Turn) -> ApiError:
    """The error of a turn that ended with one."""
    if turn.refused:
        return ApiError(turn.error, "messages")
    lost = "The reply could not be finished: try again."
    return ApiError(lost, status=502, kind=SERVER_ERROR)


def api_error(error: Exception) -> ApiError:
    """What a program is answered for one of ANSWERED."""
    message = str(error)
    match error:
        case ApiError():
            return error
        case RateLimited():
            wait = str(error.seconds)
            return ApiError(message, status=429, kind=TOO_MANY, retry_after=wait)
        case Refused():
            return ApiError(message, "messages", "content_policy_violation")
        case Stopping():
            return ApiError(message, status=503, kind=SERVER_ERROR, retry_after="5")
        case Overloaded():
            return ApiError(message, status=429, kind=TOO_MANY, retry_after="2")
    return ApiError("The client has left.")


def brief(value: object) -> str:
    """What was sent, as an error may repeat it: in quotes, no longer than `SHOWN` characters."""
    text = repr(value[: SHOWN + 1] if isinstance(value, str) else value)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
