"""Every form: who won as the file's own fields say, and the ratings that another program fits."""

import json
import math
from contextlib import suppress

import evalica
import numpy as np
import pyarrow
import pytest
from foreign_files import FILES, bring, votes
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow.parquet import write_table

from arena.exchange.foreign_votes import ForeignVotes
from arena.exchange.forms.argilla import ARGILLA_FLAT
from arena.exchange.forms.known_forms import FORMS, form_of
from arena.ranking.ballots import CHOICES, PairCounts
from arena.ranking.ratings import SCALE, bradley_terry

PLAIN = (
    *("--map", "left=Model X,right=Model Y,winner=Better,visitor=Rater,time=When"),
    *("--map", "prompt=Question,left_conversation=Answer X,right_conversation=Answer Y"),
    *("--winners", "left=x,right=Y,both_bad=awful"),
)

EXPECTED = {
    "open_webui.json": (
        *("oak elm left", "fir oak left", "elm fir right", "fir oak left", "elm oak tie"),
        "elm oak right not blind",
    ),
    "comparia_votes.jsonl": (
        *("oak elm left", "fir oak right", "elm fir tie", "elm oak left", "fir elm left"),
    ),
    "comparia_reactions.jsonl": (
        *("oak elm left", "oak elm tie", "elm fir left", "fir oak both_bad", "fir oak right"),
        "fir elm right",
    ),
    "comparia_turns.jsonl": (
        *("oak elm left", "elm fir tie", "fir oak right", "fir oak both_bad"),
        *("elm oak left not counted where it comes from", "fir elm right"),
    ),
    "mt_bench.jsonl": (
        *("oak elm right", "oak elm left", "elm fir tie", "fir oak left", "elm oak tie"),
        "elm oak left",
    ),
    "arena_100k.jsonl": (
        *("oak elm left", "elm fir both_bad", "fir oak tie", "elm oak left"),
        *("fir oak left not blind", "elm fir right"),
    ),
    "arena_140k.jsonl": (
        *("oak elm left", "elm fir both_bad", "fir oak tie", "elm oak left", "elm fir right"),
    ),
    "alpaca_eval.json": (
        *("oak elm right", "oak elm left", "oak elm tie", "oak fir right", "oak fir left"),
        *("elm fir tie", "elm fir right", "elm fir left"),
    ),
    "argilla.json": (
        *("oak elm left", "oak elm right", "elm fir tie", "fir oak left", "fir oak tie"),
        *("elm oak right", "elm fir right"),
    ),
    "argilla_flat.jsonl": ("oak elm left", "oak elm right", "fir elm right"),
    "label_studio.json": (
        *("oak elm left", "oak elm right", "elm fir tie", "fir oak right", "elm oak left"),
        "fir elm left",
    ),
    "plain.csv": (
        *("oak elm left", "elm oak right", "fir elm tie", "elm fir left", "fir oak left"),
        "oak fir both_bad",
    ),
}
"""Written by hand from each file's own fields: left, right, winner, and why it does not count."""


@pytest.fixture(params=EXPECTED)
def brought(request, tmp_path):
    """A form's file, the database that it came into, and the options."""
    options = PLAIN if request.param == "plain.csv" else ()
    assert bring(FILES / request.param, tmp_path / "a.db", *options) == 0
    return FILES / request.param, tmp_path / "a.db", options


def test_the_winners_that_the_file_says_once(brought, capsys):
    file, db, options = brought
    expected = [tuple(row.split(maxsplit=3)) for row in EXPECTED[file.name]]
    assert [tuple(filter(None, row)) for row in votes(db)] == expected
    assert bring(file, db, *options) == 0
    assert f"added 0 of {len(expected)} votes" in capsys.readouterr().out


def other_fit(rows):
    """Log strengths by evalica, with the prior's win and loss of each against a phantom."""
    scores = {"left": (1, 0), "right": (0, 1), "tie": (0.5, 0.5), "both_bad": (0, 0)}
    names = sorted({name for row in rows for name in row[:2]})
    games = [(name, "phantom", 1) for name in names] + [("phantom", name, 1) for name in names]
    for left, right, choice in rows:
        games += zip((left, right), (right, left), scores[choice], strict=True)
    games = [game for game in games if game[2]]
    winners, losers, weights = map(list, zip(*games, strict=True))
    fit = evalica.bradley_terry(
        winners,
        losers,
        [evalica.Winner.X] * len(games),
        weights=weights,
        tolerance=1e-13,
        limit=100_000,
    ).scores
    return {name: math.log(fit[name]) for name in names}


def test_ratings_are_those_of_another_program(brought):
    file, db, _ = brought
    rows = [row.split() for row in EXPECTED[file.name]]
    theirs = other_fit([row[:3] for row in rows if len(row) == 3])
    counted = [(*row[:3], 1) for row in votes(db) if not row[3]]
    ours = bradley_terry(PairCounts.of(counted))
    met = ours.counts.win_rates()[1].sum(1)
    mean = np.average([theirs[name] for name in ours.counts.names], weights=met)
    for name in ours.counts.names:
        assert ours[name].rating == pytest.approx(1000 + SCALE * (theirs[name] - mean), abs=0.01)


@pytest.mark.parametrize(
    "name",
    [
        *("argilla_flat.jsonl", "arena_140k.jsonl", "comparia_votes.jsonl"),
        *("comparia_turns.jsonl", "mt_bench.jsonl"),
    ],
)
def test_parquet_is_read_like_json(tmp_path, name):
    rows = [json.loads(line) for line in (FILES / name).read_text().splitlines()]
    rows = [row for row in rows if not isinstance(row.get("judge"), list)]
    write_table(pyarrow.Table.from_pylist(rows), tmp_path / "a.parquet")
    assert bring(tmp_path / "a.parquet", tmp_path / "a.db") == 0
    expected = [tuple(row.split(maxsplit=3)) for row in EXPECTED[name]]
    found = [tuple(filter(None, row)) for row in votes(tmp_path / "a.db")]
    assert found == expected[: len(found)] and len(found) >= len(expected) - 1


def test_no_two_forms_share_their_marks():
    for form in FORMS:
        assert form_of((*form.marks,)) is form


KEYS = (
    *("model_id", "rating", "sibling_model_ids", "message_id", "chat", "history", "messages"),
    *("a", "b", "parentId", "childrenIds", "result", "value", "type", "selected", "choices"),
    *("languages", "q", "user_id", "rank", "model_a", "model_b"),
)
"""What one form or another looks for in an object."""

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["a", "left", "b"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5)
    ),
    max_leaves=20,
)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_whatever_a_row_holds_it_is_read_or_refused(data):
    form = data.draw(st.sampled_from([*FORMS, ARGILLA_FLAT]))
    more = ("prompt", "annotator", "judge", "q.responses", "q.responses.users", "conversation_a")
    columns = [*sorted(form.marks), *more]
    rows = [{name: data.draw(VALUES) for name in columns} for _ in range(2)]
    votes_of = form.survey(rows) if form.survey else form.votes
    foreign = ForeignVotes(0.0)
    for row in rows:
        with suppress(ValueError):
            for vote in votes_of(row):
                assert foreign.battle({**vote, "vote_form": form.name}).choice in CHOICES
