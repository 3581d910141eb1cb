"""The way to write and read a conversation with a tokenizer of transformers."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from blend.errors import MemberError
from blend.message import Message
from blend.prompt.chat_template import ChatTemplate
from blend.prompt.encoder import Encoder
from blend.prompt.template import Template
from blend.prompt.transformers_vocabulary import TransformersVocabulary

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


class TransformersTemplate(Template):
    """A Template that also reads back the ids which its model writes.

    chat: a Jinja chat template to use in place of the tokenizer's own. variables: what it is told
    beside the conversation. own_system, thinking: see `ChatTemplate`.
    """

    def __init__(
        self,
        member: str,
        tokenizer: "PreTrainedTokenizerBase",
        window: int,
        chat: str | None = None,
        variables: Mapping[str, object] | None = None,
        own_system: bool = False,
        thinking: bool | None = None,
    ):
        self.tokenizer = tokenizer
        special = tokenizer.special_tokens_map
        own = chat or _own(tokenizer)
        layout = ChatTemplate(member, own, special, variables, own_system, thinking)
        try:
            self._vocabulary = TransformersVocabulary(tokenizer, layout.chat)
        except TypeError as error:
            reason = f'its tokenizer cannot be used: {error}; run it on a server: engine = "remote"'
            raise MemberError(member, reason) from None
        super().__init__(member, Encoder(self._vocabulary), layout, window)
        self._around_replies = self._markers_around_replies()

    def decode(self, ids: Sequence[int]) -> str:
        """The text of ids; special tokens and markers that frame a reply are left out."""
        return self._vocabulary.decode(ids, self._around_replies)

    def _markers_around_replies(self) -> frozenset[int]:
        """The control tokens that the template writes next to a reply, and the model by itself."""
        asked, answered = ([Message("user", "?"), Message("assistant", "!")][:n] for n in (1, 2))
        *_, (opened, _) = self._layout.pieces(asked, True)
        *_, (own, _), (after, _) = self._layout.pieces(answered, False)
        found = self._encoder.encode([(after, "")])
        before = self.control.intersection(self._encoder.encode([(own.removeprefix(opened), "")]))
        # One alone frames a reply; several, as around thoughts, are a text of the model's own.
        return self.control.intersection(found) | (before if len(before) == 1 else set())


def _own(tokenizer: "PreTrainedTokenizerBase") -> str | None:
    """The tokenizer's own chat template; of several, that for plain talk."""
    chat = tokenizer.chat_template
    return chat.get("default") if isinstance(chat, dict) else chat
