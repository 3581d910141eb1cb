"""A blend taken apart, in words."""

import json

from arena.dissection import Contribution, Dissection, Pair, Points
from arena.dissection_text import NONE, as_json, as_text
from arena.likeness import Likeness
from blend.resample import Estimate

FOUND = Dissection(
    "Blended",
    {1: (2, Points(990, 980, 1000)), 2: (1, Points(1010, 1000, 1020))},
    {"a": 1, "b": 1, "Blended": 2},
    (Contribution("a", Points(12, 3, 21), None, Points(995, 985, 1005)),),
    False,
    ("a", Points(15, -2, 30)),
    {"2 × a": (Points(0, -9, 9), Points(16, 2, 30))},
    (Pair("a", "b", Points(18, 2, 34)), Pair("a", "c", None)),
    ("Not every subset fought.",),
)
ALIKE = {
    ("a", "b"): Likeness(120, Estimate(0.25, 0.07, 0.41)),
    ("a", "c"): Likeness(9, None),
}


def test_every_number_stands_with_its_interval():
    text = "\n".join(as_text(FOUND, ALIKE))
    for said in (
        "Blended taken apart",
        "1010 [1000, 1020]",
        "+12 [+3, +21]",
        "—",
        "over the best of its members (a): +15 [-2, +30]",
        "2 × a, the same model in copies, over its one member: +0 [-9, +9]",
        "Not every subset fought.",
        "+18 [+2, +34]    +0.25 [+0.07, +0.41]       120",
    ):
        assert said in text


def test_programs_get_the_same():
    told = json.loads(json.dumps(as_json(FOUND, ALIKE)))
    assert told["sizes"]["2"][1]["value"] == 1010
    assert told["contributions"][0]["shapley"]["low"] == 3
    assert told["pairs"][0]["votes"]["correlation"]["value"] == 0.25


def test_without_parts_the_mend_is_told():
    assert list(as_text(None, {})) == [NONE] and as_json(None, {}) is None
