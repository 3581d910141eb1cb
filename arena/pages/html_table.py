"""A small table to be read: on a phone each row is a list, so that nothing is cut at its side."""

from collections.abc import Sequence
from html import escape


def html_table(label: str, heads: Sequence[str], rows: Sequence[Sequence[str | float]]) -> str:
    """The table as HTML; each cell carries its head, which a phone shows before it."""
    top = "".join(f'<th scope="col">{escape(head)}</th>' for head in heads)
    cells = (
        "".join(
            f'<td data-head="{escape(head)}">{escape(_cell_text(cell))}</td>'
            for head, cell in zip(heads, row, strict=True)
        )
        for row in rows
    )
    body = "".join(f"<tr>{row}</tr>" for row in cells)
    return (
        f'<table class="facts"><caption>{escape(label)}</caption><thead><tr>{top}</tr></thead>'
        f"<tbody>{body}</tbody></table>"
    )


def _cell_text(cell: str | float) -> str:
    return cell if isinstance(cell, str) else f"{cell:,.4g}" if cell % 1 else f"{cell:,.0f}"
