"""Open WebUI's feedback export: one reply rated up or down, beside those of other models.

https://github.com/open-webui/open-webui (ResponseMessage.svelte writes the rating, the admin's
page Evaluations exports it). Its own board counts a rating as a match with each reply beside it; so
does this. A rating without another model's reply beside it is no match.
"""

from collections.abc import Iterator, Mapping, Sequence
from reprlib import repr as brief

from arena.exchange.forms.form import (
    FormRow,
    NoVote,
    VoteForm,
    comment_of,
    items,
    mapping,
    spelled,
)

OUTCOMES = {"1": 1, "0": 0, "-1": -1}

Messages = Mapping[str, object]
"""The messages of a chat by their ids: a tree, for a message may have several replies."""


def _votes(row: FormRow) -> Iterator[FormRow]:
    data, meta = mapping(row.get("data")), mapping(row.get("meta"))
    rated, rating = data.get("model_id"), data.get("rating")
    if rated is None or rating is None:
        raise NoVote("it has no rating of a model")
    if (outcome := OUTCOMES.get(str(rating))) is None:
        raise ValueError(f"its rating {brief(rating)} is none of 1, 0 and -1")
    siblings = data.get("sibling_model_ids")
    others = dict.fromkeys(map(str, items(siblings)))
    others.pop(str(rated), None)
    if not others:
        raise NoVote("no reply of another model stands beside the rated one")
    messages, reply = _messages(mapping(row.get("snapshot"))), str(meta.get("message_id"))
    if not row["id"]:
        raise ValueError("it has no id")
    for n, other in enumerate(others):
        # What was said of the reply is said once, however many it was matched with.
        why = data if n == 0 else {}
        yield {
            **_match(messages, reply, (str(rated), other), outcome, why),
            "visitor": row.get("user_id"),
            "time": row.get("created_at"),
            # Where no arena model answered, the names stood above the replies.
            "blind": meta.get("arena") is True,
            "battle": f"open webui {row.get('id')} {other}",
        }


def _match(
    messages: Messages, reply: str, models: tuple[str, str], outcome: int, why: FormRow
) -> FormRow:
    """The rated model, which is named first, against another: sides, winner, talks, reasons.

    The sides are those of the replies in the chat. Where that is not there they follow the names:
    who won must not tell the side.
    """
    order = _replies(messages, reply)
    beside = [each for each in order if each != reply and _model(messages, each) == models[1]]
    here = beside and reply in order
    first = order.index(reply) < order.index(beside[0]) if here else models[0] < models[1]
    mine, theirs = ("a", "b") if first else ("b", "a")
    match = {f"model_{mine}": models[0], f"model_{theirs}": models[1]}
    if here:
        match[f"conversation_{mine}"] = _talk(messages, reply)
        match[f"conversation_{theirs}"] = _talk(messages, beside[0])
    match["winner"] = f"model_{mine if outcome > 0 else theirs}" if outcome else "tie"
    if outcome:
        match[f"{'good' if outcome > 0 else 'bad'}_{mine}"] = spelled(why.get("reason"))
    return {**match, "comment": comment_of(why.get("comment"))}


def _messages(snapshot: FormRow) -> Messages:
    chat = mapping(snapshot.get("chat"))
    history = mapping(mapping(chat.get("chat")).get("history") or chat.get("history"))
    return mapping(history.get("messages"))


def _replies(messages: Messages, reply: str) -> list[str]:
    """The ids of all replies to what a reply answers, in their order."""
    parent = mapping(messages.get(str(mapping(messages.get(reply)).get("parentId"))))
    children = parent.get("childrenIds")
    return [*map(str, items(children))]


def _model(messages: Messages, id: str) -> str:
    """Who wrote a message: of an arena model the one that was drawn."""
    message = mapping(messages.get(id))
    return str(message.get("selectedModelId") or message.get("model"))


def _talk(messages: Messages, id: str) -> Sequence[FormRow]:
    """The messages up to that one, from the first."""
    talk: list[FormRow] = []
    for _ in range(len(messages)):
        message = mapping(messages.get(id))
        if not message:
            break
        talk.append({"role": message.get("role"), "content": message.get("content")})
        id = str(message.get("parentId"))
    return talk[::-1]


OPEN_WEBUI = VoteForm(
    "Open WebUI's feedback", frozenset({"id", "data", "meta", "user_id", "created_at"}), _votes
)
