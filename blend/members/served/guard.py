"""Runs a command for as long as the program that started this lives.

A script of its own: `python -IS guard.py COMMAND…`, its stdin a pipe that the program holds open.
The system closes the pipe even where the program was killed.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress

GRACE = 5.0
"""Seconds in which the command must end after it was asked to."""


def main(command: list[str]) -> int:
    """The command's exit code, 128 and the signal's number where one ended it."""
    try:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    except (OSError, ValueError) as error:
        print(f"cannot start {command[0]}: {getattr(error, 'strerror', None) or error}", flush=True)
        return 127
    threading.Thread(target=_end_with_parent, args=(child.pid,), daemon=True).start()
    code = child.wait()
    _kill(child.pid, signal.SIGKILL)  # what it started and left behind
    return code if code >= 0 else 128 - code


def _end_with_parent(group: int) -> None:
    while os.read(0, 4096):
        pass
    _kill(group, signal.SIGTERM)
    _kill(group, signal.SIGCONT)  # one that was stopped would not hear of it
    time.sleep(GRACE)
    _kill(group, signal.SIGKILL)


def _kill(group: int, how: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):  # macOS says the latter of a zombie
        os.killpg(group, how)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
