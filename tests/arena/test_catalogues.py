"""The catalogues of all languages: whole, alike, and all of them said; no text beside them."""

import ast
import re
from pathlib import Path
from string import Formatter

import pytest

from arena.db.repositories.battles import WHY_NOT
from arena.models import HIDDEN_ERROR
from arena.site.moderation import UNCHECKED
from arena.texts import ENGLISH, FOLDER, LANGUAGES, entries
from arena.votes.rules import CODES, explain
from blend.errors import NoContinuation, TooLong, Unanswerable
from blend.evaluation.off_policy import WARNINGS
from blend.members.growth import BROKE_OFF, NO_REPLY, USED_UP
from blend.message import SENTENCES, MessageError, MessageTooLong, clean_message
from blend.prompt.length import Length, check_lengths
from blend.roster.settings import all_settings
from blend.scaling import verdicts
from blend.scaling.handoff import verdicts as handoff_verdicts
from blend.scaling.markdown import FIT_COLUMNS, PAIR_COLUMNS
from blend.scaling.pair_gain import BOTH, FAMILIES, SEEDS, SIZES
from blend.scaling.power_law import REASONS
from blend.scaling.report import ACROSS, FAMILY, SINGLE

SOURCES = [path.read_text(encoding="utf-8") for path in Path("arena").rglob("*.py")]
TEMPLATES = [path.read_text(encoding="utf-8") for path in Path("assets/pages").glob("*.*")]
SCRIPT = Path("assets/page.js").read_text(encoding="utf-8")
OTHERS = [language for language in LANGUAGES if language != "en"]


