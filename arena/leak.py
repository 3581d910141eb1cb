"""Whether replies told who wrote them: names of the two contenders' own families, in their text.

Only what the models said is searched. A name that means nothing else ("SmolLM2", every alias of the
roster) counts wherever it stands, unless the visitor brought it up: who asks about a model may be
answered. Any other name may be an ordinary word ("trivia", "mixed"), and counts only where a reply
speaks of itself: "My name is Trivia", "I'm Trivia, a …", "Trivia here!". The whole text so far is
searched, so that it does not matter in which pieces it came.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from blend.roster import Roster

INTRODUCES = (
    "my name is|my name's|(?:i am|i'm|im) (?:called|named)|(?:you can |they |please )?call me"
    "|i go by|you(?:'re| are) (?:now )?(?:talking|speaking|chatting) (?:to|with)"
    "|ich hei(?:ß|ss)e|mein name ist|nenn(?:en sie)? mich"
    "|je m'appelle|mon nom est|appel(?:le|ez)-moi|me llamo|mi nombre es|ll[aá]mame"
    "|mi chiamo|il mio nome è|me chamo|meu nome é|ik heet|mijn naam is|меня зовут|мо[её] имя"
)
"""What a name comes after when somebody gives it, in the languages of `arena.features`."""

JOINED = "我是|我叫|我的名字(?:是|叫)|私は|僕は|名前は|저는|나는|제 이름은"
"""The same where words are not set apart."""

CLAIMS = "i am|i'm|im|ich bin|je suis|(?:yo )?soy|io sono|(?:eu )?sou|ik ben"
"""What a name comes after, and many another word: the name must end the clause."""

BY_THE_WAY = "(?:actually|really|just|simply|indeed|in fact)"
KIND = "(?:language |chat |ai )?(?:model|ai|assistant|bot|chatbot)"
AFTER = rf"(?=\s*(?:\Z|[^\w\s'-]|\n)|\s+(?:by|from|here|an?|the|your|and|made|developed|{KIND})\b)"

VERSION = r"(?:[ -]?\d[\w.-]*)?"

APART = r"[\s\-./:·\u2010-\u2015]{0,2}"
"""What may stand between the parts of a name: "Qwen 2.5", "qwen-2.5"."""

UNSPACED = frozenset({"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "THAI", "LAO", "KHMER", "MYANMAR"})
"""Scripts in which a name's neighbours are no part of it."""

SHORTEST = 4
"""Letters of a name that is known by its digits or capitals, or when it is spelled out."""


@dataclass(frozen=True, slots=True)
class Family:
    """Names that give two contenders away. telling: wherever they stand; words: see above."""

    telling: frozenset[str]
    words: frozenset[str]


def family(roster: Roster, *contenders: str) -> Family:
    """The names of these contenders: their own, and their members' with aliases and model ids."""
    specs = [spec for spec in roster.contenders if spec.name in contenders]
    inside = {member for spec in specs for member in spec.members}
    members = [member for member in roster.members if member.name in inside]
    named = {spec.name for spec in specs} | {member.name for member in members}
    named |= {member.model.rpartition("/")[2] for member in members if member.model}
    aliases = frozenset(alias for member in members for alias in member.aliases)
    telling = aliases | {name for name in named if _telling(name)}
    return Family(telling, frozenset(named - telling))


def _telling(name: str) -> bool:
    """Whether a name can hardly be a word: it has a digit, or small letters and an inner capital.

    A host tells of others by naming them as aliases.
    """
    inner = any(map(str.islower, name)) and any(map(str.isupper, name[1:]))
    odd = any(map(str.isdigit, name)) or (inner and " " not in name)
    return odd and sum(map(str.isalnum, name)) >= SHORTEST


def leaked(replies: Iterable[str], family: Family, heard: Iterable[str] = ()) -> bool:
    """Whether one of the replies gives a contender away. heard: what the visitor has said so far.

    What the visitor said is never held against a battle; it only takes away from what tells.
    """
    asked = [_plain(text) for text in heard]
    known = {n for n in family.telling if any(_stands(n, text) for text in asked)}
    telling, words = family.telling - known, family.words | known
    return any(
        any(_stands(name, text) for name in telling)
        or any(_tells_of_itself(name, text) for name in words)
        for text in map(_plain, replies)
    )


