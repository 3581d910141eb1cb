"""The page's texts by name, with values; numbers, dates and lists as the language has them."""

import ast
import re
from pathlib import Path

import pytest

from arena.texts import ENGLISH, entries, texts_in

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
    whole = re.compile("|".join(sorted({*said()})))
    assert [name for name in entries("en") if not whole.fullmatch(name)] == []


def test_a_text_has_its_values_filled_in_and_whole_numbers_grouped():
    assert "1,234 visitors" in ENGLISH("insights.votes", few=1234)
    with pytest.raises(KeyError, match=r"'page\.nothing' in en\.toml"):
        ENGLISH("page.nothing")
    with pytest.raises(KeyError, match=r"'insights\.votes' needs the value 'few'"):
        ENGLISH("insights.votes")
    assert texts_in("tlh") is ENGLISH and texts_in("en") == ENGLISH


def test_numbers_and_dates_have_the_form_of_the_language():
    assert ENGLISH.number(1234567.25, 1) == "1,234,567.2"
    assert (ENGLISH.number(-0.2), ENGLISH.percent(0.125, 1)) == ("0", "12.5%")
    assert ENGLISH.date(MORNING) == "15 January 2027"
    assert ENGLISH.moment(MORNING) == "15 January 2027, 08:00:00 UTC"
    assert ENGLISH.listed(["a", "b", "c"]) == "a, b and c"
    assert ENGLISH.listed(["a", "b"], "or") == "a or b"
