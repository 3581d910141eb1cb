"""Label Studio's JSON export: tasks, each with annotations that chose one of two texts.

https://labelstud.io/guide/export (the Pairwise tag writes {"selected": "left"}). A task's own data
name the two models, in columns that import knows or that --map names.
"""

from collections.abc import Iterator

from arena.exchange.forms.form import FormRow, NoVote, VoteForm, comment_of, items, mapping
from arena.exchange.vote_row import VoteRow

CARRIED = {
    **{"left": "left", "right": "right", "prompt": "prompt", "language": "language"},
    **{"left_conversation": "conversation_a", "right_conversation": "conversation_b"},
}
"""What a task may tell of a vote, and the column of a vote for it."""


def carried(task: FormRow) -> dict[str, object]:
    """What the fields of a task or a record tell of a vote that somebody casts on it."""
    row = VoteRow(task)
    return {column: row.get(what) for what, column in CARRIED.items()}


def _votes(row: FormRow) -> Iterator[FormRow]:
    annotations = [each for each in map(mapping, items(row.get("annotations"))) if each]
    kept = [each for each in annotations if not each.get("was_cancelled")]
    given = [(each, results) for each in kept if any(map(_chosen, results := _results(each)))]
    if not given:
        raise NoVote("no annotation of it chose one of two")
    for annotation, results in given:
        chosen = {str(each.get("from_name")): _chosen(each) for each in results}
        person = annotation.get("completed_by")
        yield {
            **carried(mapping(row.get("data"))),
            "winner": next(filter(None, map(_chosen, sorted(results, key=_is_no_pair)))),
            **{f"result.{name}": choice for name, choice in chosen.items()},
            "visitor": person.get("id") if isinstance(person, dict) else person,
            "time": annotation.get("created_at"),
            "comment": comment_of(*(_words(each) for each in results)),
            "id": f"{row.get('project')} {row.get('id')} {annotation.get('id')}",
        }


def _results(annotation: FormRow) -> list[FormRow]:
    return [*map(mapping, items(annotation.get("result")))]


def _is_no_pair(result: FormRow) -> bool:
    return result.get("type") != "pairwise"


def _chosen(result: FormRow) -> object:
    """What the Pairwise tag chose; what the Choices tag chose, if that is one thing."""
    value = mapping(result.get("value"))
    if not _is_no_pair(result):
        selected = value.get("selected")
        return None if selected == "none" else selected  # a choice that was taken back
    choices = value.get("choices")
    return choices[0] if isinstance(choices, list) and len(choices) == 1 else None


def _words(result: FormRow) -> str | None:
    """What was written in a TextArea."""
    texts = mapping(result.get("value")).get("text")
    texts = texts if isinstance(texts, list) else [texts]
    return "\n".join(text for text in texts if isinstance(text, str)) or None


LABEL_STUDIO = VoteForm("Label Studio's tasks", frozenset({"data", "annotations"}), _votes)