def _plain(text: str) -> str:
    """The text without what only dresses it: widths, invisible signs, emphasis, curly quotes."""
    text = unicodedata.normalize("NFKC", text).replace("\u2019", "'")
    return "".join(c for c in text if unicodedata.category(c) != "Cf" and c not in "*_`~")


def _stands(name: str, text: str) -> bool:
    """Whether the name stands in the text, in any spelling, and is not a part of another word."""
    whole, spelled = _patterns(name)
    return any(_edges(text, *m.span()) for m in whole.finditer(text)) or (
        spelled is not None and spelled.search(text) is not None
    )


def _tells_of_itself(name: str, text: str) -> bool:
    """Whether the text says that its speaker is called so, or spells the name out."""
    if any(_edges(text, *m.span("name"), left=False) for m in _introduced(name).finditer(text)):
        return True
    spelled = _patterns(name)[1]
    if spelled is not None and spelled.search(text):
        return True
    if any(m["name"][0].isupper() for m in _claimed(name).finditer(text)):
        return True
    # "I am mixed" is no name; "I am Mixed" is one, and at a beginning all words have a capital.
    adjective = re.search("(?:ed|ing)$", name, re.IGNORECASE)
    return not adjective and any(p.search(text) for p in (_claimed(name), _opening(name)))


@cache
def _patterns(name: str) -> tuple[re.Pattern, re.Pattern | None]:
    """The name in any spelling, and letter by letter ("Q-W-E-N")."""
    whole = re.compile(_spelling(name), re.IGNORECASE)
    letters = [c for c in _plain(name) if c.isalnum()]
    if len(letters) < SHORTEST:
        return whole, None
    spelled = r"[\s\-.,·]{1,2}".join(map(re.escape, letters))
    return whole, re.compile(rf"(?<!\w){spelled}(?!\w)", re.IGNORECASE)


@cache
def _introduced(name: str) -> re.Pattern:
    quoted = rf"[\s:\"'“«(]*(?P<name>{_spelling(name)})"
    return re.compile(rf"(?:(?<!\w)(?:{INTRODUCES})(?!\w)|{JOINED}){quoted}", re.IGNORECASE)


@cache
def _claimed(name: str) -> re.Pattern:
    spelling = _spelling(name)
    claim = rf"(?<!\w)(?:{CLAIMS})\s+(?:{BY_THE_WAY},? )?[\"'“«(]?"
    return re.compile(rf"{claim}(?P<name>{spelling}){VERSION}{AFTER}", re.IGNORECASE)


@cache
def _opening(name: str) -> re.Pattern:
    spelling = _spelling(name)
    forms = (
        rf"(?<!\w)(?:{CLAIMS}) (?:the|an?) {spelling} {KIND}\b",
        rf"(?:^|(?<=[.!?])) *{spelling} here(?=\s*(?:\Z|[^\w\s]))",
        rf"(?<!\w)this is {spelling} (?:speaking|here)\b",
        rf"(?<!\w){spelling} is my name\b",
        rf"^\s*{spelling}\s*:",
        rf"\A\W*{spelling}\W*\Z",
    )
    return re.compile("|".join(forms), re.IGNORECASE | re.MULTILINE)


@cache
def _spelling(name: str) -> str:
    """A pattern of the name's parts: runs of letters, and of digits."""
    parts = re.findall(r"[^\W\d_]+|\d+", unicodedata.normalize("NFKC", name)) or [name]
    return APART.join(map(re.escape, parts))


def _edges(text: str, start: int, end: int, left: bool = True) -> bool:
    """Whether text[start:end] is a word of its own: no letter of its script is beside it."""
    before, after = text[start - 1 : start] if left else "", text[end : end + 1]
    return not (_one_word(before, text[start]) or _one_word(text[end - 1], after))


def _one_word(a: str, b: str) -> bool:
    return bool(a and b) and _script(a) == _script(b) and _script(a) not in UNSPACED


def _script(sign: str) -> str:
    """Of a letter its script, of a digit DIGIT; of anything else a word that no letter has."""
    name = unicodedata.name(sign, "").split(" ")[0].split("-")[0]
    return name if sign.isalnum() or unicodedata.category(sign)[0] == "M" else f"no {sign}"
