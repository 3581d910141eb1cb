"""The arrows of the house: who may import whom, read from the source itself."""

import ast
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCES = sorted(p.relative_to(ROOT) for d in ("blend", "arena") for p in (ROOT / d).rglob("*.py"))
TORCH = {
    *(f"blend/members/{n}.py" for n in ("paged", "service", "judge")),
    *(
        f"blend/members/{n}.py"
        for n in ("generate", "decoder", "prefixes", "weights", "devices", "checkpoint")
    ),
    *(f"blend/transformers_{n}.py" for n in ("template", "vocabulary")),
    *(f"blend/{n}.py" for n in ("content_tokenizer", "losses", "train", "loop", "corpora", "bits")),
    *(f"blend/{n}.py" for n in ("reward", "card", "selfplay", "simulated_visitor", "gguf_writer")),
    "blend/training/ladder.py",
    *(f"blend/bench/{n}.py" for n in ("plain", "shapes")),
}
OPENAI = {f"blend/members/http/{n}.py" for n in ("client", "faults", "transport")}
PURE = {
    *(f"blend/members/http/{n}.py" for n in ("dialect", "request")),
    *(f"blend/{n}.py" for n in ("policy", "learned", "value", "engagement", "diversity")),
    *(f"blend/law/{n}.py" for n in ("pools", "curve", "gain", "findings")),
    *(f"blend/{n}.py" for n in ("thompson", "selection", "grams", "traits", "logged")),
    *(f"blend/{n}.py" for n in ("earnings", "fit", "topics", "ablation", "resample")),
    *(
        f"arena/{n}.py"
        for n in (
            "parts",
            "dissection",
            "dissection_text",
            "outcome",
            "likeness",
        )
    ),
    *(
        f"arena/{n}.py"
        for n in ("pairing", "integrity", "evidence", "rating", "interval", "ballot")
    ),
    *(f"arena/{n}.py" for n in ("reading", "review", "suspicion", "elo", "notes")),
    *(f"arena/{n}.py" for n in ("slices", "covariates", "style", "upset")),
    *(f"arena/{n}.py" for n in ("world", "coverage")),
    *(f"arena/{n}.py" for n in ("crowd", "leak", "names")),
    *(f"blend/{n}.py" for n in ("cohort", "daily", "powerlaw", "sequential", "proxies")),
}
CONNECTS = {f"arena/{n}.py" for n in ("schema", "database", "sqlite_errors")}
STORE = {
    *CONNECTS,
    *(f"arena/{n}.py" for n in ("chats", "battles", "contenders", "archive", "bulk", "imports")),
    *(f"arena/{n}.py" for n in ("ballot_box", "docket")),
    *(f"arena/{n}.py" for n in ("visits", "attendance", "usage", "log", "votes")),
    *(f"arena/{n}.py" for n in ("tables", "erasure", "events")),
}


def imports(path: Path, *, top_only: bool = False) -> set[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    nodes = tree.body if top_only else ast.walk(tree)
    names = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def uses(names: set[str], *packages: str) -> set[str]:
    return {n for n in names if any(n == p or n.startswith(p + ".") for p in packages)}


def test_there_is_a_house():
    assert len(SOURCES) > 10


def test_blend_never_imports_arena():
    for path in SOURCES:
        if path.parts[0] == "blend":
            assert not uses(imports(path), "arena", "app"), path


def test_only_the_page_imports_gradio():
    for path in SOURCES:
        if path.parts[:2] != ("arena", "tabs"):
            assert not uses(imports(path), "gradio"), path


def test_only_the_store_knows_sql():
    for path in SOURCES:
        if path.as_posix() not in CONNECTS:
            assert not uses(imports(path), "sqlite3", "sqlite_utils", "pysqlite3"), path
        if path.as_posix() not in STORE:
            assert not re.search(r"(SELECT|INSERT|UPDATE|PRAGMA) [a-z]", (ROOT / path).read_text())


def test_torch_is_imported_only_inside_what_needs_it():
    for path in SOURCES:
        heavy = uses(imports(path), "torch", "transformers", "accelerate")
        assert not heavy or path.as_posix() in TORCH, path
        assert not uses(imports(path, top_only=True), "torch", "transformers", "accelerate"), path


def test_a_prompt_and_a_roster_need_neither_torch_nor_openai():
    names = ("template", "layout", "llama_cpp_vocabulary", "length", "members", "conversation")
    modules = ", ".join(f"blend.{n}" for n in (*names, "engine", "spec", "contender", "roster"))
    told = "sorted({'torch', 'transformers', 'tokenizers', 'openai'} & {*sys.modules})"
    code = f"import sys, {modules}; print({told})"

    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)

    assert (ran.stdout, ran.stderr) == ("[]\n", "")


def test_openai_is_imported_only_inside_the_client():
    for path in SOURCES:
        assert not uses(imports(path), "openai") or path.as_posix() in OPENAI, path
        top = uses(imports(path, top_only=True), "openai", "httpx", "httpx2")
        assert not top or path.as_posix() in (
            "arena/simulation/load_test.py",
            "arena/simulation/page_client.py",
        ), path


def test_only_the_repository_is_on_the_hub():
    for path in SOURCES:
        uses_hub = uses(imports(path), "huggingface_hub")
        if uses_hub and path.parts[0] == "arena":
            assert path.as_posix() in (
                "arena/exchange/hub.py",
                "arena/exchange/hub_repository.py",
            ), path


def test_pure_files_read_no_store_and_no_clock():
    for path in SOURCES:
        if path.as_posix() in PURE:
            assert not uses(imports(path), "arena.db.store", "time", "random.random", "os"), path


def test_tabs_never_import_one_another():
    tabs = ("chat", "duel", "leaderboard", "insights", "about")
    for tab in tabs:
        path = Path("arena/tabs", f"{tab}.py")
        if path in SOURCES:
            others = [f"arena.pages.{other}" for other in tabs if other != tab]
            assert not uses(imports(path), *others), path
