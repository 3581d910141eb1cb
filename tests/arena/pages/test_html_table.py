"""A small table as HTML: every cell under its head, nothing in it taken for markup."""

from arena.pages.html_table import html_table


def test_every_cell_carries_its_head_and_is_text():
    told = html_table("Who <b>", ["name", "turns"], [["<i>oak</i>", 1234.0], ["elm", 0.125]])

    assert "<caption>Who &lt;b&gt;</caption>" in told and told.count('<th scope="col">') == 2
    assert '<td data-head="name">&lt;i&gt;oak&lt;/i&gt;</td>' in told
    assert '<td data-head="turns">1,234</td>' in told
    assert '<td data-head="turns">0.125</td>' in told