def said() -> list[str]:
    """The names that the program says, as regular expressions: what an f-string puts in is any."""
    names = [name for text in TEMPLATES for name in re.findall(r"""["']([\w.-]+)["']""", text)]
    names += [f"script.{name}" for name in re.findall(r"texts\.(\w+)", SCRIPT)]
    for node in (node for text in SOURCES for node in ast.walk(ast.parse(text))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            names.append(node.value)
        elif isinstance(node, ast.JoinedStr):
            parts = (part.value if isinstance(part, ast.Constant) else 0 for part in node.values)
            names.append("".join(r"[\w-]+" if part == 0 else part for part in parts))
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "TooEarly":
            words = (part for part in ast.walk(node.args[0]) if isinstance(part, ast.Constant))
            names += [f"insights.{word.value}" for word in words]
    return [name for name in names if re.match(r"[\w-]+\.[][\\\w.+-]+$", name)]


def test_every_text_is_said_somewhere():
    by_their_english = (r"replies\.\w+", r"handoff\.notes\.\w+")
    whole = re.compile("|".join([*sorted({*said()}), *by_their_english]))
    assert [name for name in entries("en") if not whole.fullmatch(name)] == []


RAISED = ("Refused", "RateLimited", "Overloaded", "Stopping")


def test_every_refusal_has_a_name_in_the_catalogue():
    calls = [
        node
        for text in SOURCES
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in RAISED
    ]
    names = [call.args[0].value for call in calls if isinstance(call.args[0], ast.Constant)]
    assert len(names) > 30 and {*names} <= entries("en").keys()
    others = {ast.unparse(call.args[0]) for call in calls} - {repr(name) for name in names}
    assert others == {"name", "why", "NOT_HERE", "WHY_NOT['voted']", "WHY_NOT[battle.status]"}
    assert {*filter(None, WHY_NOT.values())} <= entries("en").keys()


def test_every_rule_on_votes_has_its_sentence():
    assert {f"uncounted.{code}" for code in CODES} <= entries("en").keys()
    assert explain("too_fast, of_old") == f"{ENGLISH('uncounted.too_fast')} of_old"


def test_what_was_written_down_in_english_is_found_again():
    kinds = (Unanswerable, TooLong, NoContinuation)
    written = {BROKE_OFF, NO_REPLY, USED_UP, HIDDEN_ERROR, UNCHECKED["assistant"]}
    written |= {kind.sentence for kind in kinds}
    written |= {ENGLISH(f"replies.{name}") for name in ("overloaded", "stopping", "stopped", "cut")}
    names = [name for name in entries("en") if name.startswith("replies.")]
    assert {ENGLISH(name) for name in names} == written
    assert ENGLISH.translated("The host's own words.") == "The host's own words."


@pytest.mark.parametrize(
    ("text", "name"),
    [(" ", "empty"), ("x" * 9_001, "too_long"), ("a\x00", "control_character")],
)
def test_a_message_is_refused_in_the_words_of_the_catalogue(text, name):
    with pytest.raises(MessageError) as caught:
        clean_message(text)
    assert caught.value.name == name
    assert str(caught.value) == ENGLISH(f"messages.{name}", **caught.value.values)


def test_each_sentence_about_a_message_has_its_text():
    names = {name for name in entries("en") if name.startswith("messages.")}
    assert names == {f"messages.{name}" for name in SENTENCES}


@pytest.mark.parametrize(
    "length", [Length(5, 0), Length(5_000, 1_200), Length(5_000, 1_200, system=True)]
)
def test_a_message_that_members_cannot_read_is_refused_in_the_same_words(length):
    with pytest.raises(MessageTooLong) as caught:
        check_lengths("x" * 20_000, [length])
    assert str(caught.value) == ENGLISH(f"messages.{caught.value.name}", **caught.value.values)


def test_the_law_and_the_warnings_are_told_in_the_words_of_their_commands():
    here = {name: entries("en")[f"law.{name}"] for name in verdicts.SENTENCES}
    assert here == verdicts.SENTENCES
    for name, columns in {"fits": FIT_COLUMNS, "pairs": PAIR_COLUMNS}.items():
        heads = [ENGLISH(f"law.{name}.{n}") for n in range(1, len(columns) + 1)]
        assert heads == [*columns]
    kinds = {text for name, text in entries("en").items() if name.startswith("law.kinds.")}
    assert kinds == {SINGLE, FAMILY, ACROSS, SEEDS, SIZES, FAMILIES, BOTH}
    reasons = {name: entries("en")[f"law.reasons.{name}"] for name in REASONS}
    assert reasons == REASONS
    here = {name: entries("en")[f"handoff.{name}"] for name in handoff_verdicts.SENTENCES}
    assert here == handoff_verdicts.SENTENCES
    notes = {name: entries("en")[f"handoff.notes.{name}"] for name in handoff_verdicts.NOTES}
    assert notes == handoff_verdicts.NOTES
    warnings = {name: entries("en")[f"insights.policies.warning.{name}"] for name in WARNINGS}
    assert warnings == WARNINGS


def test_each_setting_is_told_in_the_words_of_the_command_line():
    for each in all_settings():
        assert ENGLISH(f"settings.{each.name}") == each.metadata["about"]


def fields(text: str) -> list[tuple[str, str]]:
    """What a text fills in, and by which forms."""
    return sorted((name, form) for _, name, form, _ in Formatter().parse(text) if name is not None)


@pytest.mark.parametrize("language", OTHERS)
def test_no_text_is_missing_and_each_has_the_same_values_and_plural_forms(language):
    english, here = entries("en"), entries(language)
    assert here.keys() == english.keys()
    for name, text in english.items():
        forms = {"": text} if isinstance(text, str) else text
        found = {"": here[name]} if isinstance(here[name], str) else here[name]
        assert found.keys() == forms.keys(), name
        for form, one in forms.items():
            assert fields(found[form]) == fields(one), name
            assert found[form].strip() and found[form].count("\n") == one.count("\n"), name


@pytest.mark.parametrize("language", OTHERS)
def test_every_long_text_is_there_and_fills_in_the_same(language):
    for path in sorted((FOLDER / "en").iterdir()):
        both = [
            (FOLDER / each / path.name).read_text(encoding="utf-8") for each in ("en", language)
        ]
        english, other = (re.findall(r"\{%.*?%\}|https://[^)\s]+|\n\n", text) for text in both)
        assert english == other, path.name


@pytest.mark.parametrize("language", OTHERS)
def test_a_language_is_not_english_left_as_it_was(language):
    """Names of products and of places are the same everywhere; whole sentences are not."""
    same = [name for name, text in entries(language).items() if text == entries("en")[name]]
    words = {name: re.sub(r"\{[^}]*\}", "", str(entries("en")[name])).split() for name in same}
    assert [name for name, found in words.items() if len(found) > 4] == []
    assert len(same) < 0.08 * len(entries("en"))


SAYS_NOTHING = {
    "a claim, no secret",  # the key of what a browser keeps
    "noopener nofollow noreferrer",  # of links
    "all votes",  # slices and policies by the names that programs know, too
    "4 turns or more",
    "200 characters or more",
    "the board of all votes is always there",  # a mistake of ours, for the log
    "The server has ended this reply.",  # the page loads itself anew before anybody reads it
}
"""What looks like a text of the page in Python and is none, with the reason why."""


def prose(text: str) -> bool:
    """Whether somebody would read it: words beside one another that are no markup, no script."""
    bare = re.sub(r"<[^>]*(>|$)|^[^<>=]*>", " ", text)
    script = "=>" in text or text.startswith("\n")
    return not script and re.search(r"[A-Za-z]{2,} [a-z]{2,}", bare) is not None


def test_no_text_of_a_page_is_written_in_python():
    """The host's page is for the host, in English."""
    for path in sorted(Path("arena/pages").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        lone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        texts = {
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
            if id(node) not in lone and path.name != "admin.py"
        }
        assert {text for text in texts if prose(text)} <= SAYS_NOTHING, path


def test_no_text_of_a_page_is_written_in_a_template_or_in_the_script():
    for path in sorted(Path("assets/pages").glob("*.html")):
        text = re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}|<[^>]*>", "|", path.read_text(), flags=re.DOTALL)
        assert path.name.startswith("admin") or not re.search(r"[a-z]{2,} [a-z]{2,}", text), path
    code = re.sub(r"//.*", "", SCRIPT)
    quoted = re.findall(r"\"([^\"\n]*)\"|'([^'\n]*)'|`([^`]*)`", code)
    said = [text for texts in quoted for text in texts if re.search(r"^[A-Z][a-z]+ [a-z]+", text)]
    assert said == []
