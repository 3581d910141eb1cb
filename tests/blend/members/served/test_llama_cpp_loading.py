"""What llama.cpp cannot load: one line says why, and how it is mended."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from llama_member import GREEDY, SMALLTALK, said

from blend.members import MemberDown, MemberError, Sampling, SamplingError
from blend.members.served import llama_server
from blend.members.served.llama_cpp import LlamaCpp
from blend.roster import loading
from blend.roster.specs import MemberSpec


def test_a_file_that_is_no_model_is_told_in_one_line(tmp_path):
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + b"\0" * 100)

    mend = r"broken.gguf: is it a whole GGUF file, and is there memory for 4 x 4,096 tokens"
    with pytest.raises(MemberDown, match=mend) as failure:
        LlamaCpp.load("b", str(broken), GREEDY)

    assert "\n" not in str(failure.value)


def test_a_file_without_a_chat_template_needs_one_in_the_roster(tmp_path):
    bare = tmp_path / "bare.gguf"
    bare.write_bytes(Path(SMALLTALK).read_bytes().replace(b"chat_template", b"chat_templatf"))

    with pytest.raises(MemberError, match="has no chat template: give it a `template`"):
        LlamaCpp.load("bare", str(bare), GREEDY, window=256)

    chat = "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}assistant:"
    member = LlamaCpp.load("bare", str(bare), GREEDY, window=256, template=chat)
    assert said(member) and member.device == "CPU"
    assert 3e6 < member.parameters < 6e6  # the toys have four million
    asyncio.run(member.aclose())


@pytest.mark.parametrize(
    ("error", "mend"),
    [
        ('ModuleNotFoundError("No module named xllamacpp")', "pip install xllamacpp"),
        ('ImportError("libgomp.so.1: cannot open")', "libgomp.so.1: cannot open: install that"),
    ],
)
def test_where_llama_cpp_cannot_be_loaded_the_line_says_how_it_is_installed(tmp_path, error, mend):
    (tmp_path / "xllamacpp.py").write_text(f"raise {error}")
    settings = dict.fromkeys(("port", "slots", "window", "threads", "writing", "gpu_layers"), 1)
    command = [sys.executable, "-P", llama_server.__file__, json.dumps({"path": "x", **settings})]
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 1 and mend in done.stdout
    assert len(done.stdout.splitlines()) == 1 and not done.stderr


def test_what_it_cannot_do_is_refused_before_anything_runs():
    with pytest.raises(SamplingError, match="does not fit a window of 256"):
        LlamaCpp.load("m", SMALLTALK, Sampling(max_tokens=256), window=256)
    spec = MemberSpec(
        "oak", "llama_cpp", Sampling(max_tokens=300), SMALLTALK, options={"window": 256}
    )
    with pytest.raises(MemberError, match="oak: max_tokens 300 does not fit a window of 256"):
        loading.load_member(spec)
    with pytest.raises(MemberError, match="window 9,000 is more than the 2,048 it was made for"):
        LlamaCpp.load("m", SMALLTALK, GREEDY, window=9_000)
    with pytest.raises(MemberError, match="correct its `path`"):
        LlamaCpp.load("m", "no/such.gguf", GREEDY)
