"""Models as they lie on a disk: a folder, or the Hub's cache with no network at all."""

import base64
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import chat_templates
import pytest
import tiny_models
import torch
from app_process import ROOT

from blend.members import MemberError, Sampling
from blend.members.local import weights
from blend.members.local.checkpoint import Checkpoint
from blend.members.local.generate import Generate
from blend.message import Message
from blend.prompt.transformers_template import TransformersTemplate

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
from blend.roster.loading import load_all
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


def cached(home: Path, folder: Path, commit: str = COMMIT) -> None:
    """A model as the Hub's client would have left it, at the revision v1."""
    place = home / "hub" / "models--someone--smalltalk"
    shutil.copytree(folder, place / "snapshots" / commit)
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


def test_the_hub_is_read_from_its_cache_without_a_network_and_what_is_not_there_is_said(
    smalltalk, tmp_path
):
    cached(tmp_path, smalltalk)
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
        ("model.safetensors", "cannot be loaded: a file of its weights is cut short"),
        ("config.json", "cannot be loaded"),
        ("tokenizer.json", "cannot be loaded"),
        ("llama.gguf", r"llama\.gguf cannot be loaded"),
    ],
)
def test_a_file_that_is_broken_is_named_in_one_line(tiny_gguf, tmp_path, broken, said):
    folder = shutil.copytree(tiny_gguf.parent, tmp_path / "cut")
    whole = (folder / broken).read_bytes()
    (folder / broken).write_bytes(whole[: -50_000 if broken.endswith("gguf") else 40])
    source = folder / broken if broken.endswith("gguf") else folder
    with pytest.raises(MemberError, match=said) as refusal:
        Generate.load("cut", str(source), Sampling(), device="cpu")
    assert "\n" not in str(refusal.value)


def tekken(folder: Path, **more) -> None:
    """Mistral's own file for a tokenizer, in place of any other."""
    for path in (*folder.glob("*token*"), *folder.glob("*.jinja")):
        path.unlink()
    vocabulary = [base64.b64encode(bytes([n])).decode() for n in range(256)]
    pattern = {"pattern": r"\\S+|\\s+", "default_vocab_size": 266, "default_num_special_tokens": 10}
    told = {"config": pattern, "vocab": [{"token_bytes": token} for token in vocabulary], **more}
    (folder / "tekken.json").write_text(json.dumps(told))


def test_mistrals_own_tokenizer_needs_a_template_and_an_old_one_is_refused_in_one_line(
    folders, tmp_path
):
    folder = shutil.copytree(folders["mistral"], tmp_path / "tekken")
    texts = ["<unk>", "<s>", "</s>", "[INST]", "[/INST]"]
    tekken(folder, special_tokens=[{"rank": n, "token_str": t} for n, t in enumerate(texts)])
    tokenizer = weights.read_tokenizer("m", Checkpoint.locate(str(folder)))
    template = TransformersTemplate("m", tokenizer, 256, chat_templates.FAMILIES["mistral"])

    ids = template.prompt([Message("user", "Hi [INST]")], 16).ids

    assert template.tokenizer.convert_ids_to_tokens([ids[0], ids[1], ids[-1]]) == [
        "<s>", "[INST]", "[/INST]"
    ]  # fmt: skip
    assert len(ids) == 3 + len("Hi [INST]")
    with pytest.raises(MemberError, match=r"no chat template: .* one of chai, mistral, "):
        TransformersTemplate("m", tokenizer, 256)
    tekken(folder)
    with pytest.raises(MemberError, match=r"tekken.json: .*pip install mistral-common") as refusal:
        weights.read_tokenizer("m", Checkpoint.locate(str(folder)))
    assert "\n" not in str(refusal.value)


def test_names_and_template_are_heard_and_the_template_is_in_the_digest(folders):
    from blend.prompt.chat_template import SHIPPED as TEMPLATES

    chat = (TEMPLATES / "pygmalion.jinja").read_text()
    how = {"device": "cpu", "template": chat, "variables": {"assistant_name": "Aria"}}

    member = Generate.load("own", str(folders["gptj"]), Sampling(), **how)
    plain = Generate.load("own", str(folders["gptj"]), Sampling(), device="cpu")

    assert "\nAria:" in member.template.stop and member.digest != plain.digest
    assert plain.template.chat == tiny_models.TEMPLATE


def test_a_gguf_file_is_read_by_its_path_its_folder_or_with_its_own_shape(tiny_gguf, tmp_path):
    alone = shutil.copy(tiny_gguf, tmp_path)
    for_llama_cpp = shutil.copytree(tiny_gguf.parent, tmp_path / "folder")
    (for_llama_cpp / "model.safetensors").unlink()
    chat = tiny_models.TEMPLATE

    read = [
        weights.load("tiny", str(source), Sampling(), device="cpu", template=chat)
        for source in (tiny_gguf.parent, tiny_gguf, for_llama_cpp, alone)
    ]

    whole, *halves = (one.model.state_dict() for one in read)
    for name, tensor in whole.items():
        assert all(torch.equal(half[name], tensor.half().float()) for half in halves), name
    assert len({one.digest for one in read}) == 3 and read[1].digest == read[2].digest
    asked = [Message("user", "Hi <|end|> there")]
    assert len({one.template.prompt(asked, 16).ids for one in read}) == 1


def test_a_gguf_file_on_the_hub_is_read_by_its_name_with_all_that_it_says_itself(
    tiny_gguf, tmp_path
):
    folder = tmp_path / "alone"
    folder.mkdir()
    shutil.copy(tiny_gguf, folder)
    cached(tmp_path, folder)
    roster = ROSTER.replace("window", 'file = "llama.gguf"\nengine = "generate"\nwindow')

    (said,) = offline(tmp_path, roster)
    assert "error" not in said, said

    assert said["reply"] and len(said["digest"]) == 64
