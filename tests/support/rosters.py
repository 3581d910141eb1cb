"""Rosters of a test: written and read, or refused in one line."""

from pathlib import Path

import pytest

from blend.roster import Roster, RosterError, read


def roster(folder: Path, text: str) -> Roster:
    """The roster of that text, as a file of the folder."""
    path = folder / "roster.toml"
    path.write_text(text, encoding="utf-8")
    return read(path)


def refused(folder: Path, text: str, why: str) -> str:
    """The line that says why a roster of that text is none, after the file's name."""
    with pytest.raises(RosterError, match=why) as refusal:
        roster(folder, text)
    path, _, line = str(refusal.value).partition(": ")
    assert path == str(folder / "roster.toml") and "\n" not in line
    return line


def of_remote(*members: str) -> str:
    """The text of a roster of remote members by their lines; the blend has all of them."""
    names = [f"m{n}" for n in range(len(members))]
    tables = [
        f'[[member]]\nname = "{name}"\nengine = "remote"\n{lines}\n'
        + ('model = "m"\n' if "model =" not in lines else "")
        for name, lines in zip(names, members, strict=True)
    ]
    return "".join(tables) + f'[[blend]]\nname = "All"\nmembers = {names}\n'
