"""A visitor's last votes in words."""

from arena.db.repositories.votes.visitor_votes import VisitorVote
from arena.pages.votes.history import past_vote
from arena.texts import ENGLISH

NAMES = {"c1": "Blended", "c2": "oak"}
CHANGE = ((1000.0, 1012.4), (1000.0, 987.6))


def shown(choice="left", counted=True, why="", change=CHANGE):
    vote = VisitorVote(1_800_000_000.0, "c1", "c2", choice, counted, why, change)
    return past_vote(vote, NAMES, ENGLISH)


def test_a_vote_tells_when_who_what_and_what_it_changed():
    vote = shown()
    assert vote.when == "15 January 2027, 08:00:00 UTC"
    assert vote.choice == "Blended over oak"
    assert vote.changes == ("Blended 1000 → 1012", "oak 1000 → 988")


def test_every_choice_is_told():
    lost = shown("right", change=CHANGE[::-1])
    assert lost.choice == "oak over Blended"
    assert lost.changes == ("oak 1000 → 1012", "Blended 1000 → 988")
    assert shown("tie").choice == "Blended and oak: a tie"
    assert shown("both_bad").choice == "Blended and oak: both bad"
    assert shown(change=((1000.0, 1000.2),) * 2).changes == (
        "Blended 1000, as before",
        "oak 1000, as before",
    )


def test_a_vote_that_does_not_count_says_why():
    (why,) = shown(counted=False, why="identity_shown", change=None).changes
    assert why.startswith("Not counted. A reply gave away who wrote it")
    # It counted when it was cast: what it did then is no longer so.
    (why,) = shown(counted=False, why="one_sided").changes
    assert why.startswith("Not counted. Taken together")


def test_a_vote_of_before_the_change_was_stored_says_so():
    assert shown(change=None).changes == ("Counted.",)


def test_who_is_not_known_any_more_has_its_id():
    vote = VisitorVote(0.0, "c1", "c9", "tie", True, "", None)
    assert past_vote(vote, NAMES, ENGLISH).choice == "Blended and c9: a tie"
