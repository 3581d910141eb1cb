"""Battles that scripted members played and judged, as `blend duel` writes them."""

from pathlib import Path

from blend.duel.command import main

ROSTER = """
focus = "All"
openers = ["Hello!", "Why?", "And you?", "Tell me more."]
[[member]]
name = "oak"
engine = "scripted"
lines = ["oak one", "oak two"]
[[member]]
name = "elm"
engine = "scripted"
lines = ["elm one", "elm two"]
[[member]]
name = "first"
engine = "scripted"
lines = ["A"]
[[member]]
name = "mute"
engine = "scripted"
lines = ["Both are fine."]
[[member]]
name = "broken"
engine = "scripted"
fails_at = 0
[[member]]
name = "guest"
engine = "scripted"
lines = ["I see.", "Go on."]
[[blend]]
name = "Panel"
members = ["oak", "elm"]
policy = "panel"
judge = "first"
[[blend]]
name = "All"
members = ["oak", "elm"]
"""
"""first always prefers what is shown first; of mute no letter can be read."""

CONTENDERS = ("--only", "All", "oak", "elm")


def duel(folder: Path, *options: str, roster: str = ROSTER) -> int:
    """The command's exit code; what it keeps is in folder/out."""
    (folder / "roster.toml").write_text(roster, encoding="utf-8")
    return main(["--roster", str(folder / "roster.toml"), "--out", str(folder / "out"), *options])


def battles(folder: Path) -> Path:
    """The file of twelve battles that `first` and `mute` judged."""
    assert duel(folder, "--judge", "first", "--judge", "mute", *CONTENDERS) == 0
    return folder / "out" / "battles.jsonl"
