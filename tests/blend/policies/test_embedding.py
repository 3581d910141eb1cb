"""Texts as sentence vectors, by a tiny model that is made here."""

import numpy as np
import pytest

from blend.evaluation.trials.synthetic_topics import topic_word
from blend.policies.embedding import EmbeddingError, SentenceEmbedder


def test_vectors_have_length_one_and_tell_topics_apart(sentences):
    model = SentenceEmbedder.load(sentences)
    texts = [f"{topic_word(0, 1)} {topic_word(0, 2)}", topic_word(0, 3), topic_word(1, 1)]
    vectors = model.vectors(texts)
    assert vectors.shape == (3, model.size) and np.allclose((vectors**2).sum(1), 1)
    distance = model.distance()
    assert distance(texts[0], texts[1]) == pytest.approx(0, abs=1e-6)
    assert distance(texts[0], texts[2]) > 0.5
    assert model.vectors([]).shape == (0, model.size)


def test_one_text_is_the_row_of_the_matrix(sentences):
    model = SentenceEmbedder.load(sentences)
    places, values = model.row(topic_word(2, 5))
    assert np.allclose(model.matrix([topic_word(2, 5)]).toarray()[0][places], values)
    assert model.description() == {"kind": "sentences", "size": 8, "model": sentences}


def test_a_model_that_is_not_there_is_one_line(sentences, tmp_path):
    with pytest.raises(EmbeddingError, match="no sentence model") as refusal:
        SentenceEmbedder.load(str(tmp_path / "none"))
    assert "\n" not in str(refusal.value)
