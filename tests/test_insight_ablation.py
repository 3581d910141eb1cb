"""The insights of a blend taken apart, and of other draws: from votes to sentence and picture."""

from types import SimpleNamespace

import pytest

from arena import simulate
from arena.boards import Boards
from arena.outcome import REWARDS
from arena.rehearse import rehearse
from arena.store import Store
from arena.tabs.insight import ablation, canvas, policies, replies
from arena.tabs.insight.ablation import Ablation
from arena.tabs.insight.policies import Policies
from arena.tabs.insight.replies import Replies
from blend.roster import read
from tests.conftest import fill
from tests.test_appraisal import shared

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


def site(store, roster):
    return SimpleNamespace(store=store, roster=roster, boards=Boards(roster, store), current={})


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """The sections' answers by slug, on simulated votes of an ablation."""
    folder = tmp_path_factory.mktemp("apart")
    (folder / "r.toml").write_text(ROSTER)
    options = ["--roster", str(folder / "r.toml"), "--votes", "6000"]
    assert simulate.main(["--db", str(folder / "a.db"), *options]) == 0
    store = Store.open(folder / "a.db")
    page = Ablation(site(store, read(folder / "r.toml")))
    yield {section.slug: section.show() for section in page.sections()}
    store.close()


def test_rating_against_the_number_of_members(shown):
    said, figure = shown["size"].sentence, shown["size"].figure
    assert said.startswith("Mean rating by number of members of Blended: single members ")
    assert ", 2 members " in said and " and 3 members " in said
    parts, means = figure.data
    assert sorted(parts.x) == [1, 1, 1, 2, 2, 2, 3] and list(means.x) == [1, 2, 3]
    assert means.error_y.array[0] > 0


def test_what_each_member_is_worth(shown):
    found = shown["members"]
    assert found.sentence.startswith("Points that each member brings to Blended: ")
    assert "without cedar" in found.sentence
    assert {row[0] for row in found.table.rows} == {"alder", "birch", "cedar"}
    assert {trace.y[0] for trace in found.figure.data} == {"alder", "birch", "cedar"}


def test_against_the_best_member_and_the_copies(shown):
    found = shown["best"]
    assert "points over its best member, " in found.sentence
    assert [trace.y[0] for trace in found.figure.data][1:] == [
        "over 3 × alder",
        "3 × alder over one",
    ]


def test_who_likes_whom(shown):
    found = shown["alike"]
    assert "alder and birch" in found.sentence and "visitors)" in found.sentence
    assert len(found.table.rows) == 3 and all(row[2] > 20 for row in found.table.rows)


def test_made_up_votes_are_marked(shown):
    assert all(canvas.MARKED in found.figure.to_json() for found in shown.values())


def test_without_votes_or_of_few_visitors_nothing_is_drawn(tmp_path):
    store = Store.open(tmp_path / "a.db")
    page = Ablation(site(store, read("scripted")))
    assert {section.show().sentence for section in page.sections()} == {ablation.EARLY}
    fill(store, 40, visitors=4)
    assert all(section.show().figure is None for section in page.sections())
    store.close()


def test_it_is_reckoned_once_for_each_state_of_the_votes(tmp_path):
    store = Store.open(tmp_path / "a.db")
    fill(store, 30, visitors=6)
    page = Ablation(site(store, read("scripted")))
    first = page.apart()
    assert page.apart() is first
    fill(store, 1, first=30)
    assert page.apart() is not first
    store.close()


def test_other_draws_are_read_out(tmp_path):
    rehearse(tmp_path / "a.db", 800, 3, 0)
    store = Store.open(tmp_path / "a.db")
    page = Policies(site(store, read("scripted")))
    (section,) = page.sections()
    assert section.show().sentence == policies.EARLY
    shared(store, 6)
    page = Policies(site(store, read("scripted")))
    found = page.show()
    assert found.sentence.startswith("On Made-up blend's turns, of 6 visitors, ")
    assert [row[:2] for row in found.table.rows][:2] == [
        ("A thumb up", "uniform"),
        ("A thumb up", "no-repeat"),
    ]
    assert canvas.MARKED in found.figure.to_json()
    assert page.appraisal() is page.appraisal()
    store.close()


def test_every_reward_has_a_title():
    assert set(policies.TITLES) == set(REWARDS)


def talked(store, n, visitors):
    """Battles answered by both sides, each side by one of two members with words of its own."""
    words = {"oak": "a b c d e f", "elm": "u v w x y z"}
    fill(store, n, visitors)
    members = "CASE WHEN abs(random()) % 2 THEN 'oak' ELSE 'elm' END"
    store._write(f"UPDATE turns SET member = {members}")
    for member, said in words.items():
        store._write("UPDATE turns SET reply = ? WHERE member = ?", (said, member))


def test_how_different_replies_are(tmp_path):
    store = Store.open(tmp_path / "a.db")
    page = Replies(site(store, read("scripted")))
    assert page.show().sentence == replies.EARLY
    talked(store, 30, 6)
    assert page.show().sentence == replies.SHORT
    talked(store, 200, 6)
    found = page.show()
    assert found.sentence.startswith("Most different are elm and oak: their replies to one message")
    assert [row[2] for row in found.table.rows] == ["1.00 [1.00, 1.00]"]
    assert len(found.figure.data) == 1
    store.close()
