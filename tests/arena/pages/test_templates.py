"""The page's templates: none is left over, and values are no markup."""

from pathlib import Path

from arena.pages.templates import FOLDER, html_table, literal, render

SOURCES = "".join(
    path.read_text() for path in [*Path("arena").rglob("*.py"), *FOLDER.glob("*.html")]
)


def test_every_template_is_used_and_html_is_escaped():
    for path in FOLDER.glob("*.*"):
        used = path.name in SOURCES
        assert used or path.name == "admin_frame.html", path
    html = render("still_to_come.html", waiting={"<b>": []}, reading="<i>")
    assert "<b>" not in html and "<p>&lt;b&gt;</p>" in html and "<p>&lt;i&gt;</p>" in html
    assert literal("*a* <b>") == r"\*a\* \<b\>"


def test_every_cell_carries_its_head_and_is_text():
    told = html_table("Who <b>", ["name", "turns"], [["<i>oak</i>", 1234.0], ["elm", 0.125]])

    assert "<caption>Who &lt;b&gt;</caption>" in told and told.count('<th scope="col">') == 2
    assert '<td data-head="name">&lt;i&gt;oak&lt;/i&gt;</td>' in told
    assert '<td data-head="turns">1,234</td>' in told
    assert '<td data-head="turns">0.125</td>' in told
