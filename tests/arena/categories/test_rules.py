"""The plain cases of each category in four languages, and their look-alikes."""

import pytest

from arena.categories.category_tag import category_tag
from arena.categories.tagger import TAGS, Tagger

PLAIN = {
    "code": [
        "Write a function in Go that merges two sorted slices",
        "Mein Skript in Python bricht mit einem KeyError ab",
        "Comment trier un tableau en JavaScript ?",
        "¿Cómo uso git rebase sin perder mis cambios?",
    ],
    "mathematics": [
        "Solve 4x + 7 = 31",
        "Wie groß ist die Wahrscheinlichkeit für drei Sechsen?",
        "Résous l'équation x² = 49",
        "¿Cuánto es el 12 % de 900?",
    ],
    "creative_writing": [
        "Write me a poem about my bicycle",
        "Erfinde ein Märchen mit einem Fuchs",
        "Raconte-moi une histoire de fantômes",
        "Escribe un cuento sobre una abuela pirata",
    ],
    "instruction_following": [
        "Explain gravity in exactly four sentences.",
        "Erkläre den Föhn in höchstens 30 Wörtern",
        "Donne-moi ta réponse en 20 mots maximum",
        "Resume el texto en tres frases",
    ],
    "languages": [
        "Translate this into Dutch: see you soon",
        "Übersetze ins Französische: Guten Appetit",
        "Traduis en espagnol : le chat dort",
        "¿Cómo se dice «ventana» en alemán?",
    ],
    "small_talk": ["hello!", "Na, wie geht's?", "Salut, ça va ?", "Hola, ¿cómo estás?"],
}

LOOKALIKES = [
    ("code", "Compile a list of museums in Rome"),
    ("code", "From my point of view, class reunions are boring"),
    ("code", "How should I react when my boss shouts at me?"),
    ("mathematics", "How do newcomers integrate into a village?"),
    ("mathematics", "My birthday is on 2024-05-31, what star sign am I?"),
    ("creative_writing", "Who wrote the poem Ozymandias?"),
    ("creative_writing", "Write a summary of the novel Emma"),
    ("creative_writing", "You are a helpful assistant. What do I need for a picnic?"),
    ("instruction_following", "What are the legs of a table called?"),
    ("languages", "Which countries border the French Alps?"),
    ("small_talk", "Thanks in advance: which used phone under 300 dollars has a good camera?"),
]


@pytest.mark.parametrize(
    ("tag", "message"), [(tag, each) for tag, messages in PLAIN.items() for each in messages]
)
def test_a_plain_case_has_its_tag_in_four_languages(tag, message):
    assert tag in Tagger().tags(message)


@pytest.mark.parametrize(("tag", "message"), LOOKALIKES)
def test_a_look_alike_has_not(tag, message):
    assert tag not in Tagger().tags(message)


def test_a_message_may_have_several_tags_in_the_order_of_all():
    tags = Tagger().tags("Write a haiku about rain in French.")
    assert tags == ("creative_writing", "instruction_following", "languages")
    assert Tagger().tags("What is the capital of Peru?") == ()


def test_a_greeting_before_a_task_is_no_small_talk():
    assert Tagger().tags("Hello! Solve 4x + 7 = 31, thank you") == ("mathematics",)


def test_many_letters_make_a_longer_query_and_the_end_of_a_long_text_is_read():
    assert Tagger().tags("Why? " * 99 + "why?") == ()
    assert Tagger().tags("Why? " * 100) == ("longer_query",)
    text = "The council met on Monday. " * 200
    assert Tagger().tags(text + "\nTranslate this into German.") == ("longer_query", "languages")
    assert Tagger().tags(f"{text}\nTranslate it.\n{text}") == ("longer_query",)


def test_case_quotes_and_composed_letters_do_not_matter():
    assert Tagger().tags("WAS HEISST “BREAD” AUF DEUTSCH") == ("languages",)
    assert "languages" in Tagger().tags("U\u0308BERSETZE DAS")


def test_the_form_of_the_140k_set():
    tag = category_tag("Write a sonnet of 14 lines that proves Pythagoras' theorem for my class.")
    assert tag == {
        "creative_writing_v0.1": {"creative_writing": True, "score": None},
        "criteria_v0.1": {
            "complexity": False,
            "creativity": True,
            "domain_knowledge": True,
            "problem_solving": True,
            "real_world": False,
            "specificity": True,
            "technical_accuracy": True,
        },
        "if_v0.1": {"if": True, "score": None},
        "math_v0.1": {"math": True},
    }
    assert {*TAGS} - {*PLAIN} == {"longer_query", "hard_prompt"}
