"""The rooms of the house: who may import whom, by folder; and names that say one thing."""

import ast
import builtins
import re
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from app_process import ROOT

PATHS = sorted(path for name in ("arena", "blend") for path in (ROOT / name).rglob("*.py"))
FILES = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in PATHS}
TREES = {path: ast.parse(text) for path, text in FILES.items()}
FOLDERS = sorted({str(Path(path).parent) for path in FILES})
NODES = [(path, node) for path, tree in TREES.items() for node in ast.walk(tree)]
CLASSES = [(path, node) for path, node in NODES if isinstance(node, ast.ClassDef)]
FUNCTIONS = [n for n in NODES if isinstance(n[1], (ast.FunctionDef, ast.AsyncFunctionDef))]

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

PURE = (
    *("arena/categories", "arena/ranking", "arena/votes", "arena/experiment"),
    *("blend/policies", "blend/evaluation"),
)
"""Rooms of pure functions: no clock, no file, and randomness is an argument."""

HEAVY = (
    "blend/members/local",
    "blend/members/reward_model.py",
    "blend/prompt",
    "blend/scaling",
    "blend/training",
    "blend/bench",
)
"""Where torch and transformers are imported, inside the functions that need them."""

METAPHORS = {
    *("docket", "pile", "turnstile", "arsenal", "crossfire", "cast", "fiction", "retrial", "twin"),
    *("keeper", "hold", "stage", "party", "seat", "breath", "slip", "take", "crew"),
}

DOCUMENTED = re.compile(
    r"(?<![.\w])\w*[A-Z]\w*(?:Error|Exception)\b"
    r"|(?<=fewer than )[A-Z_]{3,}\b|(?<=at least )[A-Z_]{3,}\b|(?<=\*)[A-Z_]{3,}\b"
)
"""What in a docstring can only be a name of the code: a class of errors, a constant. An error of
another package that nothing here imports is named with its module before it."""


def room_of(path: str) -> str:
    """The room of a file: a folder of a package, or a file of its top level."""
    parts = Path(path).with_suffix("").parts
    return "/".join(parts[:2])


def module_path(name: str) -> str | None:
    """The file of a module of ours, None where the name is something in a module."""
    base = name.replace(".", "/")
    return next((p for p in (f"{base}.py", f"{base}/__init__.py") if p in FILES), None)


def imported(tree: ast.AST) -> set[str]:
    """The names that are imported, with what is taken from each module: `a.b` and `a.b.c`."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@cache
def imports_of(path: str) -> set[str]:
    return imported(TREES[path])


def top_level_imports(path: str) -> set[str]:
    """What is imported as soon as the file is, without what only type checkers read."""
    nodes = [n for n in TREES[path].body if isinstance(n, (ast.Import, ast.ImportFrom))]
    return imported(ast.Module(nodes, []))


def uses(names: set[str], *packages: str) -> set[str]:
    return {n for n in names if any(n == p or n.startswith(p + ".") for p in packages)}


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


def test_every_file_says_what_it_is():
    assert [path for path in FILES if not ast.get_docstring(TREES[path])] == []


def test_every_class_name_is_defined_once():
    names = Counter(node.name for _, node in CLASSES)
    assert {name for name, times in names.items() if times > 1} == set()


def test_every_error_and_constant_that_a_docstring_names_exists():
    kinds = {ast.Name: "id", ast.Attribute: "attr", ast.alias: "name", ast.ClassDef: "name"}
    exists = {getattr(node, kinds[type(node)]) for _, node in NODES if type(node) in kinds}
    exists |= {*dir(builtins)}
    missing = set()
    for path, node in [*TREES.items(), *CLASSES, *FUNCTIONS]:
        words = " ".join((ast.get_docstring(node, clean=False) or "").split())
        missing |= {(path, name) for name in DOCUMENTED.findall(words) if name not in exists}
    assert missing == set()


def test_no_metaphor_is_the_name_of_a_file_class_or_function():
    names = {Path(path).stem for path in FILES} | {n.name for _, n in [*CLASSES, *FUNCTIONS]}
    assert {name for name in names if name.strip("_").lower() in METAPHORS} == set()


def test_only_the_pages_import_gradio():
    for path in FILES:
        if not path.startswith("arena/pages/"):
            assert not uses(imports_of(path), "gradio"), path


def test_only_the_database_knows_sql():
    for path, text in FILES.items():
        if not path.startswith("arena/db/"):
            assert not uses(imports_of(path), "sqlite3", "sqlite_utils"), path
            assert not re.search(r"\b(SELECT|INSERT|UPDATE|DELETE|PRAGMA) [a-z(]", text), path


def test_no_class_of_the_database_inherits_from_another_of_ours():
    ours = {node.name for _, node in CLASSES}
    for path, node in CLASSES:
        if path.startswith("arena/db/"):
            assert not ours & {ast.unparse(base) for base in node.bases}, (path, node.name)


def test_torch_is_imported_only_inside_what_needs_it():
    for path in FILES:
        heavy = uses(imports_of(path), "torch", "transformers", "accelerate")
        assert not heavy or path.startswith(HEAVY), path
        early = uses(top_level_imports(path), "torch", "transformers", "accelerate")
        assert not early, path


def test_openai_is_imported_only_by_remote_members():
    for path in FILES:
        if not path.startswith("blend/members/remote/"):
            assert not uses(imports_of(path), "openai"), path
        assert not uses(top_level_imports(path), "openai"), path


def test_only_the_exchange_and_members_reach_the_hub():
    for path in FILES:
        if path.startswith("arena/") and uses(imports_of(path), "huggingface_hub"):
            assert path.startswith("arena/exchange/"), path


def test_pure_rooms_have_no_clock_and_no_file():
    for path in FILES:
        if path.startswith(PURE):
            assert not uses(top_level_imports(path), "time", "os", "sqlite3", "socket"), path


def test_a_prompt_and_a_roster_need_neither_torch_nor_openai():
    modules = "blend.prompt.template, blend.members, blend.engine, blend.roster.roster"
    heavy = "sorted({'torch', 'transformers', 'tokenizers', 'openai'} & {*sys.modules})"

    ran = subprocess.run(
        [sys.executable, "-c", f"import sys, {modules}; print({heavy})"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )

    assert (ran.stdout, ran.stderr) == ("[]\n", "")


def test_the_readme_shows_every_folder_with_its_own_sentence():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for folder in FOLDERS:
        sentence = ast.get_docstring(TREES[f"{folder}/__init__.py"]).split("\n")[0]
        assert re.search(rf"^{folder}/ +{re.escape(sentence)}$", readme, re.MULTILINE), folder
    assert len(readme.splitlines()) <= 250 and len(readme) <= 22_000


READMES = [ROOT / "README.md", *sorted(ROOT.glob("[ab]*/**/README.md"))]


@pytest.mark.parametrize("readme", READMES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_link_of_a_readme_leads_to_a_file(readme):
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)[^)]*\)", readme.read_text(encoding="utf-8"))
    assert [link for link in links if not (readme.parent / link).exists()] == []
