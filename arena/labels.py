"""What contenders are called on a board, where several of them may have the same name."""

from collections.abc import Sequence

from arena.records import Contender


def labelled(
    contenders: Sequence[Contender], fought: set[str], current: set[str]
) -> dict[str, str]:
    """Name on the board by id, of those that fought or are up.

    A contender whose weights or settings changed has a new id under its old name: the one that is
    up keeps the plain name, earlier ones carry the start of their id.
    """
    shown = [c for c in contenders if c.id in fought | current]
    namesakes: dict[str, list[str]] = {}
    for c in shown:
        namesakes.setdefault(c.name, []).append(c.id)
    labels = {}
    for c in shown:
        ids = namesakes[c.name]
        plain = next((id for id in ids if id in current), ids[-1])
        short = c.id.removeprefix("c-")[:6]
        labels[c.id] = c.name if c.id == plain else f"{c.name} (earlier, {short})"
    return labels
