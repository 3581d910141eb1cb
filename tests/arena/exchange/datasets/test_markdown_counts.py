"""Markdown by kind: the same marks as style control counts, told apart."""

from hypothesis import given
from hypothesis import strategies as st

from arena.db.turn_features import MARKS, features
from arena.exchange.datasets.markdown_counts import markdown_counts, token_estimate

LINES = (
    "# a",
    "###### b",
    "####### c",
    "#d",
    " # e",
    "- f",
    "  * g",
    "+h",
    "1. i",
    "  23) j",
    "4.k",
)
MORE = ("**l** and __m__", "**n", "```", "```python", "- **o**", "٣. p", "", "# ", "- ", "-  \tq")


@given(st.lists(st.sampled_from((*LINES, *MORE)), max_size=12).map("\n".join))
def test_their_sums_are_what_style_control_counts(reply):
    counts, known = markdown_counts([reply]), features("", reply)
    sums = [sum(kinds.values()) for kinds in counts.values()]
    assert sums == [known[mark] for mark in MARKS]


def test_they_are_told_apart_and_added_up():
    counts = markdown_counts(["# a\n### b\n- c\n* d\n1. e", "## f\n2) g\n**h** __i__ **j**"])
    assert counts["header_count"] == {"h1": 1, "h2": 1, "h3": 1, "h4": 0, "h5": 0, "h6": 0}
    assert counts["list_count"] == {"ordered": 2, "unordered": 2}
    assert counts["bold_count"] == {"**": 2, "__": 1}


def test_a_length_is_rounded_up():
    assert [token_estimate(n) for n in (0, 1, 4, 5)] == [0, 1, 1, 2]
