"""A paged member on a tiny, random model: what it says, finds in its cache, and dies of."""

import asyncio
import ctypes
import logging
import re
from contextlib import asynccontextmanager, contextmanager

from counted import Counted
from generate_member import GREEDY, shown
from replies import reply

from blend.members.local.paged import Paged

HELLO = "Hello there, my dog!"
DOGS = [f"{n} dogs in the park, " * (1 + 3 * n) for n in range(16)]


def load(folder, **options):
    options = {"device": "cpu", "threads": 1} | options
    return Paged.load("tiny", str(folder), options.pop("sampling", GREEDY), **options)


@asynccontextmanager
async def opened(folder, **options):
    member = await asyncio.to_thread(load, folder, **options)
    try:
        yield Counted(member)
    finally:
        await member.aclose()


@contextmanager
def found_prefixes():
    """How many tokens each request found in a cache, as transformers logs it; no line: none."""
    found, logger = [], logging.getLogger("ContinuousBatchingLogger")
    handler, level = logging.Handler(), logger.level

    def note(record):
        if match := re.search(r"prefix match of (\d+) tokens", record.getMessage()):
            found.append(int(match[1]))

    handler.emit = note
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        yield found
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)


async def said(*asked, **how):
    return shown(await reply(*asked, **how))


def generated(folder, histories, device="cpu"):
    """What plain generate says to the same ids, for each of the histories."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    torch.set_num_threads(1)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, device_map=device)
    tokenizer, texts = AutoTokenizer.from_pretrained(folder), []
    for history in histories:
        chat = [{"role": m.role, "content": m.text} for m in history]
        ids = tokenizer.apply_chat_template(chat, add_generation_prompt=True, return_tensors="pt")
        out = model.generate(**ids.to(device), max_new_tokens=16, do_sample=False)
        new = out[0, ids["input_ids"].shape[1] :]
        texts.append(shown(tokenizer.decode(new, skip_special_tokens=True)))
    return texts


async def well_again(member):
    async with asyncio.timeout(20):
        while member.down:
            await asyncio.sleep(0.05)


def kill(member):
    """End the manager's thread from outside, without a word to anyone."""
    thread = member._page.service()._manager._generation_thread
    ctypes.pythonapi.PyThreadState_SetAsyncExc(
        ctypes.c_ulong(thread.ident), ctypes.py_object(SystemExit)
    )
