"""Which rooms may import which libraries, and that the heavy ones come only when needed."""

import re
import subprocess
import sys

from app_process import ROOT
from source_files import FILES, imports_of, top_level_imports, uses

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


def test_only_the_pages_import_gradio():
    for path in FILES:
        if not path.startswith("arena/pages/"):
            assert not uses(imports_of(path), "gradio"), path


def test_only_the_database_knows_sql():
    for path, text in FILES.items():
        if not path.startswith("arena/db/"):
            assert not uses(imports_of(path), "sqlite3", "sqlite_utils"), path
            assert not re.search(r"\b(SELECT|INSERT|UPDATE|DELETE|PRAGMA) [a-z(]", text), path


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
