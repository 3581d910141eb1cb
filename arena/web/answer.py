"""Short answers of the boundary, in the forms that the page and OpenAI's clients read."""

from collections.abc import Mapping

from starlette.responses import JSONResponse

from arena.api.errors import error_body


def refusal_response(
    status: int, why: str, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """An answer that refuses a request, in one line. The connection is closed after it, so that
    nothing more of the request is read."""
    kind = "invalid_request_error" if status < 500 else "server_error"
    body = {"detail": why, **error_body(why, kind)}
    return JSONResponse(body, status, {"connection": "close", **(headers or {})})
