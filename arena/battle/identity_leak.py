"""Whether replies told who wrote them: names of the two contenders' own families, in their text.

Only what the models said is searched. A name that means nothing else ("SmolLM2", every alias of the
roster) counts wherever it stands, unless the visitor brought it up: who asks about a model may be
answered. Any other name may be an ordinary word ("trivia", "mixed"), and counts only where a reply
speaks of itself: "My name is Trivia", "I'm Trivia, a …", "Trivia here!". The whole text so far is
searched, so that it does not matter in which pieces it came.

The time is linear in the text, whatever it holds: a model may say anything. Accents do not matter.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from arena.battle.names import (
    SHORTEST,
    NamePatterns,
    alone,
    edges,
    folded,
    patterns,
    spelled,
    stands,
)
from blend.roster import Roster

INTRODUCES = (
    "my name is|my name's|(?:i am|i'm|im) (?:called|named)|(?:you can |they |please )?call me"
    "|i go by|you(?:'re| are) (?:now )?(?:talking|speaking|chatting) (?:to|with)"
    "|ich hei(?:ß|ss)e|mein name ist|nenn(?:en sie)? mich"
    "|je m'appelle|mon nom est|appel(?:le|ez)-moi|me llamo|mi nombre es|llamame"
    "|mi chiamo|il mio nome e|me chamo|meu nome e|ik heet|mijn naam is|меня зовут|мое имя"
)
"""What a name comes after when somebody gives it, in the languages of `arena.db.turn_features`."""

JOINED = "我是|我叫|我的名字(?:是|叫)|私は|僕は|名前は|저는|나는|제 이름은"
"""The same where words are not set apart."""

CLAIMS = "i am|i'm|im|ich bin|je suis|(?:yo )?soy|io sono|(?:eu )?sou|ik ben"
"""What a name comes after, and many another word: the name must end the clause."""

BY_THE_WAY = "(?:actually|really|just|simply|indeed|in fact)"
KIND = "(?:language |chat |ai )?(?:model|ai|assistant|bot|chatbot)"

GIVEN = re.compile(rf"(?:(?<!\w)(?:{INTRODUCES})(?!\w)|{JOINED})[\s:\"'“«(]*")
CLAIMED = re.compile(rf"(?<!\w)(?:{CLAIMS})\s+(?:{BY_THE_WAY},? )?[\"'“«(]?")
ARTICLE = re.compile("(?:the|an?) ")
OF_A_KIND = re.compile(rf" {KIND}\b")
CLAUSE_ENDS = re.compile(
    r"(?:[ -]?\d[\w.-]*)?"  # a version
    r"(?:[^\S\n]*(?:\Z|[^\w\s'-]|\n)"
    rf"|\s+(?:by|from|here|an?|the|your|and|made|developed|{KIND})\b)"
)
HERE = re.compile(r" here\s*(?:\Z|[^\w\s])")
AFTER_THIS_IS = re.compile(r" (?:speaking|here)\b")
IS_MY_NAME = re.compile(r" is my name\b")
COLON = re.compile(r"\s*:")
NO_WORD = re.compile(r"\W*")


@dataclass(frozen=True, slots=True)
class FamilyNames:
    """Names that give two contenders away. telling: wherever they stand; words: see above."""

    telling: frozenset[str]
    words: frozenset[str]


def family_names(roster: Roster, *contenders: str) -> FamilyNames:
    """The names of these contenders: their own, and their members' with aliases and model ids."""
    specs = [spec for spec in roster.contenders if spec.name in contenders]
    inside = {member for spec in specs for member in spec.needs}
    members = [member for member in roster.members if member.name in inside]
    named = {spec.name for spec in specs} | {member.name for member in members}
    named |= {member.model.rpartition("/")[2] for member in members if member.model}
    aliases = frozenset(alias for member in members for alias in member.aliases)
    telling = aliases | {name for name in named if _telling(name)}
    return FamilyNames(telling, frozenset(named - telling))


def _telling(name: str) -> bool:
    """Whether a name can hardly be a word: it has a digit, or small letters and an inner capital.

    A host tells of others by naming them as aliases.
    """
    inner = any(map(str.islower, name)) and any(map(str.isupper, name[1:]))
    odd = any(map(str.isdigit, name)) or (inner and " " not in name)
    return odd and sum(map(str.isalnum, name)) >= SHORTEST


def find_identity_leak(
    replies: Iterable[str], family: FamilyNames, prompts: Iterable[str] = ()
) -> bool:
    """Whether one of the replies gives a contender away. prompts: what the visitor has said so far.

    What the visitor said is never held against a battle; it only takes away from what tells.
    """
    questions = [folded(text).lower() for text in prompts]
    mentioned = {n for n in family.telling if any(stands(patterns(n), text) for text in questions)}
    telling = [patterns(name) for name in family.telling - mentioned]
    words = [patterns(name) for name in family.words | mentioned]
    for reply in replies:
        original = folded(reply)
        text = original.lower()  # no letter grows by this: İ, which would, is folded to I
        if any(stands(name, text) for name in telling) or _tells_of_itself(words, original, text):
            return True
    return False


def _tells_of_itself(names: Sequence[NamePatterns], original: str, text: str) -> bool:
    """Whether the text says that its speaker has one of the names, or spells one out.

    original: the text with its capitals.
    """
    present = [name for name in names if name.whole.search(text)]
    return (
        any(spelled(name, text) for name in names)
        or (bool(present) and _introduces(present, original, text))
        or any(
            _opens(text, *m.span())
            for name in present
            if not name.adjective
            for m in name.whole.finditer(text)
        )
    )


def _introduces(names: Sequence[NamePatterns], original: str, text: str) -> bool:
    """Whether the text gives one of the names as its speaker's: "My name is …", "I am …"."""
    for head in GIVEN.finditer(text):
        matches = (name.whole.match(text, head.end()) for name in names)
        if any(m and edges(text, *m.span(), left=False) for m in matches):
            return True
    for head in CLAIMED.finditer(text):
        at = head.end()
        article = ARTICLE.match(text, at)
        for name in names:
            m = name.whole.match(text, at)
            capital = not name.adjective or original[at : at + 1].isupper()
            if m and capital and CLAUSE_ENDS.match(text, m.end()):
                return True
            m = article and not name.adjective and name.whole.match(text, article.end())
            if m and OF_A_KIND.match(text, m.end()):
                return True
    return False


def _opens(text: str, start: int, end: int) -> bool:
    """Whether the name at text[start:end] opens a line ("Trivia: …"), or is all of the text."""
    if COLON.match(text, end) and _before(text, start) in ("", "\n"):
        return True
    if HERE.match(text, end) and _before(text, start) in ("", *"\n.!?"):
        return True
    if NO_WORD.fullmatch(text, end) and NO_WORD.fullmatch(text, 0, start):
        return True
    if not alone(text, start, end):
        return False
    this_is = text.endswith("this is ", 0, start) and alone(text, start - len("this is "), end)
    return bool((this_is and AFTER_THIS_IS.match(text, end)) or IS_MY_NAME.match(text, end))


def _before(text: str, at: int) -> str:
    """The sign before that place and the blanks before it; empty at the beginning."""
    while at and text[at - 1] != "\n" and text[at - 1].isspace():
        at -= 1
    return text[at - 1 : at]
