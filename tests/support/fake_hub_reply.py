"""How the stand-in of the Hub reads the body of a request and replies to it."""

import json
from http.server import BaseHTTPRequestHandler


class Reply(BaseHTTPRequestHandler):
    """One request and its reply; `body` is what came with it."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_) -> None:
        pass

    def _chunks(self) -> bytes:
        data = b""
        while size := int(self.rfile.readline(), 16):
            data += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return data

    def say(self, status: int, told: object = None, **headers: str) -> None:
        body = told if isinstance(told, bytes) else json.dumps(told).encode()
        self.head(status, len(body), **headers)
        if self.command != "HEAD":
            self.wfile.write(body)

    def head(self, status: int, length: int, **headers: str) -> None:
        self.send_response(status)
        for key, value in {**headers, "Content_Length": str(length)}.items():
            self.send_header(key.replace("_", "-"), value)
        self.end_headers()
