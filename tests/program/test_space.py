"""The repository as a Space: its head, its requirements, and a fresh clone that answers."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml
from app_process import ROOT, free_port
from hub_cache import fill
from packaging.requirements import Requirement
from without_torch import MISSING

from blend.roster import read

COLOURS = {"red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"}


def head(folder: Path) -> dict:
    """What stands between the two rules at the top of README.md."""
    text = (folder / "README.md").read_text(encoding="utf-8")
    return yaml.safe_load(re.match(r"---\n(.*?)\n---\n", text, re.S)[1])


def needed(folder: Path) -> list[Requirement]:
    lines = (folder / "requirements.txt").read_text(encoding="utf-8").splitlines()
    told = [line.split("  #")[0].strip() for line in lines if not line.startswith("#")]
    return [Requirement(line) for line in told if line]


@pytest.fixture(scope="module")
def clone(tmp_path_factory) -> Path:
    """What `git clone` gives of the last commit: nothing that is ignored or only lies about."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("no git checkout to clone")
    folder = tmp_path_factory.mktemp("space") / "app"
    subprocess.run(["git", "clone", "-q", "--depth=1", f"file://{ROOT}", folder], check=True)
    return folder


def test_the_head_is_what_a_space_reads(clone):
    told = head(clone)
    assert told["sdk"] == "gradio" and (clone / told["app_file"]).is_file()
    assert f"gradio=={told['sdk_version']}" in {str(r) for r in needed(clone)}
    assert {told["colorFrom"], told["colorTo"]} <= COLOURS and told["hf_oauth"] is True
    assert len(told["short_description"]) <= 60 and isinstance(told["python_version"], str)
    assert told["license"] == "apache-2.0" and "Apache" in (clone / "LICENSE").read_text()
    fetched = [f"{m.model} {m.options['file']} {m.revision}" for m in read("pocket").members]
    assert told["preload_from_hub"] == fetched  # "repository file,file revision", at most ten


def test_what_it_requires_is_what_is_tested(clone):
    for each in needed(clone):
        if each.marker is None or each.marker.evaluate():
            assert each.specifier.contains(version(each.name), prereleases=True), each
    assert "spaces" not in {each.name for each in needed(clone)}


def test_the_readme_takes_torch_out_of_what_a_space_installs(clone):
    readme = (clone / "arena" / "site" / "README.md").read_text()
    (pattern,) = re.findall(r"sed -i -E '/(.*)/d' requirements", readme)
    rows = (clone / "requirements.txt").read_text().splitlines()
    gone = {Requirement(row.split("#")[0]).name for row in rows if re.search(pattern, row)}
    assert gone == MISSING


def test_every_file_may_be_pushed_without_large_file_storage(clone):
    files = [path for path in clone.rglob("*") if path.is_file() and ".git" not in path.parts]
    assert max(path.stat().st_size for path in files) < 10_000_000


class Space:
    """app_file run as a Space runs it: no token, no network, Spaces' own variables, and what it
    was to fetch when it was built, with a toy in each file's place."""

    def __init__(self, folder: Path, home: Path):
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.log = home / "log"
        toy = folder / "assets" / "models" / "smalltalk" / "smalltalk.gguf"
        fill(home / ".cache" / "huggingface", read("pocket").members, toy)
        mine = ("HF_", "GRADIO_", "SPACE", "BLENDED_", "OAUTH_", "ARENA_")
        environ = {k: v for k, v in os.environ.items() if not k.startswith(mine)}
        environ |= {
            "HOME": str(home),
            "GRADIO_SERVER_NAME": "127.0.0.1",
            "GRADIO_SERVER_PORT": str(port),
            "GRADIO_SSR_MODE": "True",
            "SPACE_ID": "somebody/arena",
            "SYSTEM": "spaces",
            "HF_HUB_OFFLINE": "1",
            "PYTHONUNBUFFERED": "1",
        }
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, head(folder)["app_file"]],
                cwd=folder,
                env=environ,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def get(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(self.url + path, timeout=60) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def up(self, within: float = 180.0) -> None:
        until = time.monotonic() + within
        while time.monotonic() < until and self.process.poll() is None:
            if self.get("/healthz")[0] == 200 and self.url in self.log.read_text():
                return
            time.sleep(0.2)
        raise AssertionError(self.log.read_text())


@pytest.fixture(scope="module")
def space(clone, tmp_path_factory):
    running = Space(clone, tmp_path_factory.mktemp("home"))
    try:
        running.up()
        yield running
    finally:
        running.process.terminate()
        assert running.process.wait(60) == 0


def test_a_fresh_clone_answers_its_page_and_its_routes(space):
    status, page = space.get("/")
    assert status == 200 and "Blended Arena" in page and "gradio_config" in page
    names = {each["id"] for each in json.loads(space.get("/v1/models")[1])["data"]}
    assert names == {"Blended", *read("pocket").singles}  # the roster of a Space that names none
    assert json.loads(space.get("/healthz")[1])["members"]["loaded"] == 4


def test_its_start_says_what_is_off_without_a_token(space, clone):
    said = space.log.read_text()
    assert "Votes are stored on this machine's disk only" in said
    assert "There is no login" in said and "BLENDED_ARENA_ADDRESS_KEY" in said
    # Gradio's own reloader of Spaces is noisy, with and without the package `spaces`.
    assert f'File "{clone}' not in said
