"""A member that plays the visitor: it reads the conversation with the roles exchanged."""

from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace

from blend.members import Member
from blend.members.reply import stream_reply
from blend.message import LONGEST_MESSAGE, Message, MessageError, clean_message

SYSTEM = (
    "You are a person who chats with an assistant. Write the person's next message:"
    " one or two short sentences, a question or a remark. Never answer as the assistant."
)
BEGIN = "Hello! What would you like to talk about?"
"""The assistant's words before the first message: a template mostly wants a user to begin."""

OTHER: dict[str, str] = {"user": "assistant", "assistant": "user"}


async def next_message(member: Member, conversation: Sequence[Message], seed: int) -> str:
    """The first paragraph that the member writes; empty where it says nothing that may be sent.

    Raises MemberError. seed: of its sampling, where the member honours one.
    """
    sampling = member.sampling
    if "seed" in member.honours:
        sampling = replace(sampling, seed=seed)
    turned = [Message(OTHER[m.role], m.text) for m in conversation if m.role in OTHER]
    asked = (Message("system", SYSTEM), Message("user", BEGIN), *turned)
    async with aclosing(stream_reply(member, asked, sampling)) as pieces:
        text = "".join([piece async for piece in pieces])
    paragraph = next((part for part in text.split("\n") if part.strip()), "")
    try:
        return clean_message(paragraph[:LONGEST_MESSAGE])
    except MessageError:
        return ""
