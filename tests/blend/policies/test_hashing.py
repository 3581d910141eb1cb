"""Hashed words: the same numbers as scikit-learn's, without importing it to serve."""

import subprocess
import sys

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from blend.policies.hashing import HashedNgrams, grams


@settings(deadline=None)  # the first one imports scikit-learn
@given(st.text(max_size=200), st.integers(1, 4096))
@example("", 16)
@example("Hello, hello! 你好吗", 2048)
def test_one_text_is_the_row_of_the_matrix(text, size):
    hashed = HashedNgrams(size)
    places, values = hashed.row(text)
    dense = np.zeros(size)
    dense[places] = values
    assert np.allclose(hashed.matrix([text]).toarray()[0], dense)


def test_words_and_pairs():
    assert grams("Good day, GOOD") == ["good", "day", "good", "good day", "day good"]
    assert grams("你好") == ["你", "好", "你 好"]


def test_serving_does_not_import_sklearn():
    code = (
        f"import sys; from blend.policies.hashing import {HashedNgrams.__name__} as made;"
        "made(64).row('hello there');"
        "sys.exit('sklearn' in sys.modules or 'scipy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
