"""A visitor's own votes in words."""

import pytest

from arena.db.repositories.votes.visitor_votes import MANY, VoteTally
from arena.pages.votes import text
from arena.pages.votes.standing import Standing, own_votes
from arena.ranking.personal.agreement import Agreement
from arena.texts import ENGLISH
from arena.votes.rules import CODES


def words(*outcomes):
    own = own_votes(outcomes)
    return f"{text.headline(own, ENGLISH)}. {text.counted_line(own, ENGLISH)}"


def test_nobody_has_voted():
    assert words() == (
        "You have not voted yet. In the arena two hidden contenders answer your message, and you "
        "say who did better. After 10 votes that compare them you see your own ranking here, "
        "beside everybody's."
    )


@pytest.mark.parametrize(
    ("outcomes", "line"),
    [
        (
            [("a", "b", "left", True, "", 1)],
            "You have given 1 vote. It counts. "
            "After 9 more that count you see your own ranking here.",
        ),
        (
            [("a", "b", "left", True, "", 9), ("a", "b", "both_bad", True, "", 1)],
            "You have given 10 votes. All of them count. “Both bad” counts, but it puts nobody "
            "above anybody, so it adds nothing to a ranking. "
            "After 1 more that counts you see your own ranking here.",
        ),
        ([("a", "b", "tie", True, "", 10)], "You have given 10 votes. All of them count."),
        (
            [("a", "b", "left", True, "", 1), ("a", "b", "left", False, "too_fast", 1)],
            "You have given 2 votes. 1 of them counts. "
            "After 9 more that count you see your own ranking here.",
        ),
        (
            [("a", "b", "left", False, "too_fast", 1)],
            "You have given 1 vote. None of them counts. "
            "After 10 more that count you see your own ranking here.",
        ),
    ],
    ids=["one", "nine and both bad", "ten", "one of two", "none"],
)
def test_votes_are_counted_and_what_is_missing_is_told(outcomes, line):
    assert words(*outcomes) == line


def test_why_votes_do_not_count_is_told_with_how_many():
    own = own_votes(
        [
            ("a", "b", "left", False, "identity_shown, too_fast", 2),
            ("a", "b", "tie", False, "too_fast", 1),
            ("a", "b", "tie", False, "of_a_later_version", 1),
        ]
    )
    (first, fast), (second, shown), other = text.reasons(own, ENGLISH)
    assert (first, second) == (3, 2) and other == (1, "of_a_later_version")
    assert "faster" in fast and "gave away" in shown


@pytest.mark.parametrize("code", sorted({*CODES} - {"named"}))
def test_every_reason_has_words_for_who_gave_the_vote(code):
    assert text.reason(code, ENGLISH) != code


def lines(agreement, others=True):
    return text.agreement_lines(Standing((), agreement, others), ENGLISH)


def test_agreement_is_a_share_with_its_interval_and_names():
    found = Agreement(8, 11, 0.43, 0.9, {"oak": 1, "elm": -1, "fir": 0, "ash": 1})
    assert lines(found) == [
        "In 8 of 11 votes with a winner you chose the one that the other visitors rate higher: 73% "
        "(with 95% certainty 43% to 90%).",
        "You rate ash and oak higher than the others do.",
        "You rate elm lower than the others do.",
    ]


def test_few_votes_tell_nothing_and_nobody_else_is_nobody():
    few = Agreement(3, 4, 0.3, 0.95, {})
    assert lines(few) == [
        "There are too few votes yet to tell how far you agree with the other visitors."
    ]
    (share, whom) = lines(Agreement(8, 11, 0.43, 0.9, {"oak": 0}))
    assert share.startswith("In 8 of 11") and whom.startswith(
        "There are too few votes to tell whom"
    )
    assert lines(few, others=False) == [
        "Nobody else's vote compares these contenders yet, so there is nobody to compare you with."
    ]


@pytest.mark.parametrize(
    ("tally", "line"),
    [
        (VoteTally(7, 7, 7), 'Your vote no. 7. <a href="votes">3 more for your own ranking</a>'),
        (VoteTally(9, 9, 9), 'Your vote no. 9. <a href="votes">1 more for your own ranking</a>'),
        (VoteTally(12, 11, 9), 'Your vote no. 12. <a href="votes">1 more for your own ranking'),
        (VoteTally(12, 11, 10), 'Your vote no. 12. <a href="votes">See your own ranking</a>'),
        (VoteTally(MANY, 1, 10), 'One more of your many votes. <a href="votes">See your own'),
    ],
    ids=["7", "9", "12, some not counted", "12", "many"],
)
def test_after_a_vote_a_quiet_line_tells_what_is_next(tally, line):
    assert line in text.vote_line(tally, ENGLISH)


def test_a_vote_with_the_names_in_view_has_no_such_line():
    assert text.vote_line(None, ENGLISH) == ""
