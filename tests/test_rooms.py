"""The rooms of the house: who may import whom, by folder."""

import ast
from pathlib import Path

import pytest
from source_files import CLASSES, FILES, FOLDERS, TREES, imports_of, uses

BASIS = "message conversation errors policies prompt members engine roster evaluation"
ROOMS = {
    "blend/message": "",
    "blend/conversation": "message",
    "blend/errors": "",
    "blend/command_line": "",
    "blend/policies": "conversation errors",
    "blend/prompt": "message conversation errors",
    "blend/members": "message conversation errors prompt",
    "blend/engine": "conversation errors prompt policies members",
    "blend/panel": "message conversation members engine judging policies",  # no draw
    "blend/roster": "message conversation errors prompt policies members engine judging panel",
    "blend/evaluation": "conversation errors policies command_line",
    "blend/judging": "message conversation errors prompt policies members evaluation",
    "blend/scaling": f"{BASIS} judging command_line",
    # scaling: its dialogues, whose people's messages a duel plays again
    "blend/duel": f"{BASIS} judging scaling command_line",
    "blend/training": f"{BASIS} command_line",
    "blend/bench": f"{BASIS} command_line",
    "blend/cli": f"{BASIS} command_line",
    "arena/plural": "",
    "arena/texts": "",  # read by pages, and by whoever makes a text for one
    "arena/csv_cells": "",
    "arena/models": "texts blend/conversation",
    "arena/command": "models blend/command_line",
    "arena/categories": "",
    "arena/ranking": "models plural texts blend/evaluation blend/judging",
    "arena/votes": "ranking models plural texts",
    "arena/experiment": "models plural texts blend/evaluation",
    "arena/db": "categories votes ranking experiment models plural texts"
    " blend/message blend/conversation blend/evaluation blend/policies",
    "arena/exchange": "categories db votes ranking command models plural texts csv_cells"
    " blend/message blend/conversation blend/judging",
    "arena/site": "categories db votes ranking experiment models plural texts"
    " blend/conversation blend/errors blend/engine blend/members blend/roster blend/policies"
    " blend/evaluation",
    "arena/battle": "site db votes ranking models plural csv_cells texts"
    " blend/message blend/conversation blend/errors blend/roster",
    "arena/api": "battle site ranking models plural csv_cells"
    " blend/message blend/conversation blend/errors blend/members",
    "arena/web": "site api",
    "arena/pages": "categories battle api site experiment ranking votes models plural texts db"
    " blend/conversation blend/errors blend/members blend/roster blend/evaluation blend/scaling"
    " blend/message blend/command_line",  # what is wrong with a report that a command wrote
    "arena/cli": "categories db ranking votes experiment command models plural csv_cells"
    " blend/conversation blend/evaluation blend/policies blend/roster",
    "arena/simulation": "battle site db ranking votes experiment command models plural"
    " blend/conversation blend/evaluation blend/policies blend/roster blend/judging",
}
"""Each room, and the rooms that it may import; those of the same package without its name."""


def room_of(path: str) -> str:
    """The room of a file: a folder of a package, or a file of its top level."""
    parts = Path(path).with_suffix("").parts
    return "/".join(parts[:2])


def module_path(name: str) -> str | None:
    """The file of a module of ours, None where the name is something in a module."""
    base = name.replace(".", "/")
    return next((p for p in (f"{base}.py", f"{base}/__init__.py") if p in FILES), None)


def neighbours(path: str) -> set[str]:
    """The files of ours that a file imports, anywhere in it."""
    found = set()
    for name in imports_of(path):
        target = module_path(name) or module_path(name.rpartition(".")[0])
        if target and target.split("/")[0] in ("arena", "blend"):
            found.add(target)
    return found - {path}


def allowed(room: str) -> set[str]:
    package = room.split("/")[0]
    return {name if "/" in name else f"{package}/{name}" for name in ROOMS[room].split()}


def top(path: str) -> bool:
    return Path(path).name in ("__init__.py", "__main__.py") and len(Path(path).parts) == 2


@pytest.mark.parametrize("path", [path for path in FILES if not top(path)])
def test_a_file_imports_only_what_its_room_may(path):
    room = room_of(path)
    assert room in ROOMS, f"{path} lies in no room"
    others = {room_of(other) for other in neighbours(path) if not top(other)} - {room}
    assert others <= allowed(room)


def test_blend_never_imports_the_arena():
    for path in FILES:
        if path.startswith("blend/"):
            assert not uses(imports_of(path), "arena", "app"), path


def test_no_import_cycle():
    links = {path: neighbours(path) for path in FILES}
    done: set[str] = set()

    def visit(path: str, way: tuple[str, ...]) -> None:
        assert path not in way, " -> ".join([*way[way.index(path) :], path])
        if path not in done:
            for other in sorted(links[path]):
                visit(other, (*way, path))
            done.add(path)

    for path in FILES:
        visit(path, ())


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_is_small_and_says_what_it_is(folder):
    here = [path for path in FILES if str(Path(path).parent) == folder]
    assert len(here) <= 16 or folder == "arena/db/migrations"  # a released one stays for ever
    sentence = ast.get_docstring(TREES[f"{folder}/__init__.py"])
    assert sentence and sentence.split("\n")[0].endswith(".")


def test_no_class_of_the_database_inherits_from_another_of_ours():
    ours = {node.name for _, node in CLASSES}
    for path, node in CLASSES:
        if path.startswith("arena/db/"):
            assert not ours & {ast.unparse(base) for base in node.bases}, (path, node.name)
