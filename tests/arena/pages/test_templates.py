"""The page's sentences and templates: none is left over, and values are no markup."""

import re
import tomllib
from pathlib import Path

from arena.pages.templates import FOLDER, html_table, literal, render, sentence

SOURCES = "".join(path.read_text() for path in Path("arena").rglob("*.py"))


def test_every_sentence_is_said_somewhere():
    texts = tomllib.loads((FOLDER / "sentences.toml").read_text(encoding="utf-8"))
    names = {f"{place}.{key}" for place, keys in texts.items() for key in keys}
    quoted = set(re.findall(r"""["'](\w+\.\w+)["']""", SOURCES))
    early = {f"insights.{key}" for key in re.findall(r'TooEarly\("(\w+)"', SOURCES)}
    by_value = {"battle.streaming", "battle.ready", "battle.voted", "insights.unmeasured"}
    by_value |= {"board.slices", "board.heat", "board.line"}
    assert names - quoted - early == by_value


def test_every_template_is_used_and_html_is_escaped():
    for path in FOLDER.glob("*.*"):
        used = path.name in SOURCES
        assert used or path.name == "admin_frame.html", path
    html = render("still_to_come.html", waiting={"<b>": []}, reading="<i>")
    assert "<b>" not in html and "<p>&lt;b&gt;</p>" in html and "<p>&lt;i&gt;</p>" in html
    assert literal("*a* <b>") == r"\*a\* \<b\>"
    assert sentence("battle.full", messages="8 messages").startswith("This battle has had its 8")


def test_every_cell_carries_its_head_and_is_text():
    told = html_table("Who <b>", ["name", "turns"], [["<i>oak</i>", 1234.0], ["elm", 0.125]])

    assert "<caption>Who &lt;b&gt;</caption>" in told and told.count('<th scope="col">') == 2
    assert '<td data-head="name">&lt;i&gt;oak&lt;/i&gt;</td>' in told
    assert '<td data-head="turns">1,234</td>' in told
    assert '<td data-head="turns">0.125</td>' in told
