"""The line `serve` of a roster: read whole, filled in, and what is wrong in it."""

import os
import re
import sys

import pytest
from app_process import ROOT
from rosters import of_remote, refused, roster

from blend.members.remote.address import Timeouts
from blend.members.served.serve import PLACEHOLDERS, ServeCommand
from blend.roster import read


def test_a_line_may_be_one_text_and_is_filled_in(monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "4,6")
    serve = ServeCommand(
        ("vllm", "{model}", "--port={port}", '{"a": 1}'), {"VLLM_API_KEY": "{key}"}, "cuda:1"
    )
    command, environment = serve.fill({"model": "m", "port": 8, "key": "k"})
    assert command == ["vllm", "m", "--port=8", '{"a": 1}']
    assert environment["VLLM_API_KEY"] == "k" and environment["CUDA_VISIBLE_DEVICES"] == "6"
    assert environment["PATH"].endswith(os.path.dirname(sys.executable))


@pytest.mark.parametrize(
    ("lines", "wrong"),
    [
        ('serve = "vllm {prot}"', r"member 'm0': `serve` knows no {prot}; did you mean 'port'"),
        ('serve = "vllm serve"', r"must name its port, as in --port {port}"),
        ('serve = "vllm \'{port}"', "`serve` is no command: No closing quotation"),
        ("serve = [1]", "serve of member 'm0' must be a list of texts"),
        ('serve = ""', "serve of member 'm0' must be a list of texts"),
        ('serve = "x {port} {window}"', r"`serve` has {window}: give `window`"),
        ('serve = "x {port}"\nbase_url = "http://h/v1"', "give its server in one way"),
        ('serve = "x {port}"\napi_key_env = "K"', r"makes its own key: write {key} there"),
        ('serve = "x {port}"\nenvironment = { A = 1 }', "'A' in environment must be a text"),
        ('serve = "x {port}"\ndevice = "mps"', 'a GPU, as in device = "cuda:1"'),
        ('base_url = "http://h/v1"\ndevice = "cuda:1"', "'device' is for a server that `serve`"),
        (
            'serve = "x {port} {share}"\nenvironment = { CUDA_VISIBLE_DEVICES = "1" }',
            'give device = "cuda:1" in place of CUDA_VISIBLE_DEVICES',
        ),
        (
            'serve = "x {port}"\ntimeouts = { start = 0 }',
            "start of member 'm0' must be some seconds",
        ),
    ],
)
def test_what_is_wrong_is_named_in_one_line(tmp_path, lines, wrong):
    refused(tmp_path, of_remote(lines), wrong)


def test_the_shipped_lines_are_commands(tmp_path):
    text = (ROOT / "assets" / "rosters" / "served.toml").read_text().replace("\n# ", "\n")
    lines = re.findall(r'^serve = (?:""".*?"""|"[^"]*")$', text, re.S | re.M)
    assert len(lines) == 4 and len(read("served").members) == 2
    served = roster(tmp_path, of_remote(*(f"{line}\nwindow = 4096" for line in lines)))
    for member in served.members:
        values = dict.fromkeys(PLACEHOLDERS, "7")
        command, _ = member.options["address"].serve.fill(values)
        assert "127.0.0.1" in command and not re.search("[{}]", " ".join(command))


def test_a_line_is_read_whole(tmp_path):
    lines = 'serve = "vllm serve {model} --port {port}"\nenvironment = { VLLM_API_KEY = "{key}" }'
    (member,) = roster(tmp_path, of_remote(f"{lines}\ntimeouts = {{ start = 60 }}")).members
    address = member.options["address"]
    command = ("vllm", "serve", "{model}", "--port", "{port}")
    assert address.serve == ServeCommand(command, {"VLLM_API_KEY": "{key}"})
    assert address.base_urls == () and address.timeouts == Timeouts(start=60.0)
