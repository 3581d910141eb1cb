"""The insights of a blend taken apart, of other draws, and of replies: from votes to sentence and
figure."""

from contextlib import closing
from types import SimpleNamespace

import pytest
from stored import fill

from arena.db.store import Store
from arena.pages.insights.ablation import AblationSections
from arena.pages.insights.policies import PolicySection
from arena.pages.insights.reply_diversity import ReplyDiversity
from arena.pages.insights.section import TooEarly
from arena.simulation import simulate
from arena.simulation.synthetic_log import write_log
from arena.site.leaderboards import LeaderboardCache
from arena.texts import ENGLISH, entries
from blend.evaluation.rewards import REWARDS
from blend.roster import read
from tests.arena.site.test_policy_report import shared

MARKED = ENGLISH("insights.simulated")

ROSTER = (
    """
title = "Apart"
pairing = "round_robin"
[ablation]
leave_one_out = true
subsets = 2
copies = 3
copied = ["alder"]
"""
    + "\n".join(
        f'[[member]]\nname = "{name}"\nengine = "scripted"\nlines = ["x {name}"]'
        for name in ("alder", "birch", "cedar")
    )
    + '\n[[blend]]\nname = "Blended"\nmembers = ["alder", "birch", "cedar"]\n'
)


def site(store, roster="scripted"):
    roster = read(roster)
    return SimpleNamespace(
        store=store,
        roster=roster,
        boards=LeaderboardCache(roster, store),
        contenders=SimpleNamespace(ids={}),
    )


@pytest.fixture
def store(tmp_path):
    with closing(Store.open(tmp_path / "a.db")) as store:
        yield store


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The ablation's answers on simulated votes."""
    folder = tmp_path_factory.mktemp("apart")
    (folder / "r.toml").write_text(ROSTER)
    options = ["--roster", str(folder / "r.toml"), "--votes", "6000"]
    assert simulate.main(["--db", str(folder / "a.db"), *options]) == 0
    with closing(Store.open(folder / "a.db")) as store:
        yield AblationSections(site(store, folder / "r.toml"))


def test_rating_against_the_number_of_members(page):
    content = page.size()
    assert content.sentence.startswith("Mean rating by number of members of Blended: single ")
    assert ", 2 members " in content.sentence and " and 3 members " in content.sentence
    parts, means = content.figure.data
    assert sorted(parts.x) == [1, 1, 1, 2, 2, 2, 3] and list(means.x) == [1, 2, 3]
    assert means.error_y.array[0] > 0 and MARKED in content.figure.to_json()


def test_what_each_member_is_worth(page):
    content = page.members()
    assert content.sentence.startswith("Points that each member brings to Blended: ")
    assert "without cedar" in content.sentence and MARKED in content.figure.to_json()
    for names in (content.table.rows, [trace.y for trace in content.figure.data]):
        assert {row[0] for row in names} == {"alder", "birch", "cedar"}


def test_against_the_best_member_and_the_copies(page):
    content = page.best()
    assert "points over its best member, " in content.sentence
    rows = [trace.y[0] for trace in content.figure.data]
    assert rows[1:] == ["over 3 × alder", "3 × alder over one"]


def test_who_likes_whom(page):
    content = page.alike()
    assert "alder and birch" in content.sentence and "visitors)" in content.sentence
    assert len(content.table.rows) == 3 and all(row[2] > 20 for row in content.table.rows)


def test_of_few_visitors_nothing_is_drawn_and_all_is_computed_once_for_each_state(store):
    page = AblationSections(site(store))
    fill(store, 40, visitors=4)
    for answer in (page.size, page.members, page.best, page.alike):
        with pytest.raises(TooEarly, match="fewer than 5 visitors have votes that count"):
            answer()
    first = page.analysis()
    assert page.analysis() is first
    fill(store, 1, first=40)
    assert page.analysis() is not first


def test_other_draws_are_read_out(tmp_path):
    write_log(tmp_path / "a.db", 800, 3, 0)
    with closing(Store.open(tmp_path / "a.db")) as store:
        with pytest.raises(TooEarly, match="fewer than 5 visitors have talked"):
            PolicySection(site(store)).gains()
        shared(store, 6)
        page = PolicySection(site(store))
        content = page.gains()
        assert page.appraisal() is page.appraisal()
    assert content.sentence.startswith("On Made-up blend's turns, of 6 visitors, ")
    rows = [row[:2] for row in content.table.rows]
    assert rows[:2] == [("A thumb up", "uniform"), ("A thumb up", "no-repeat")]
    assert MARKED in content.figure.to_json() and all(
        f"insights.policies.{reward}" in entries("en") for reward in REWARDS
    )


def talked(store, n, visitors):
    """Battles answered by both sides, each side by one of two members with words of its own."""
    words = {"oak": "a b c d e f", "elm": "u v w x y z"}
    fill(store, n, visitors)
    members = "CASE WHEN abs(random()) % 2 THEN 'oak' ELSE 'elm' END"
    store.database.execute(f"UPDATE turns SET member = {members}, chance = 0.5")
    for member, said in words.items():
        store.database.execute("UPDATE turns SET reply = ? WHERE member = ?", (said, member))


def test_how_different_replies_are(store):
    page = ReplyDiversity(site(store))
    with pytest.raises(TooEarly, match="fewer than 5 visitors have had both"):
        page.differences()
    talked(store, 30, 6)
    with pytest.raises(TooEarly, match="Too early: for a comparison two members must have"):
        page.differences()
    talked(store, 200, 6)
    content = page.differences()
    assert content.sentence.startswith("Most different are elm and oak: their replies to one")
    assert [row[2] for row in content.table.rows] == ["1.00 [1.00, 1.00]"]
    assert len(content.figure.data) == 1
