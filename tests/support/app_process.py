"""python app.py as a program that a test starts, and what is known of it."""

import atexit
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from proxy import Proxy

from arena.web.listening import free_port as free_port

ROOT = Path(__file__).parents[2]

UP = re.compile(r"\s*(http://127\.0\.0\.1:(\d+))\s*")
"""The line that says that the site is up."""


@dataclass
class Running:
    """python app.py, started by a test. url: as visitors see it; printed: as it says itself."""

    process: subprocess.Popen
    url: str
    db: Path
    printed: str = ""
    lines: list[str] = field(default_factory=list)
    reader: threading.Thread | None = None
    proxy: Proxy | None = None

    def health(self) -> tuple[int, dict]:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=60) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def stop(self, how: int = signal.SIGTERM, within: float = 120.0) -> int:
        self.process.send_signal(how)
        code = self.process.wait(within)
        if self.proxy is not None:
            self.proxy.close()
        self.reader.join(within)
        self.process.stdout.close()
        return code


def start(
    db: Path,
    *options: str,
    prefix: str = "",
    program: tuple[str, ...] = ("app.py",),
    port: int = 0,
) -> Running:
    """The site as its users start it, up when its last line, the URL, is printed.

    With ARENA_PREFIX=/arena in the environment all tests see it behind a proxy, under that path.
    program: what Python is told to run, where it is not app.py itself. port: where its visitors
    find it, 0 for any free one.
    """
    prefix = prefix or os.environ.get("ARENA_PREFIX", "")
    inside, outside = (0, port) if prefix else (port, 0)  # 0: the app takes what is free itself
    command = [sys.executable, *program, "--db", str(db), "--port", str(inside), *options]
    command += ["--root-path", prefix] if prefix else []
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    # A test that fails before it has stopped its site must not keep pytest waiting for it.
    atexit.register(process.kill)
    running = Running(process, "", db)
    running.reader = threading.Thread(
        target=lambda: running.lines.extend(process.stdout), daemon=True
    )
    running.reader.start()
    until = time.monotonic() + 300.0
    while time.monotonic() < until and process.poll() is None:
        if up := next(filter(None, map(UP.fullmatch, running.lines)), None):
            running.url = running.printed = up[1]
            if prefix:
                running.proxy = Proxy(prefix, int(up[2]), outside)
                running.url = running.proxy.url
            return running
        time.sleep(0.05)
    process.kill()
    raise AssertionError("the site did not come up: " + "".join(running.lines))


def lasting(before: set[threading.Thread]) -> list[str]:
    """The threads that were not there before and do not end; one that is ending takes a moment."""
    until = time.monotonic() + 60.0
    while (new := set(threading.enumerate()) - before) and time.monotonic() < until:
        time.sleep(0.02)
    return [thread.name for thread in new]
