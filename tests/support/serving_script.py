"""A server of OpenAI's API as a command: `python serving_script.py PORT KEY [JOURNAL [SECONDS]]`.

It needs SECONDS to start. JOURNAL: a file that is told when it was started and when it was ready.
"""

import json
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORT, KEY, JOURNAL, SECONDS = (sys.argv[1:] + ["", "0"][len(sys.argv) - 3 :])[:4]


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer([json.dumps({"object": "list", "data": [{"id": "m", "object": "model"}]})])

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        choice = {"index": 0, "delta": {"content": "Hello"}, "finish_reason": None}
        end = {"index": 0, "delta": {}, "finish_reason": "stop"}
        chunks = [
            {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": c}
            for c in ([choice], [end])
        ]
        self.answer([f"data: {json.dumps(c)}\n\n" for c in chunks] + ["data: [DONE]\n\n"])

    def answer(self, parts):
        right = self.headers["authorization"] == f"Bearer {KEY}"
        self.send_response(200 if right else 401)
        self.send_header(
            "content-type", "text/event-stream" if len(parts) > 1 else "application/json"
        )
        self.end_headers()
        if right:
            self.wfile.write("".join(parts).encode())

    def log_message(self, *_):
        pass


def note(what):
    if JOURNAL:
        with open(JOURNAL, "a", encoding="utf-8") as journal:
            journal.write(f"{what} {PORT} {time.time()}\n")


note("starts")
time.sleep(float(SECONDS))
server = ThreadingHTTPServer(("127.0.0.1", int(PORT)), Handler)
note("ready")
server.serve_forever()
