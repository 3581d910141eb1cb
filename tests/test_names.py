"""Names that say one thing, and docstrings that name what there is."""

import ast
import builtins
import re
from collections import Counter
from pathlib import Path

from source_files import CLASSES, FILES, FUNCTIONS, NODES, TREES

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
