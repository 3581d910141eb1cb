"""The variable by which a chat template is asked for thoughts before a reply, or for none."""

import re
from collections.abc import Callable, Mapping

from blend.errors import MemberError

SWITCHES = (
    ("enable_thinking", False, True),  # Qwen, SmolLM, GLM, Hunyuan, EXAONE, Nemotron, Gemma 4
    ("thinking", False, True),  # Granite, DeepSeek, Kimi
    ("thinking_budget", 0, -1),  # Seed-OSS
    ("reasoning", False, True),  # Command A
    ("reasoning_effort", "low", "medium"),  # gpt-oss, which can do with little but not without
    ("reasoning_effort", "none", "high"),  # Mistral
)
"""The variables by which templates are asked for no thoughts, or for some."""


def reads_variable(chat: str, name: str) -> bool:
    """Whether a chat template reads a variable of that name."""
    return bool(re.search(rf"\b{re.escape(name)}\b", chat))


def thinking_variable(
    member: str, chat: str, render: Callable[[Mapping[str, object]], str], thinking: bool
) -> dict[str, object]:
    """The variable that makes a difference to the template, with the value that is wanted.

    render: the template's text with one more variable. Raises MemberError where there is none.
    """
    refusal = "its chat template has no switch for thoughts: remove `thinking`"
    for name, *both in SWITCHES:
        if reads_variable(chat, name):
            try:
                off, on = (render({name: value}) for value in both)
            except MemberError as error:
                refusal = error.reason
                continue
            if off != on:
                return {name: both[thinking]}
    raise MemberError(member, refusal)
