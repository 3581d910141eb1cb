"""Best of n over a member of many lines: its judges, and what it replies."""

import asyncio

from blend.conversation import Usage
from blend.members import MemberDown, MemberError, Piece, Sampling
from blend.members.best_of import BestOf

WARM = Sampling(temperature=1.0, max_tokens=24)
LINES = ["one", "one two three", "one two"]


class Longest:
    """A judge that likes long replies."""

    digest = "longest"

    def __init__(self):
        self.judged = []

    def scores(self, history, replies):
        self.judged.append((tuple(history), tuple(replies)))
        return [float(len(reply)) for reply in replies]


class Broken(Longest):
    def scores(self, history, replies):
        raise RuntimeError("out of memory")


class Lost(Longest):
    def scores(self, history, replies):
        return [float("nan") if reply != "one" else -3.0 for reply in replies]


class Many:
    """Says another line to each request. fails: after how many words the nth request does."""

    name, sampling, honours = "many", WARM, frozenset({"temperature", "seed"})

    def __init__(self, lines=LINES, pace=0.0, fails=()):
        self.lines, self.pace, self.fails = lines, pace, dict(fails)
        self.asked, self.warmed, self.running, self.peak, self.down = [], [], 0, 0, None

    def measure(self, messages, max_tokens):
        return None

    async def warm(self, messages):
        self.warmed.append(tuple(messages))

    async def stream(self, messages, sampling, scope=""):
        if self.down:
            raise MemberDown(self.name, self.down)
        number = len(self.asked)
        self.asked.append(sampling)
        self.running += 1
        self.peak = max(self.peak, self.running)
        try:
            words = self.lines[number % len(self.lines)].split(" ")
            for n, word in enumerate(words):
                await asyncio.sleep(self.pace)
                if n == self.fails.get(number):
                    raise MemberError(self.name, "it broke")
                finish = "stop" if n + 1 == len(words) else ""
                yield Piece(word if n == 0 else f" {word}", Usage(7, 5, n + 1, 2, finish))
        finally:
            self.running -= 1

    async def aclose(self):
        self.down = "it was closed"


def best(member, n=3, judge=None):
    return BestOf(member, judge or Longest(), n, "d")
