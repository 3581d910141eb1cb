"""All that somebody outside may depend on is still there: commands, options, settings, routes."""

import io
import json
import urllib.request
from contextlib import closing, redirect_stdout, suppress
from importlib import import_module

import pytest
from app_process import ROOT

import app
from arena.__main__ import COMMANDS as OF_ARENA
from arena.db.store import Store
from arena.site.site import Site
from arena.web.paths import ALLOWED
from blend.__main__ import COMMANDS as OF_BLEND
from blend.roster import read, settings

GOLDEN = json.loads((ROOT / "tests" / "golden" / "interface.json").read_text("utf-8"))
HI = {"model": "Blended", "messages": [{"role": "user", "content": "Hi"}]}


def usage(module: str) -> str:
    """How a command is called, in one line: its options, choices and arguments."""
    printed = io.StringIO()
    with redirect_stdout(printed), suppress(SystemExit):
        import_module(module).main(["--help"])
    return " ".join(printed.getvalue().split("\n\n")[0].split())


def asked(url: str, body: dict | None = None, **headers: str) -> str:
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=60) as answer:
        return answer.read().decode()


def keys(value: object, path: str = "") -> set[str]:
    """Where each value stands in a JSON answer: {"choices[].index", "usage.total_tokens", …}."""
    if isinstance(value, dict) and value:
        return {each for key in value for each in keys(value[key], f"{path}.{key}".lstrip("."))}
    if isinstance(value, list) and value:
        return {each for item in value for each in keys(item, f"{path}[]")}
    return {path}


@pytest.mark.parametrize("package", ["arena", "blend"])
def test_commands_and_their_options(package, monkeypatch):
    monkeypatch.setenv("COLUMNS", "1000")
    commands = {"arena": OF_ARENA, "blend": OF_BLEND}[package]
    assert {name: usage(module) for name, module in commands.items()} == GOLDEN[package]


def test_options_of_the_program(monkeypatch):
    monkeypatch.setenv("COLUMNS", "1000")
    assert usage("app") == GOLDEN["app.py"]


def test_settings_are_flags_variables_and_keys_of_a_roster():
    found = {
        each.name: f"{settings.flag(each.name)} {settings.variable(each.name)}"
        f" {each.metadata['also']}".rstrip()
        for each in settings.all_settings()
    }
    assert found == GOLDEN["settings"]
    assert sorted(map(settings.variable, settings.SECRETS)) == GOLDEN["secrets"]


def test_routes(tmp_path):
    with closing(Store.open(tmp_path / "a.db")) as store:
        routes = app.routes(Site(read("scripted"), store))
    found = [f"{route.path} {' '.join(sorted(getattr(route, 'methods', ())))}" for route in routes]
    assert sorted(map(str.strip, found)) == GOLDEN["routes"]
    paths = [route.path.replace("{path:path}", "models") for route in routes]
    assert [path for path in paths if not ALLOWED.fullmatch(path)] == []


def test_endpoints_of_the_page(scripted_site):
    named = json.loads(asked(f"{scripted_site.url}/gradio_api/info"))["named_endpoints"]
    found = {
        name: [each["parameter_name"] for each in endpoint["parameters"]]
        for name, endpoint in named.items()
    }
    assert found == GOLDEN["endpoints"]


def test_tools(scripted_site):
    pytest.importorskip("mcp")
    kinds = {"accept": "application/json, text/event-stream", "content-type": "application/json"}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    answer = json.loads(asked(f"{scripted_site.url}/gradio_api/mcp/", body, **kinds))
    tools = answer["result"]["tools"]
    found = {tool["name"]: sorted(tool["inputSchema"]["properties"]) for tool in tools}
    assert found == GOLDEN["tools"]


def test_keys_of_answers(scripted_site):
    url = scripted_site.url
    streamed = HI | {"stream": True, "stream_options": {"include_usage": True}}
    events = asked(f"{url}/v1/chat/completions", streamed).split("\n\n")
    chunks = [json.loads(event.removeprefix("data: ")) for event in events[:-2]]
    answers = {
        "/healthz": json.loads(asked(f"{url}/healthz")),
        "/v1/models": json.loads(asked(f"{url}/v1/models")),
        "/v1/chat/completions": json.loads(asked(f"{url}/v1/chat/completions", HI)),
    }
    found = {path: sorted(keys(answer)) for path, answer in answers.items()}
    found["/v1/chat/completions, streamed"] = sorted(set().union(*map(keys, chunks)))
    assert (found, events[-2:]) == (GOLDEN["answers"], ["data: [DONE]", ""])
