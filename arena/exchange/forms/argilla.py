"""Argilla's records: fields with two responses, and what each person answered to a question.

https://github.com/argilla-io/argilla (records/_io/_generic.py). As to_json writes them, with
`responses`, or flat, as they lie on the Hub, with `QUESTION.responses` and
`QUESTION.responses.users`. The fields or metadata name the two models, in columns that import knows
or that --map names.
"""

from collections.abc import Iterator, Mapping, Sequence

from arena.exchange.forms.form import FormRow, NoVote, VoteForm, items, mapping
from arena.exchange.forms.label_studio import carried
from arena.exchange.forms.winner_words import is_winner

Answers = Mapping[str, Sequence[FormRow]]
"""By question: what each person answered, as {"value", "user_id"}."""

FLAT = ".responses"


def _votes(row: FormRow) -> Iterator[FormRow]:
    fields = {**mapping(row.get("fields")), **mapping(row.get("metadata"))}
    answers = mapping(row.get("responses"))
    yield from _by_person(fields, row.get("id"), answers)


def _flat_votes(row: FormRow) -> Iterator[FormRow]:
    answers = {}
    for column, values in row.items():
        if column.endswith(FLAT) and isinstance(values, list):
            users = items(row.get(f"{column}.users"))
            states = items(row.get(f"{column}.status")) or [None] * len(values)
            if not len(values) == len(users) == len(states):
                raise ValueError(f"its {column} are not as many as their users")
            answers[column.removesuffix(FLAT)] = [
                {"value": value, "user_id": user}
                for value, user, state in zip(values, users, states, strict=True)
                if state in (None, "submitted")
            ]
    fields = {name: value for name, value in row.items() if FLAT not in name}
    yield from _by_person(fields, row.get("id"), answers)


def _by_person(fields: FormRow, id: object, answers: Answers) -> Iterator[FormRow]:
    """A vote of each person who answered the question that tells a winner."""
    people: dict[str | int, dict[str, object]] = {}
    for question, given in answers.items():
        for n, each in enumerate(map(mapping, items(given))):
            # One who is not named is another one in each place. Argilla writes None as a text.
            name = each.get("user_id")
            person = n if name in (None, "", "None") else str(name)
            people.setdefault(person, {})[question] = _word(each.get("value"))
    if not people:
        raise NoVote("nobody answered")
    vote = carried(fields)
    names = vote["left"], vote["right"]
    for person, words in people.items():
        winners = {q: word for q, word in words.items() if is_winner(word, names)}
        yield {
            **vote,
            "winner": _only(winners),
            **{f"responses.{question}": word for question, word in words.items()},
            "visitor": person if isinstance(person, str) else None,
            "id": id,
        }


def _only(winners: Mapping[str, object]) -> object:
    """The one winner of all questions; where there is none, or they differ, an error, which --map
    may yet mend."""
    if not winners:
        return NoVote(
            "no answer of somebody tells a winner: if one does, name its question, as in --map"
            " winner=responses.QUESTION"
        )
    if len(set(winners.values())) > 1:
        return ValueError(
            f"its questions {', '.join(winners)} tell different winners: name one, as in --map"
            f" winner=responses.{next(iter(winners))}"
        )
    return next(iter(winners.values()))


def _word(value: object) -> object:
    """An answer as a word for a winner: of a ranking the first one, or a tie of two first ones."""
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        return value
    ranks = [each.get("rank") for each in value]
    if len(ranks) != 2 or not all(isinstance(rank, int | float) for rank in ranks):
        return None
    first, second = ranks
    return "tie" if first == second else str(value[first > second].get("value"))


ARGILLA = VoteForm("Argilla's records", frozenset({"fields", "responses"}), _votes)
ARGILLA_FLAT = VoteForm("Argilla's records, flat", frozenset(), _flat_votes)
