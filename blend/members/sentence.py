"""One sentence of a reply: where it ends, and how the next writer's words join it.

An end is known by what was written, never by what would come next. A member that is stopped there
has not chosen yet whether to go on, so copies of one member that are drawn anew for every sentence
write what that member writes alone. Where the end is not sure by then ("3." may become "3.5"), the
sentence goes on: nothing is lost by a longer one.
"""

import re
import unicodedata
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace

from blend.conversation import LONGEST_REPLY, Usage
from blend.members import Member, Piece, Sampling
from blend.members.reply import stream_reply
from blend.message import Message, beginning

CUT = "sentence"
"""The `finish` of the last piece of a sentence that was stopped at its end."""

CLOSERS = "\"'”’»)\\]}*_~`」』】）"
END = re.compile(
    rf"[。！？｡][{CLOSERS}]*\s*"  # no white space need follow
    rf"|(?P<mark>[.!?…؟۔।॥։]+)[{CLOSERS}]*(?:[ \t]*\n\s*|(?=\s|\Z))"
    r"|[ \t]*\n\s*"
)
"""What may end a sentence: a mark with what closes after it, or the end of a line."""
PAIRS = ("()", "[]", "“”", "«»", "「」", "『』", "（）")
EVEN = ('"', "**", "`")
"""Signs that open and close; between the two no sentence ends before its line does."""
FENCE = "```"
ABBREVIATIONS = frozenset({
    "abs", "approx", "art", "bzw", "ca", "cf", "dept", "dr", "ed", "eds", "eq", "est", "etc",
    "evtl", "fig", "figs", "ggf", "gen", "inc", "inkl", "jr", "lt", "ltd", "max", "min", "mme",
    "mr", "mrs", "ms", "mt", "nr", "pp", "prof", "resp", "rev", "sec", "sen", "sgt", "sr",
    "sra", "st", "str", "ud", "usw", "vgl", "vol", "vs",
})  # fmt: skip
LONGEST_END = 80
"""Characters that are looked at again with every piece: longer than any end."""


def sentence_end(text: str, start: int = 0, seen: int = 0) -> int | None:
    """Where the sentence that begins at `start` ends, with the white space that is its own.

    Only ends after `seen` are looked for: before it there was none. Blocks of code end with the
    line of their closing fence, lists and headings with each line, CJK text at its own marks. Text
    without any of these has no end.
    """
    for match in END.finditer(text, max(start, seen - LONGEST_END)):
        if match.end() > seen and _is_end(text[start : match.end()], match):
            return match.end()
    return None


def _is_end(sentence: str, match: re.Match) -> bool:
    if not re.search(r"\w", sentence) or sentence.count(FENCE) % 2:
        return False
    if "\n" in match[0] or not match["mark"]:
        return True
    if any(sentence.count(sign) % 2 for sign in EVEN):
        return False
    if any(sentence.count(opens) > sentence.count(closes) for opens, closes in PAIRS):
        return False
    before = sentence[: len(sentence) - len(match[0])]
    return match["mark"] != "." or not _takes_a_full_stop(re.search(r"[\w.'’-]*\Z", before)[0])


def _takes_a_full_stop(word: str) -> bool:
    """Whether a full stop after the word may be a part of it: 3.5, 1., J., U.S., e.g., Dr."""
    return (
        word[-1:].isdigit()
        or len(word) == 1
        or "." in word.strip(".")
        or word.lower() in ABBREVIATIONS
    )


def joined(before: str, after: str) -> str:
    """The first words of the next sentence, as they follow `before`.

    Servers and tokenizers differ in who writes the white space between two sentences: no space is
    lost or doubled here, and there is one empty line at most. Anything else stays as it was
    written: a line's indentation, and small letters, since "example." may go on with "com".
    """
    if before.endswith("\n"):
        lines = after.lstrip("\n")
        return "\n" + lines if lines != after and not before.endswith("\n\n") else lines
    if before[-1:].isspace():
        return after.lstrip(" ")
    first = after[:1]
    wide = unicodedata.east_asian_width(first) in ("W", "F") if first else True
    return f" {after}" if before and first.isalnum() and not first.islower() and not wide else after


async def stream_sentence(
    member: Member,
    messages: Sequence[Message],
    sampling: Sampling,
    scope: str = "",
    follows: bool = False,
    written: int = 0,
) -> AsyncGenerator[Piece, None]:
    """The next sentence of a reply by one member, or all that is left where it ends the reply.

    messages: as for `stream_reply`; follows: whether they end with sentences of the same reply.
    written: tokens of these, which `max_tokens` includes. The last piece has the finish CUT where
    the sentence was stopped at its end. Of a piece that goes on after that (some servers send
    several tokens at once) the rest is dropped. Raises as `stream_reply` does.
    """
    if written >= sampling.max_tokens:
        yield Piece("", Usage(finish="length"))
        return
    text = beginning(messages)
    start = len(text) if follows else 0
    settings = replace(sampling, max_tokens=sampling.max_tokens - written)
    reply = stream_reply(member, messages, settings, scope, LONGEST_REPLY - start)
    async with aclosing(reply) as pieces:
        async for piece in pieces:
            opens = follows and not text[start:].strip()
            words = joined(text, piece) if opens else str(piece)
            seen, text = len(text), text + words
            end = sentence_end(text, start, seen)
            if end is not None and not (piece.usage.finish and end == len(text)):
                yield Piece(text[seen:end], replace(piece.usage, finish=CUT), piece.thought)
                return
            yield Piece(words, piece.usage, piece.thought)
