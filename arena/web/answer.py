"""Short answers of the boundary, in the form that the page shows as a sentence."""

from collections.abc import Mapping

from starlette.responses import JSONResponse


def refused(status: int, why: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """An answer that refuses a request, in one line. The connection is closed after it, so that
    nothing more of the request is read."""
    return JSONResponse({"detail": why}, status, {"connection": "close", **(headers or {})})
