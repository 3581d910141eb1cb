"""The README's tree, its length, and the links of all READMEs."""

import ast
import re

import pytest
from app_process import ROOT
from source_files import FOLDERS, TREES


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
