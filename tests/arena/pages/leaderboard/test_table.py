"""The board's table: one row a contender with its numbers as text, the retired folded below."""

import re
from dataclasses import replace

import pytest

from arena.models import Contender, ExcludedCounts
from arena.pages.leaderboard import table
from arena.ranking.board.leaderboard import LeaderboardQuery, LeaderboardSource, make_leaderboard
from arena.ranking.board.reasons import reason_shares
from arena.simulation.synthetic_strengths import demo_votes
from arena.texts import ENGLISH
from blend.roster import read

ROSTER = read("scripted")


def board(source="own", retired=(), names=None):
    ballots, contenders = demo_votes(ROSTER)
    names = names or {}
    contenders = [Contender(c.id, names.get(c.name, c.name), c.config) for c in contenders]
    data = LeaderboardSource(source, (source,), contenders, (), ExcludedCounts(0, 0))
    current = {c.name: c.id for c in contenders if c.name not in retired}
    up = current if source == "own" else {}
    return make_leaderboard(ballots, LeaderboardQuery(by="turns"), data, up, "Blended")


def html(shown) -> str:
    return table.board_table(shown, ROSTER.colours, "Blended", ENGLISH)


def words(part: str) -> str:
    return " ".join(re.sub("<[^>]+>", " ", part).split())


def test_every_row_has_its_numbers_as_text_and_its_bar_on_one_axis():
    shown = board()
    rows = shown.standing.ratings.rows
    axis = table.rating_axis(shown)

    page = html(shown)

    for row in rows:
        assert f"{row.rating:.0f} {row.low:.0f} to {row.high:.0f}" in words(page)
        assert axis.bar(row.low, row.rating, row.high).style in page
    assert page.count('role="row"') == 1 + len(rows) and "details" not in page
    assert f"--middle:{axis.at(1000):.2f}%" in page
    assert 'class="focus who-0"' in page and "blend of 3" in words(page)
    assert 'href="contender?name=birch"' in page


def test_the_retired_are_folded_below_without_a_rank():
    page = html(board(retired=("birch", "cedar")))

    up, folded = page.split("<details")
    assert "birch" not in up and "cedar" not in up and "alder" in up
    assert words(folded).startswith('class="retired"> 2 retired contenders They do not fight')
    assert folded.count(">–<") == 2
    assert "1 retired contender" in words(html(board(retired=("birch",))))


def test_who_is_preliminary_is_marked_and_widens_no_axis():
    shown = board()
    rows = shown.standing.ratings.rows
    wide = replace(rows[1], low=100.0, high=1900.0, preliminary=True, rating=rows[1].rating)
    ratings = replace(shown.standing.ratings, rows=(rows[0], wide, *rows[2:]))
    shown = replace(shown, standing=replace(shown.standing, ratings=ratings))

    page = html(shown)

    assert table.rating_axis(shown).low > 800 and table.rating_axis(shown).high < 1200
    assert "bar hollow cut-low cut-high" in page and "preliminary" in words(page)


def test_names_are_text_and_links_lead_to_the_same_source():
    name = '<b>"birch"</b> & ${x}'
    page = html(board("simulated", names={"birch": name}))

    assert "<b>&#34;" not in page and "&lt;b&gt;&#34;birch&#34;&lt;/b&gt; &amp; ${x}" in page
    assert "contender?name=%3Cb%3E%22birch%22%3C%2Fb%3E+%26+%24%7Bx%7D&amp;source=simulated" in page


def test_reasons_have_a_column_only_where_there_are_some():
    shown = board()
    profile = next(each for each in shown.profiles if each.name == "birch")
    rows = [(profile.id, "bad", "wrong", 9), (profile.id, "good", "kinder", 3)]
    given = reason_shares(rows, {profile.id: 6}, 5)

    assert "Most frequent praise" not in html(shown)
    page = words(html(replace(shown, reasons=given)))
    assert "Most frequent praise" in page and "kinder 25%" in page and "wrong" not in page


@pytest.mark.parametrize(("rank", "worst", "text"), [(1, 1, "1"), (2, 4, "2–4")])
def test_ranks_are_a_range(rank, worst, text):
    row = replace(board().standing.ratings.rows[0], rank=rank, worst=worst)
    assert table.rank_text(row, ENGLISH) == text
