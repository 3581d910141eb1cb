"""What the page says at length, from assets/pages: Jinja templates, filled in."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from arena.plural import many
from arena.texts import ENGLISH, Texts

FOLDER = Path(__file__).parents[2] / "assets" / "pages"


def render(template: str, texts: Texts = ENGLISH, **values: object) -> str:
    """A template filled in, with the texts of a language. In .html every value is escaped."""
    return _environment().get_template(template).render(values, texts=texts)


def prose(template: str, texts: Texts = ENGLISH, **values: object) -> str:
    """A long text of a language, in Markdown, filled in."""
    return render(f"texts/{texts.language}/{template}", texts, **values)


def html_table(
    label: str,
    heads: Sequence[str],
    rows: Sequence[Sequence[str | float]],
    texts: Texts = ENGLISH,
) -> str:
    """A small table to be read, as HTML; numbers in the form of the language. Each cell carries its
    head: a phone shows each row as a list, so that nothing is cut at its side."""
    written = [[_cell_text(cell, texts) for cell in row] for row in rows]
    return render("table.html", label=label, heads=heads, rows=written)


def literal(text: str) -> str:
    """A text as Markdown that shows it as it is: each mark may be one, so each is escaped."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", " ".join(text.split()))


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=lambda name: name is not None and name.endswith(".html"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"many": many, "literal": literal, "utc": _utc}
    return environment


def _utc(seconds: float, form: str) -> str:
    """Seconds since 1970 as text."""
    return datetime.fromtimestamp(seconds, UTC).strftime(form)


def _cell_text(cell: str | float, texts: Texts) -> str:
    return cell if isinstance(cell, str) else texts.significant(cell, 4)
