"""The program's files, parsed once: their trees, classes and functions, and what each imports."""

import ast
from functools import cache
from pathlib import Path

from app_process import ROOT

PATHS = sorted(path for name in ("arena", "blend") for path in (ROOT / name).rglob("*.py"))
FILES = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in PATHS}
TREES = {path: ast.parse(text) for path, text in FILES.items()}
FOLDERS = sorted({str(Path(path).parent) for path in FILES})
NODES = [(path, node) for path, tree in TREES.items() for node in ast.walk(tree)]
CLASSES = [(path, node) for path, node in NODES if isinstance(node, ast.ClassDef)]
FUNCTIONS = [n for n in NODES if isinstance(n[1], (ast.FunctionDef, ast.AsyncFunctionDef))]


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
