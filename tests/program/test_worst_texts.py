"""No text takes long, whatever it holds: every function that reads one, at the longest length."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial

import pytest
from worst_texts import seconds, texts

from arena.api import completion_request, errors
from arena.battle import share_text
from arena.battle.identity_leak import family_names, find_identity_leak
from arena.battle.names import folded
from arena.battle.state import BattleView
from arena.categories.tagger import Tagger
from arena.csv_cells import escape_cell, unescape_cell
from arena.db.repositories.erasure import pseudonym, seal_prompt_hash
from arena.db.turn_features import features, language, prompt_hash
from arena.exchange.language import language_code
from arena.exchange.transcript import read_transcript
from arena.exchange.vote_row import normalize_name
from arena.models import Contender, Reveal
from arena.pages import markup
from arena.pages.appearance import transcript
from arena.site.identity import is_visitor_id
from arena.texts import ENGLISH
from blend.conversation import LONGEST_REPLY, Conversation, Turn
from blend.evaluation.diversity import MEASURES
from blend.evaluation.reply_statistics import measure
from blend.members import Sampling
from blend.members.remote.errors import error_text, from_status
from blend.members.remote.request import RemoteRequest
from blend.members.reply import Characters
from blend.message import LONGEST_MESSAGE, MessageError, clean_message
from blend.policies.features import HistoryFeatures
from blend.policies.hashing import HashedNgrams
from blend.prompt.chat_template import PLACEHOLDERS
from blend.prompt.detokenizer import StreamDetokenizer
from blend.roster import read

LIMIT = 0.05
"""Seconds of the processor that one function may take for any text."""

SMALL = family_names(read("small"), "Blended", "qwen3")
EMBEDDED = family_names(read("embedded"), "Blended", "mixed")
OWN = Tagger({"own": ("recipe", "bak*", "a* b* c*", "how do i cook")})
TRAITS = HistoryFeatures(HashedNgrams(1024), ("a", "b"))


def talk(prompt: str, reply: str) -> Conversation:
    return Conversation(turns=(Turn(prompt, reply, finished=True), Turn(prompt)))


def check(text: str) -> None:
    with suppress(MessageError):
        clean_message(text)


def shared(prompt: str, reply: str) -> str:
    named = Contender("1", "a", {})
    both = {side: talk(prompt, reply) for side in ("left", "right")}
    reveal = Reveal(named, named, "left", True, "")
    return share_text.battle_text(BattleView("b", "v", {}, both, "voted", reveal=reveal), "Title")


def request(text: str) -> None:
    body = {"model": "m", "messages": [{"role": "user", "content": text}], "stop": [text]}
    with suppress(errors.ApiError):
        completion_request.parse_request(body, LONGEST_MESSAGE)


def imported(text: str) -> None:
    messages = [{"role": "user", "content": text}, {"role": "assistant", "content": text}]
    read_transcript(messages, None)


OF_A_MESSAGE: dict[str, Callable[[str], object]] = {
    "check": check,
    "request of a program": request,
    "name of a language": language_code,
    "name of a column": normalize_name,
    "features": lambda text: features(text, "Hi"),
    "language": language,
    "prompt hash": prompt_hash,
    "tags": OWN.judge,
    "leak of what was heard": lambda text: find_identity_leak(["Hi"], SMALL, [text]),
    "traits": lambda text: TRAITS.row(talk(text, "Hi")),
    "share": lambda text: shared(text, "Hi"),
    "transcript": lambda text: transcript(talk(text, "Hi").turns, ENGLISH),
    "speech": lambda text: measure(talk(text, "Hi"), "x"),
    "id": is_visitor_id,
    "hashes": lambda text: seal_prompt_hash(pseudonym(text), text),
}
OF_A_REPLY: dict[str, Callable[[str], object]] = {
    "leak": lambda text: find_identity_leak([text], SMALL),
    "leak of ordinary words": lambda text: find_identity_leak([text], EMBEDDED),
    "folded": folded,
    "features": lambda text: features("Hi", text),
    "traits": lambda text: TRAITS.row(talk("Hi", text)),
    "share": lambda text: shared("Hi", text),
    "transcript": lambda text: transcript(talk("Hi", text).turns, ENGLISH),
    "speech": lambda text: measure(talk("Hi", text), "x"),
    **{name: lambda text, of=of: of(text, text[::-1]) for name, of in MEASURES.items()},
    "characters": lambda text: Characters().add(text),
    "body": lambda text: RemoteRequest.fit(
        talk("Hi", text).messages(), Sampling(), 9, 999, "", False
    ).body("m"),
    "sentence of an error": lambda text: error_text({"error": {"message": text}}),
    "error of a server": lambda text: from_status(500, text, {}),
    "imported conversation": imported,
    "spreadsheet cell": lambda text: escape_cell(unescape_cell(text)),
    "places in a prompt": lambda text: list(PLACEHOLDERS.finditer(text)),
}


CASES = {f"{name} of a message": (read, LONGEST_MESSAGE) for name, read in OF_A_MESSAGE.items()}
CASES |= {f"{name} of a reply": (read, LONGEST_REPLY) for name, read in OF_A_REPLY.items()}
CASES["Markdown of a reply"] = (markup.reply, markup.LONGEST)
TEXTS = {length: texts(length) for length in (LONGEST_MESSAGE, LONGEST_REPLY, markup.LONGEST)}


@pytest.mark.parametrize(("read", "length"), CASES.values(), ids=CASES)
def test_the_worst_text_at_the_longest_length_is_read_at_once_or_in_linear_time(read, length):
    took = {name: seconds(partial(read, text), LIMIT) for name, text in TEXTS[length].items()}
    slow = {name: s for name, s in took.items() if s >= LIMIT}
    # A slow machine is no fault: then a text four times as long may take four times as long.
    short = texts(length // 4) if slow else {}
    assert [n for n, s in slow.items() if s >= 8 * seconds(partial(read, short[n]), 0.0)] == []


STREAMS = {
    "lost signs": ("\ufffd", ()),
    "line ends": ("\n", ("\nUser:",)),
    "the beginning of a stop string": ("a", ("a" * 2_000 + "b",)),
    "joined emoji": ("\U0001f469\u200d", ("\U0001f469" * 9,)),
}


@pytest.mark.parametrize(("piece", "stop"), STREAMS.values(), ids=STREAMS)
def test_each_piece_of_a_long_stream_costs_as_much_as_the_one_before(piece, stop):
    def stream(count: int) -> None:
        text = StreamDetokenizer("".join, stop)
        for _ in range(count):
            text.add([piece])
        text.end()

    short, long = (seconds(partial(stream, count), 0.0) for count in (4_000, 16_000))
    assert long < 8 * short
