"""A panel's drafts under its reply, folded at first: who wrote which, and what the judge did."""

from collections.abc import Callable
from html import escape

from arena.pages import markup
from arena.texts import Texts
from blend.conversation import Draft, Selection


def drafts_fold(selection: Selection, chip: Callable[[str, str], str], texts: Texts) -> str:
    """All drafts in the order in which the judge read them. chip: (name, more) → HTML."""
    summary = escape(texts("transcript.drafts", n=len(selection.drafts)))
    said = escape(texts(f"transcript.drafts_{selection.how}", judge="\0"))
    said = said.replace("\0", f"<bdi>{escape(selection.judge)}</bdi>")
    drafts = "".join(_draft(draft, chip, texts) for draft in selection.drafts)
    return (
        f'<details class="thoughts drafts"><summary>{summary}</summary>'
        f"<p>{said}</p><ol>{drafts}</ol></details>"
    )


def _draft(draft: Draft, chip: Callable[[str, str], str], texts: Texts) -> str:
    who = chip(draft.member, f" · {texts('transcript.picked')}" if draft.picked else "")
    html = f'<div class="typed" dir="auto" lang="">{markup.typed(draft.text)}</div>'
    return f"<li>{who}{html}</li>"
