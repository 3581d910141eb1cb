"""Streams that break off, as at a stop: the page loads itself again and sees no Python error."""

import json
import re

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PATH = re.compile(r"/queue/data$|/gradio_api/call/\w+/\w+$")
SIGN = re.compile(rb'^data: \{"msg": ?"unexpected_error"', re.MULTILINE)
LOST = {
    "msg": "unexpected_error",
    "event_id": None,
    "message": "The server has ended this reply.",
    # By this Gradio's page asks for the server until it is back, and then loads itself anew.
    "session_not_found": True,
    "success": False,
}


class BrokenStreams:
    """A layer around Gradio's streams of replies.

    Gradio sends the text of an exception, and its page then does nothing more. Where the server has
    forgotten its session, the page loads itself again: this sends that message instead.
    """

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http" or not PATH.search(scope["path"]):
            await self.app(scope, receive, send)
            return
        started = False

        async def forward(message: Message) -> None:
            nonlocal started
            started = True
            if SIGN.search(message.get("body", b"")):
                message = {**message, "body": f"data: {json.dumps(LOST)}\n\n".encode()}
            await send(message)

        try:
            await self.app(scope, receive, forward)
        except RuntimeError as error:
            # A stream of a session that is not known: that was told, and is no fault for the log.
            if not started or not isinstance(error.__cause__, HTTPException):
                raise
            await send({"type": "http.response.body", "body": b"", "more_body": False})
