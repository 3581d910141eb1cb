"""A chat template: the Jinja text that lays a conversation out for one model.

It is rendered over placeholders: what people say never meets it. It may take variables from the
roster (the names of the speakers, say), and name the strings that end a reply, as in
`{% set stop = ["\\nYou:"] %}`.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import MappingProxyType

from jinja2 import TemplateError, TemplateSyntaxError

from blend.errors import MemberError
from blend.message import Message
from blend.prompt import jinja
from blend.prompt.thinking_switch import reads_variable, thinking_variable
from blend.prompt.turns import fold_system

SHIPPED = Path(__file__).parents[2] / "assets" / "templates"

# Private-use characters: no template writes them, and no filter for case or space touches them.
# A run of spaces is looked at once: with no content after it, it would take its length squared.
PLACEHOLDER = "\ue000{}\ue001"
PLACEHOLDERS = re.compile("(?<! )( *)\ue000(\\d+)\ue001")

EMPTY = Message("system", "")
"""In place of a system text that nobody gave; the template sees a text there, and we write none."""
QUESTION = [Message("user", "u")]
ONE_TURN = [*QUESTION, Message("assistant", "a")]
NEXT_QUESTION = [*ONE_TURN, Message("user", "u")]


class ChatTemplate:
    """One member's chat template, checked: what it would drop is known before anybody speaks.

    stop: the strings that end a reply. opening: the template's own text that opens a reply. A
    template that refuses or drops a system message gets its text at the head of the first message.
    own_system: keep the system text that the template brings along where nobody gave one ("You are
    ..., made by ..."). thinking: whether it is asked for thoughts; None leaves it as it is.
    """

    def __init__(
        self,
        member: str,
        chat: str | None,
        special_tokens: Mapping[str, str] | None = None,
        variables: Mapping[str, object] | None = None,
        own_system: bool = False,
        thinking: bool | None = None,
    ):
        self.member = member
        if not chat:
            shipped = ", ".join(sorted(file.stem for file in SHIPPED.glob("*.jinja")))
            mend = f"give it a `template` in the roster, a .jinja file or one of {shipped}"
            raise MemberError(member, f"its tokenizer has no chat template: {mend}")
        self.chat = chat
        self._variables = {**(special_tokens or {}), **(variables or {})}
        for name in variables or {}:
            if not reads_variable(chat, name):
                raise MemberError(member, f"its chat template has no variable {name!r}: remove it")
        if thinking is not None:
            self._variables |= thinking_variable(
                member, chat, partial(self._render, QUESTION, True, ""), thinking
            )
        self._takes_system = False
        self._refuse_what_loses_words()
        self._takes_system = self._writes_first(Message("system", "s"), *QUESTION)
        self._answers_system = self._takes_system and self._writes_first(Message("system", "s"))
        self.empties_system = not own_system and self._takes_system and self._brings_system()
        self.stop = self._stop()
        opened, closed = ([*self.pieces(QUESTION, answer)][-1][0] for answer in (True, False))
        self.opening = opened.removeprefix(closed) or opened

    @property
    def own(self) -> list[str]:
        """Its own texts around messages of all kinds, and where nobody gave a system text."""
        talks = (NEXT_QUESTION, [Message("system", "s"), *NEXT_QUESTION])
        return [own for talk in talks for own, _ in self.pieces(talk, True)]

    def pieces(self, messages: Sequence[Message], answer: bool) -> Iterator[tuple[str, str]]:
        """Pairs of the template's own text and the content after it, which is empty in the last.

        answer: open the reply at the end. Raises MemberError where the template refuses.
        """
        for own, content, _ in self._pieces(self._as_taken(messages, answer), answer):
            yield own, content

    def pieces_before_next(self, messages: Sequence[Message]) -> list[tuple[str, str]]:
        """The pieces of a finished conversation with which any prompt that goes on begins.

        A template may write the last reply otherwise than one with a message after it.
        """
        messages = self._as_taken([*messages, QUESTION[0]], True)
        pieces: list[tuple[str, str]] = []
        for own, content, place in self._pieces(messages, True):
            if place == len(messages) - 1:
                return [*pieces, (own + content[: -len(QUESTION[0].text)], "")]
            pieces.append((own, content))
        return pieces

    def pieces_of_begun(self, messages: Sequence[Message]) -> list[tuple[str, str]]:
        """The pieces up to the last content, which is the beginning of a reply.

        Lines that it ends are ended; a space at its end is left to the word that comes next.
        """
        if self._misses_a_user(messages):
            messages = fold_system(messages)
        *before, (own, content) = [*self.pieces(messages, False)][:-1]
        text = messages[-1].text
        tail = text[len(text.rstrip()) :]
        return [*before, (own, content + (tail if "\n" in tail else ""))]

    def _as_taken(self, messages: Sequence[Message], answer: bool) -> Sequence[Message]:
        """The messages as this template takes them."""
        kept = [m for m in messages if m.role != "system" or m.text.strip()] or messages
        if not self._takes_system or (answer and self._misses_a_user(kept)):
            return fold_system(kept)
        if self.empties_system and not any(message.role == "system" for message in kept):
            return [EMPTY, *kept]
        return kept

    def _misses_a_user(self, messages: Sequence[Message]) -> bool:
        """Whether nothing but the system message is to be answered, and the template cannot."""
        return not (self._answers_system or any(message.role == "user" for message in messages))

    def _pieces(
        self, messages: Sequence[Message], answer: bool
    ) -> Iterator[tuple[str, str, int | None]]:
        """The template's own text, the content after it, and which message that is of."""
        at, rendered = 0, self._render(messages, answer)
        for match in PLACEHOLDERS.finditer(rendered):
            place = int(match[2])
            # Spaces before a content belong to its first word, as they would in the whole text.
            yield rendered[at : match.start()], match[1] + messages[place].text.strip(), place
            at = match.end()
        yield rendered[at:], "", None

    def _render(
        self,
        messages: Sequence[Message],
        answer: bool,
        after: str = "",
        variables: Mapping[str, object] = MappingProxyType({}),
    ) -> str:
        entries = []
        for place, message in enumerate(messages):
            # The outer white space goes through the template, which may trim it.
            core = message.text.strip()
            lead, _, tail = message.text.partition(core) if core else (message.text, "", "")
            placeholder = PLACEHOLDER.format(place) if core or message is EMPTY else ""
            entries.append({"role": message.role, "content": lead + placeholder + tail})
        try:
            known = {**self._variables, **variables}
            return jinja.render(self.chat + after, entries, answer, known)
        except TemplateSyntaxError as error:
            reason = f"its chat template is not Jinja: line {error.lineno}: {error.message}"
            raise MemberError(self.member, reason) from error
        except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError) as error:
            reason = f"its chat template refuses the conversation: {error}"
            raise MemberError(self.member, reason) from error

    def _refuse_what_loses_words(self) -> None:
        """Raise MemberError for a template that drops a message, or opens no reply."""
        rendered = self._render(NEXT_QUESTION, True)
        for place, message in enumerate(NEXT_QUESTION):
            if PLACEHOLDER.format(place) not in rendered:
                whose = "what the user says" if message.role == "user" else "earlier replies"
                raise MemberError(self.member, f"its chat template drops {whose}")
        opening = rendered.rpartition(PLACEHOLDER.format(2))[2].strip()
        after_reply = rendered.partition(PLACEHOLDER.format(1))[2]
        between = after_reply.partition(PLACEHOLDER.format(2))[0].strip()
        # One that always opens the reply may leave more to the model than to the flag; but what
        # also stands after a reply only ends a message.
        if rendered == self._render(NEXT_QUESTION, False) and between.startswith(opening):
            reason = "its chat template opens no reply: let it heed add_generation_prompt"
            raise MemberError(self.member, reason)

    def _writes_first(self, *messages: Message) -> bool:
        """Whether the first of the messages is written where the last one is answered."""
        try:
            return PLACEHOLDER.format(0) in self._render(messages, True)
        except MemberError:
            return False

    def _brings_system(self) -> bool:
        """Whether it writes words of its own that an empty system message keeps out."""
        try:
            empty, own = self._render([EMPTY, *QUESTION], True), self._render(QUESTION, True)
        except MemberError:
            return False
        words, left = (Counter(re.findall(r"\w+", PLACEHOLDERS.sub(" ", r))) for r in (own, empty))
        return PLACEHOLDER.format(1) in empty and not words <= left

    def _stop(self) -> tuple[str, ...]:
        if not re.search(r"\bset\s+stop\b", self.chat):
            return ()
        mark = "\ue003"
        rendered = self._render(QUESTION, True, f"{mark}{{{{ stop | default([]) | tojson }}}}")
        stop = json.loads(rendered.rpartition(mark)[2])
        if not isinstance(stop, list) or not all(isinstance(s, str) and s for s in stop):
            raise MemberError(self.member, f"its chat template sets stop to {stop!r}, not to texts")
        return tuple(stop)
