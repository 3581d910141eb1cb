"""Models as they lie on a disk: a folder, or the Hub's cache with no network at all."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import tiny

from blend.members import MemberError, Sampling
from blend.members.generate import Generate
from blend.roster import SHIPPED

ROOT = Path(__file__).parent.parent
COMMIT = "0123456789abcdef0123456789abcdef01234567"
ROSTER = """
[[member]]
name = "hub"
model = "someone/smalltalk"
revision = "v1"
window = 256
[member.sampling]
max_tokens = 8
[[blend]]
name = "One"
members = ["hub"]
"""
REPLY = """
import asyncio, json, sys
from blend.contender import load_all
from blend.conversation import Message
from blend.members import MemberError
from blend.roster import read

async def reply(member):
    said = [piece async for piece in member.stream([Message("user", "Hi!")], member.sampling)]
    await member.aclose()
    return "".join(said)

try:
    for spec, member in load_all(read(sys.argv[1]).members):
        print(json.dumps({"reply": asyncio.run(reply(member)), "digest": member.digest}))
except MemberError as error:
    print(json.dumps({"error": str(error)}))
"""


def cached(home: Path, commit: str = COMMIT) -> None:
    """An embedded model as the Hub's client would have left it, at the revision v1."""
    place = home / "hub" / "models--someone--smalltalk"
    shutil.copytree(SHIPPED.parent / "models" / "smalltalk", place / "snapshots" / commit)
    (place / "refs").mkdir()
    (place / "refs" / "v1").write_text(commit)


def offline(home: Path, roster: str) -> list[dict]:
    """What a fresh program says that may not use the network."""
    (home / "roster.toml").write_text(roster)
    done = subprocess.run(
        [sys.executable, "-c", REPLY, str(home / "roster.toml")],
        cwd=ROOT,
        env=os.environ | {"HF_HUB_OFFLINE": "1", "HF_HOME": str(home), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stdout, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_the_hub_is_read_from_its_cache_without_a_network_and_what_is_not_there_is_said(tmp_path):
    cached(tmp_path)
    second = ROSTER[: ROSTER.index("[[blend]]")].replace('"hub"', '"gone"').replace("v1", "v2")

    said, gone = offline(tmp_path, ROSTER + second)

    assert said["reply"] and len(said["digest"]) == 64
    assert gone["error"].startswith("gone: someone/smalltalk@v2 cannot be loaded: ")
    assert "\n" not in gone["error"]


def test_code_that_comes_with_a_model_is_never_run(folders, tmp_path):
    folder = shutil.copytree(folders["llama"], tmp_path / "own")
    told = json.loads((folder / "config.json").read_text())
    told |= {"model_type": "own", "auto_map": {"AutoConfig": "own.Own"}}
    (folder / "config.json").write_text(json.dumps(told))
    (folder / "own.py").write_text("raise SystemExit('it was run')")

    with pytest.raises(MemberError, match=r"cannot be loaded: .*custom code"):
        Generate.load("own", str(folder), Sampling(), device="cpu")


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("model.safetensors", "cannot be loaded: model.safetensors is cut short"),
        ("config.json", "cannot be loaded"),
    ],
)
def test_a_file_that_is_broken_is_named_in_one_line(folders, tmp_path, broken, said):
    folder = shutil.copytree(folders["llama"], tmp_path / "cut")
    (folder / broken).write_bytes((folder / broken).read_bytes()[:40])

    with pytest.raises(MemberError, match=said) as refusal:
        Generate.load("cut", str(folder), Sampling(), device="cpu")
    assert "\n" not in str(refusal.value)


def test_names_and_template_are_heard_and_the_template_is_in_the_digest(folders):
    from blend.layout import SHIPPED as TEMPLATES

    chat = (TEMPLATES / "pygmalion.jinja").read_text()
    how = {"device": "cpu", "template": chat, "variables": {"assistant_name": "Aria"}}

    member = Generate.load("own", str(folders["gptj"]), Sampling(), **how)
    plain = Generate.load("own", str(folders["gptj"]), Sampling(), device="cpu")

    assert "\nAria:" in member.template.stop and member.digest != plain.digest
    assert plain.template.chat == tiny.TEMPLATE
