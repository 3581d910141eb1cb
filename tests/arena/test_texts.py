"""The page's texts by name, with values; numbers, dates and lists as the language has them."""

import ast
import re
from pathlib import Path

import pytest

from arena.db.repositories.battles import WHY_NOT
from arena.models import HIDDEN_ERROR
from arena.site.moderation import UNCHECKED
from arena.texts import ENGLISH, entries, texts_in
from arena.votes.rules import CODES, explain
from blend.conversation import MessageError, MessageTooLong, clean_message
from blend.engine import BROKE_OFF, NO_REPLY, USED_UP
from blend.errors import NoContinuation, TooLong, Unanswerable
from blend.evaluation.off_policy import WARNINGS
from blend.evaluation.resample import Estimate
from blend.prompt.length import Length, check_lengths
from blend.roster.settings import all_settings
from blend.scaling import verdicts
from blend.scaling.markdown import FIT_COLUMNS, PAIR_COLUMNS
from blend.scaling.pair_gain import BOTH, FAMILIES, SEEDS, SIZES
from blend.scaling.report import ACROSS, FAMILY, SINGLE

MORNING = 1_800_000_000  # 15 January 2027, 08:00 UTC
SOURCES = [path.read_text(encoding="utf-8") for path in Path("arena").rglob("*.py")]
TEMPLATES = [path.read_text(encoding="utf-8") for path in Path("assets/pages").glob("*.*")]
SCRIPT = Path("assets/page.js").read_text(encoding="utf-8")


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
    whole = re.compile("|".join([*sorted({*said()}), r"replies\.\w+"]))  # found by their English
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


def test_a_text_has_its_values_filled_in_and_whole_numbers_grouped():
    assert "1,234 visitors" in ENGLISH("insights.votes", few=1234)
    with pytest.raises(KeyError, match=r"'page\.nothing' in en\.toml"):
        ENGLISH("page.nothing")
    with pytest.raises(KeyError, match=r"'insights\.votes' needs the value 'few'"):
        ENGLISH("insights.votes")
    assert texts_in("tlh") is ENGLISH and texts_in("en") == ENGLISH


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
    warnings = {name: entries("en")[f"insights.policies.warning.{name}"] for name in WARNINGS}
    assert warnings == WARNINGS


@pytest.mark.parametrize("form", [".3f", "+.2f", ",.0f", ".0%", "+.1%"])
def test_a_text_has_numbers_by_the_form_that_it_asks_for(form):
    of = Estimate(0.5134, -2.2621, 1.1349)
    assert ENGLISH.written(of, form) == format(of, form)


def test_numbers_and_dates_have_the_form_of_the_language():
    assert ENGLISH.number(1234567.25, 1) == "1,234,567.2"
    assert (ENGLISH.number(-0.2), ENGLISH.percent(0.125, 1)) == ("0", "12.5%")
    assert ENGLISH.date(MORNING) == "15 January 2027"
    assert ENGLISH.moment(MORNING) == "15 January 2027, 08:00:00 UTC"
    assert ENGLISH.listed(["a", "b", "c"]) == "a, b and c"
    assert ENGLISH.listed(["a", "b"], "or") == "a or b"


def test_each_setting_is_told_in_the_words_of_the_command_line():
    for each in all_settings():
        assert ENGLISH(f"settings.{each.name}") == each.metadata["about"]


@pytest.mark.parametrize(
    ("x", "written"),
    [(0, "0"), (1234, "1,234"), (12345.6, "12,346"), (0.125, "0.125"), (-1.20004, "-1.2")],
)
def test_a_number_of_a_table_has_four_digits_at_most_and_no_empty_ones(x, written):
    assert ENGLISH.significant(x, 4) == written
