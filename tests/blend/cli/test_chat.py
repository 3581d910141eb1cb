"""The chat in a terminal: piped for scripts, and typed at as a visitor would, Ctrl-C included."""

import os
import pty
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress

import pytest
from app_process import ROOT

ROSTER = """
title = "Two"
[[member]]
name = "ash"
engine = "scripted"
lines = ["I heard: {message}", "Two.\\u001b[31m Bell\\u0007", "<think>Hm.</think>Three."]
[[member]]
name = "slow"
engine = "scripted"
pace = 0.05
lines = ["<think>Hm. So.</think>SLOW"]
[[member]]
name = "broken"
engine = "scripted"
fails_at = 0
[[blend]]
name = "Pair"
members = ["ash", "broken"]
seed = 1
"""


@pytest.fixture
def roster(tmp_path):
    path = tmp_path / "two.toml"
    path.write_text(ROSTER.replace("SLOW", "word " * 400))
    return str(path)


def command(*options: str) -> list[str]:
    return [sys.executable, "-m", "blend", "chat", *options]


def piped(typed: str, *options: str) -> tuple[int, list[str], str]:
    done = subprocess.run(
        command(*options), cwd=ROOT, input=typed, capture_output=True, text=True, timeout=60
    )
    return done.returncode, done.stdout.splitlines(), done.stderr


def test_a_script_gets_one_line_a_reply_with_who_said_it(roster):
    code, lines, told = piped("Hi\n\nMore\nAnd\n", "--roster", roster, "--contender", "ash")

    assert (code, told) == (0, "")
    # What would steer the terminal is left out of a reply, and so are thoughts.
    assert lines == [f"ash (100%): {said}" for said in ("I heard: Hi", "Two.[31m Bell", "Three.")]


def test_a_draw_that_fails_is_drawn_anew_and_both_are_shown(roster):
    code, lines, _ = piped("Hi\n/clear\n" * 6, "--roster", roster)

    assert code == 0
    assert "broken (50%): " in lines and "ash (100%): I heard: Hi" in lines


def test_the_commands(roster):
    typed = "One|/undo|/regenerate|Two|/regenerate|/system Be brief.|/nonsense|//x|/quit|No"
    code, lines, told = piped(typed.replace("|", "\n"), "--roster", roster, "--contender", "ash")

    replies = [line.removeprefix("ash (100%): I heard: ") for line in lines[:3]]
    assert (code, replies, len(lines)) == (0, ["One", "Two", "Two"], 4)
    for sentence in ("Taken back: One", "nothing to regenerate", "persona", "/nonsense: /help"):
        assert sentence in told


@pytest.mark.parametrize(
    ("options", "code", "expected"),
    [
        (["--contender", "broken"], 1, "No reply could be given"),
        (["--roster", "nowhere"], 2, "blend chat: no roster 'nowhere'"),
        (["--contender", "oak"], 2, "no contender 'oak': choose one of Pair, ash"),
    ],
)
def test_what_fails_in_a_script_is_told_by_an_exit_code_and_a_line(roster, options, code, expected):
    given, _, told = piped("Hi\n", "--roster", roster, *options)
    assert (given, told.count("\n")) == (code, 3 - code) and expected in told


class Typist:
    """The program on a terminal of its own."""

    def __init__(self, *options: str):
        self.screen, theirs = pty.openpty()
        self.process = subprocess.Popen(
            command(*options),
            cwd=ROOT,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            env=os.environ | {"TERM": "dumb"},
        )
        os.close(theirs)
        self.seen = ""

    def until(self, text: str, within: float = 30.0) -> None:
        end = time.monotonic() + within
        while text not in self.seen:
            assert time.monotonic() < end, self.seen
            if not select.select([self.screen], [], [], 0.5)[0]:
                continue
            try:
                self.seen += os.read(self.screen, 4096).decode()
            except OSError:  # the other side has closed
                assert text in self.seen, self.seen

    def type(self, text: str) -> None:
        self.seen = ""
        os.write(self.screen, text.encode())

    def interrupt(self, text: str) -> None:
        """Ctrl-C until that is seen: one that comes just before the prompt waits is lost."""
        self.seen = ""
        for _ in range(20):
            self.process.send_signal(signal.SIGINT)
            with suppress(AssertionError):
                return self.until(text, within=1.0)
        raise AssertionError(self.seen)

    def leave(self) -> int:
        """Ctrl-D until it ends: a terminal drops one that comes just before the prompt waits."""
        try:
            for _ in range(60):
                with suppress(OSError):  # it has just ended
                    self.type("\x04")
                with suppress(subprocess.TimeoutExpired):
                    return self.process.wait(1)
            raise AssertionError(self.seen)
        finally:
            self.process.kill()
            self.process.wait()
            os.close(self.screen)


def test_control_c_stops_the_reply_and_control_d_ends_the_program(roster):
    typist = Typist("--roster", roster, "--contender", "slow")
    typist.until("> ")
    typist.type("Hi\n")
    typist.until("thinking… word word")
    assert "Hm." not in typist.seen
    typist.interrupt("(stopped)")
    typist.until("> ")
    typist.interrupt("Ctrl-D or /quit ends")
    typist.type("/undo\n")
    typist.until("Taken back: Hi")

    assert typist.leave() == 0


def test_a_model_that_ships_answers_in_colour():
    typist = Typist("--contender", "smalltalk", "--system", "I have three parrots.")
    typist.until("> ")
    typist.type("Do you have any pets?\n")
    typist.until("\x1b[1;38;2;")
    typist.until("(100%)\x1b[0m: ")
    typist.until("\n> ")

    assert typist.leave() == 0
