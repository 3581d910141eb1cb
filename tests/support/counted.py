"""A member that counts its replies under way."""

from contextlib import aclosing


class Counted:
    """Another member, and how many of its replies stream or wait: now, and at most so far."""

    def __init__(self, member):
        self.running = self.peak = 0
        self._member = member

    def __getattr__(self, name):
        return getattr(self._member, name)

    async def stream(self, *asked):
        self.running += 1
        self.peak = max(self.peak, self.running)
        try:
            async with aclosing(self._member.stream(*asked)) as pieces:
                async for piece in pieces:
                    yield piece
        finally:
            self.running -= 1
