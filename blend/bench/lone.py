"""One member alone in a process of its own: what it does where no other is loaded."""

import asyncio
import contextlib
import multiprocessing
import random
from multiprocessing.connection import Connection

from blend import contender
from blend.bench.probe import LIMIT, BenchError, Rate, rate
from blend.bench.script import script
from blend.roster import BlendSpec, MemberSpec


class Lone:
    """A child process with one member. A context manager; what it measures, it measures itself."""

    def __init__(self, spec: MemberSpec, threads: int, reply: int):
        self.name = f"{spec.name}, alone in a process"
        spawn = multiprocessing.get_context("spawn")
        self._pipe, theirs = spawn.Pipe()
        self._child = spawn.Process(
            target=_serve, args=(theirs, spec, threads, reply), daemon=True, name=self.name
        )

    def __enter__(self) -> "Lone":
        self._child.start()
        self._answer()
        return self

    def __exit__(self, *error: object) -> None:
        with contextlib.suppress(OSError):
            self._pipe.send(None)
        self._child.join(10)
        if self._child.is_alive():
            self._child.kill()

    def rate(self, size: int, seconds: float) -> Rate:
        """Tokens a second of `size` conversations. Blocks; raises BenchError."""
        self._pipe.send((size, seconds))
        return self._answer()

    def _answer(self) -> object:
        try:
            if self._pipe.poll(LIMIT):
                answer = self._pipe.recv()
                if isinstance(answer, BenchError):
                    raise answer
                return answer
            raise BenchError(f"{self.name}: no answer within {LIMIT:g} s")
        except EOFError:
            raise BenchError(f"{self.name}: its process ended") from None


def _serve(pipe: Connection, spec: MemberSpec, threads: int, reply: int) -> None:
    """In the child: load, then measure whatever the parent asks for, until it says no more."""
    with contextlib.suppress(KeyboardInterrupt, EOFError):  # Ctrl-C is the parent's business
        try:
            member = contender.load(spec, threads)
        except Exception as error:  # the parent tells it
            pipe.send(BenchError(f"{spec.name}, alone in a process: {error}"))
            return
        member.ends = frozenset()
        blend = contender.assemble(BlendSpec(spec.name, (spec.name,)), {spec.name: member})
        texts = script(blend.members, reply, random.Random())
        pipe.send("ready")
        while asked := pipe.recv():
            size, seconds = asked
            try:
                pipe.send(asyncio.run(rate(blend, size, texts, reply, seconds)))
            except BenchError as error:
                pipe.send(error)
