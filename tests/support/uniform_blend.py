"""A blend that draws evenly, and what it replies."""

import asyncio
import random

from blend.conversation import Conversation
from blend.engine import Blend
from blend.policies.policy import Uniform

HELLO = Conversation().ask("Hi")


def blend(*members, seed=None, **options) -> Blend:
    return Blend("Blended", members, Uniform(), random.Random(seed), **options)


def talk(made: Blend, conversation: Conversation = HELLO, **options):
    async def run():
        return [turn async for turn in made.reply(conversation, **options)]

    return asyncio.run(run())
