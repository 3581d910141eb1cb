"""What of the votes may be published: by consent first, then by the search for personal data."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain

from arena.db.repositories.votes.judgements import ConversationText, JudgedReply
from arena.exchange.datasets.card import markdown_table
from arena.exchange.datasets.forms import Judged
from arena.exchange.datasets.left_out import NO_TEXTS
from arena.exchange.personal_data import PersonalData, PersonalDataFinder, replaced

NOT_OFFERED = "it may not be published: it began where the page did not offer that, or was refused"
KEPT_PRIVATE = "its visitor keeps all conversations private"
MARKED = "its visitor says that something private is in it"
FOUND = "personal data was found in it"

CONSENT = (
    "Before their first message visitors could read that conversations may be published without"
    " their names, and could keep theirs private. Not in this version: conversations that began"
    " before the site said so, those of visitors who keep theirs private, those that were marked"
    " after the vote as holding something private, and those that were deleted."
)
VERSIONS = (
    "Each version has a tag: v1, v2 and so on. What a visitor deletes or keeps private is missing"
    " from the next version on; please use the newest."
)
UNCHECKED = (
    "**The texts were not searched for personal data.** They can name people who never agreed."
)

REMEMBERED = 4096
"""Texts whose findings are remembered: both sides of a battle have the same messages, and each form
asks again."""


@dataclass(slots=True)
class PublicationFilter:
    """An `Allow` for `export_dataset`. finder: None where texts are not searched. mask: findings
    are replaced, and not a reason to hold the whole conversation back.

    conversations: the ids of all that may leave, of some of which a form may have no row. judged:
    the ids of these votes and replies. found: findings by kind, of each battle or chat with any.
    """

    finder: PersonalDataFinder | None
    mask: bool = False
    conversations: set[str] = field(default_factory=set)
    judged: dict[str, None] = field(default_factory=dict)
    found: dict[str, Counter[str]] = field(default_factory=dict)
    _find: Callable[[str], list[PersonalData]] = field(init=False)

    def __post_init__(self) -> None:
        find = self.finder.find if self.finder is not None else lambda text: []
        self._find = lru_cache(REMEMBERED)(find)

    def __call__(self, judged: Judged) -> Judged | str:
        """It as it may leave, or why it stays."""
        if why := _refusal(judged.texts):
            return why
        id, key = judged[0], judged[0]
        if isinstance(judged, JudgedReply):
            key = judged.texts[0].id  # several thumbs of a chat are about the same words
        findings = self._findings(judged.texts)
        if findings:
            kinds = Counter(each.kind for found in findings.values() for each in found)
            self.found[key] = self.found.get(key, Counter()) | kinds
            if not self.mask:
                return FOUND
        self.conversations |= {text.id for text in judged.texts}
        self.judged[id] = None
        return judged._replace(texts=tuple(_masked(text, findings) for text in judged.texts))

    @property
    def kinds(self) -> Counter[str]:
        """How often each kind of personal data was found, each text once for a battle or chat."""
        return sum(self.found.values(), Counter())

    def summary(self) -> str:
        """What the search came to, by number and never by word, in a line."""
        if self.finder is None:
            return "personal data: not looked for (--unchecked), which the card tells"
        kinds = ", ".join(f"{n:,} {kind}" for kind, n in self.kinds.most_common()) or "none found"
        became = "replaced" if self.mask else "held back"
        where = f" in {len(self.found):,} battles or chats, {became}" if self.found else ""
        return f"personal data: {kinds}{where}; {self._names('--names')}"

    def remarks(self) -> Iterator[str]:
        """Paragraphs for the card, once all is written."""
        yield "## How it was published"
        yield CONSENT
        if self.finder is None:
            yield UNCHECKED
        else:
            became = (
                "each finding is replaced by a placeholder, such as `<EMAIL_ADDRESS>`"
                if self.mask
                else "a battle or chat with a finding is left out whole"
            )
            yield (
                "Presidio searched the texts for personal data, by patterns and check digits;"
                f" {became}. {self._names().capitalize()}. No search finds everything."
            )
            if self.found:
                kinds = [(f"`{kind}`", f"{n:,}") for kind, n in self.kinds.most_common()]
                yield markdown_table(("personal data", "found"), kinds)
        yield VERSIONS

    def _names(self, how: str = "") -> str:
        if self.finder.model:
            name = self.finder.model_name
            return f"names of people and places were looked for by spaCy's model {name}"
        return "names of people and places were not looked for" + (f" ({how} MODEL)" if how else "")

    def _findings(self, texts: Sequence[ConversationText]) -> dict[str, list[PersonalData]]:
        """By each text in which something was found."""
        words = dict.fromkeys(chain.from_iterable(map(_words, texts)))
        return {each: found for each in words if (found := self._find(each))}


def _refusal(texts: Sequence[ConversationText]) -> str:
    """Why these conversations stay, whatever is in them; empty where they may leave."""
    if not texts:
        return NO_TEXTS
    if any(text.publishable < 0 for text in texts):
        return MARKED
    if any(text.private for text in texts):
        return KEPT_PRIVATE
    return "" if all(text.publishable == 1 for text in texts) else NOT_OFFERED


def _words(text: ConversationText) -> Iterator[str]:
    return chain((text.system,), chain.from_iterable(text.turns))


def _masked(text: ConversationText, findings: dict[str, list[PersonalData]]) -> ConversationText:
    if not findings:
        return text
    turns = tuple(
        tuple(replaced(words, findings.get(words, ())) for words in turn) for turn in text.turns
    )
    return text._replace(system=replaced(text.system, findings.get(text.system, ())), turns=turns)
