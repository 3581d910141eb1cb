"""What the tests share: the running site as a program, and a real browser that may not leave it."""

import atexit
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path

import pytest
import tiny_models
from hypothesis import HealthCheck, settings
from proxy import Proxy
from stored import opened, unhurried

from arena.battle.voting import cast_vote
from arena.db.store import Store
from arena.models import Battle
from arena.site.recording import finish_turn, register_visitor, start_turn
from blend.conversation import Turn

# A busy machine is no fault of a test.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")

ROOT = Path(__file__).parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def pytest_configure() -> None:
    """Heed Ctrl-C where a shell started us in the background, for the programs started here."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@dataclass
class Running:
    """python app.py, started by a test. url: as visitors see it; printed: as it says itself."""

    process: subprocess.Popen
    url: str
    db: Path
    printed: str = ""
    lines: list[str] = field(default_factory=list)
    reader: threading.Thread | None = None
    proxy: Proxy | None = None

    def health(self) -> tuple[int, dict]:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=5) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def stop(self, how: int = signal.SIGTERM, within: float = 30.0) -> int:
        self.process.send_signal(how)
        code = self.process.wait(within)
        if self.proxy is not None:
            self.proxy.close()
        self.reader.join(within)
        self.process.stdout.close()
        return code


def id_of(name: str) -> str:
    """A visitor's id as the site makes them, always the same one for a name."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, name))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(
    db: Path,
    *options: str,
    wait: float = 90.0,
    prefix: str = "",
    program: tuple[str, ...] = ("app.py",),
    port: int = 0,
) -> Running:
    """The site as its users start it, up when its last line, the URL, is printed.

    With ARENA_PREFIX=/arena in the environment all tests see it behind a proxy, under that path.
    program: what Python is told to run, where it is not app.py itself. port: where its visitors
    find it, 0 for any free one.
    """
    prefix = prefix or os.environ.get("ARENA_PREFIX", "")
    outside, port = port, free_port() if prefix or not port else port
    command = [sys.executable, *program, "--db", str(db), "--port", str(port), *options]
    command += ["--root-path", prefix] if prefix else []
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    # A test that fails before it has stopped its site must not keep pytest waiting for it.
    atexit.register(process.kill)
    own = f"http://127.0.0.1:{port}"
    running = Running(process, own, db, own)
    running.reader = threading.Thread(
        target=lambda: running.lines.extend(process.stdout), daemon=True
    )
    running.reader.start()
    until = time.monotonic() + wait
    while time.monotonic() < until and process.poll() is None:
        if any(line.strip() == running.url for line in running.lines):
            if prefix:
                running.proxy = Proxy(prefix, port, outside)
                running.url = running.proxy.url
            return running
        time.sleep(0.05)
    process.kill()
    raise AssertionError("the site did not come up: " + "".join(running.lines))


CONTENDERS = {"c-1": "Blended", "c-2": "oak", "c-3": "elm"}
PAIRS = (("c-1", "c-2"), ("c-3", "c-1"), ("c-2", "c-3"), ("c-2", "c-1"))
CHOICES = ("left", "right", "tie", "both_bad", "left")


def fill(store: Store, votes: int, visitors: int = 3, first: int = 0) -> list[str]:
    """The ids of new battles, voted on by visitors v0, v1 …; `first` varies the pattern."""
    store.database.clock = unhurried()
    for id, name in CONTENDERS.items():
        store.contenders.save(id, name, {"name": name, "policy": "uniform", "members": []})
    ids = []
    for n in range(first, first + votes):
        battle = Battle(f"v{n % visitors}", *PAIRS[n % 4], 0.25, "focus")
        register_visitor(store, battle.visitor, f"address {n}")
        store.battles.open(battle)
        store.battles.admit_message(battle.id, battle.visitor, f"A secret {n}?", 8)
        for side in (battle.left_conversation, battle.right_conversation):
            turn = Turn(f"A secret {n}?", f"A **secret** {n}.", finished=True)
            start_turn(store, side, 0, turn)
            finish_turn(store, turn)
        store.battles.mark_ready(battle.id)
        cast_vote(store, battle.id, battle.visitor, CHOICES[n % 5])
        ids.append(battle.id)
    return ids


def filled(path: Path, votes: int = 12, visitors: int = 3, first: int = 0) -> Path:
    """A closed database with so many votes."""
    with closing(Store.open(path)) as store:
        fill(store, votes, visitors, first)
    return path


def lasting(before: set[threading.Thread], within: float = 20.0) -> list[str]:
    """The threads that were not there before and do not end; one that is ending takes a moment."""
    until = time.monotonic() + within
    while (new := set(threading.enumerate()) - before) and time.monotonic() < until:
        time.sleep(0.02)
    return [thread.name for thread in new]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests last: Playwright keeps an event loop running, beside which none can be run.

    Several processes share the files, the tests of one file stay together for their fixtures.
    """
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)
    for item in items:
        kind = "browser" if item.get_closest_marker("browser") else "other"
        item.add_marker(pytest.mark.xdist_group(f"{kind} {item.path.stem}"))


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """What runs the tests that are marked anyio."""
    return "asyncio"


@pytest.fixture(scope="session")
def smalltalk(tmp_path_factory) -> Path:
    """The shipped smalltalk as a folder of safetensors, for programs that read no GGUF file."""
    from transformers import AutoModelForCausalLM

    from blend.members.local.checkpoint import Checkpoint

    shipped = Checkpoint.found(str(ROOT / "assets" / "models" / "smalltalk"))
    folder = tmp_path_factory.mktemp("smalltalk")
    # transformers saves no model that it read from a GGUF file, but one of the same weights.
    model = AutoModelForCausalLM.from_config(shipped.config())
    model.load_state_dict(shipped.model(dtype="float32").state_dict())
    model.save_pretrained(folder)
    shipped.tokenizer().save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_gguf(tmp_path_factory) -> Path:
    """A random model of two layers as a GGUF file, for llama.cpp; its folder has the rest."""
    return tiny_models.gguf(tmp_path_factory.mktemp("gguf"))


@pytest.fixture
def store(tmp_path) -> Iterator[Store]:
    """A store with two visitors and two contenders; see stored.py."""
    with closing(opened(tmp_path / "arena.db")) as store:
        yield store


class Folders(dict):
    """The folder of a tiny random model of each kind, made when it is first asked for."""

    def __init__(self, root: Path):
        self.root = root

    def __missing__(self, kind: str) -> Path:
        self[kind] = tiny_models.save(kind, self.root / kind)
        return self[kind]


@pytest.fixture
def told(monkeypatch) -> list[str]:
    """The sentences that the page shows as warnings, in place of showing them."""
    import gradio

    said: list[str] = []
    monkeypatch.setattr(gradio, "Warning", said.append)
    return said


@pytest.fixture(scope="session")
def folders(tmp_path_factory) -> Folders:
    """folders["llama"]: a tiny random model of that kind, on disk; see tiny.py for the kinds."""
    return Folders(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="session")
def scripted_site(tmp_path_factory) -> Iterator[Running]:
    """One site on scripted members for all tests that do not need their own."""
    running = start(tmp_path_factory.mktemp("scripted") / "arena.db", "--roster", "scripted")
    yield running
    assert running.stop() == 0


@pytest.fixture(scope="session")
def sentences(tmp_path_factory) -> str:
    """The folder of a tiny sentence model: a vector of eight numbers for each made-up word."""
    package = pytest.importorskip("sentence_transformers")
    import numpy as np
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer, models, pre_tokenizers

    from blend.evaluation.synthetic_topics import word

    words = {word(topic, rank): topic for topic in range(3) for rank in range(1, 201)}
    tokenizer = Tokenizer(models.WordLevel({w: i for i, w in enumerate([*words, "?"])}, "?"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    weights = np.full((len(words) + 1, 8), 0.1, np.float32)
    weights[np.arange(len(words)), [*words.values()]] = 1.0
    folder = tmp_path_factory.mktemp("sentences")
    modules = [StaticEmbedding(tokenizer, embedding_weights=weights)]
    package.SentenceTransformer(modules=modules, device="cpu").save(str(folder))
    return str(folder)


@pytest.fixture(scope="session")
def browser():
    """Debian's or anybody's Chromium, found on the PATH."""
    from playwright.sync_api import sync_playwright

    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip("no Chromium on the PATH: apt-get install chromium")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=path,
            args=[
                "--no-sandbox",
                "--disable-dev-shm-usage",
                "--disable-background-networking",
                # Nothing else is found. Asking here about each request would take longer than it.
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            ],
        )
        yield launched
        launched.close()


@dataclass
class Visit:
    """One visitor's page, and all that went over its wire."""

    page: object
    abroad: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)

    def clean(self) -> bool:
        """Nothing left the machine, and the console is quiet."""
        assert self.abroad == [] and self.complaints == []
        return True


@pytest.fixture
def visit(browser):
    """visit(url, width=1280, height=900, dark=False): a fresh visitor each time."""
    contexts = []

    def open_page(url: str, width: int = 1280, height: int = 900, dark: bool = False) -> Visit:
        context = browser.new_context(viewport={"width": width, "height": height})
        contexts.append(context)
        made = Visit(context.new_page())

        def note(request):
            if not request.url.startswith((url, "data:", "blob:")):
                made.abroad.append(request.url)

        context.on("request", note)
        # The browser asks the host for an icon, outside of any prefix; with a route it does not.
        context.route("**/favicon.ico", lambda route: route.abort())
        made.page.on(
            "console",
            lambda m: made.complaints.append(m.text) if m.type in ("error", "warning") else None,
        )
        made.page.on("pageerror", lambda error: made.complaints.append(str(error)))
        made.page.goto(url + ("/?__theme=dark" if dark else "/?__theme=light"))
        return made

    yield open_page
    for context in contexts:
        context.close()


class Wire:
    """A visitor without a browser: raw HTTP, as somebody would try who reads the page's config."""

    def __init__(self, url: str, cookie: str = ""):
        self.url = url
        self._cookie = {"Cookie": cookie} if cookie else {}
        self.session = f"s{time.time_ns():x}"
        with urllib.request.urlopen(f"{url}/config", timeout=10) as answer:
            self.config = json.load(answer)

    def event(self, elem_id: str, kind: str) -> dict:
        """The dependency behind an event of the component with that id."""
        component = next(
            c["id"] for c in self.config["components"] if c["props"].get("elem_id") == elem_id
        )
        return next(
            d
            for d in self.config["dependencies"]
            if [component, kind] in d["targets"] and d["backend_fn"]
        )

    def call(self, elem_id: str, kind: str, *data: object) -> list[str]:
        """Fire the event, and those that follow it; every line of the answering streams.

        The components that were given `data` keep it for the events that follow; those that come
        after the last of `data` are empty.
        """
        event = self.event(elem_id, kind)
        given = dict(zip_longest(event["inputs"], data))
        lines = self._fire(event, [given[part] for part in event["inputs"]])
        while event := next((d for d in self.config["dependencies"] if follows(d, event)), None):
            lines += self._fire(event, [given.get(part) for part in event["inputs"]])
        return lines

    def _fire(self, event: dict, data: list) -> list[str]:
        body = {"data": data, "fn_index": event["id"], "session_hash": self.session}
        queued = event["queue"] is not False
        request = urllib.request.Request(
            f"{self.url}/gradio_api/{'queue/join' if queued else 'run/predict'}",
            json.dumps(body).encode(),
            {"Content-Type": "application/json", **self._cookie},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            if not queued:
                return [answer.read().decode()]
        lines = []
        stream = f"{self.url}/gradio_api/queue/data?session_hash={self.session}"
        with urllib.request.urlopen(stream, timeout=30) as answer:
            for line in answer:
                lines.append(line.decode())
                if '"process_completed"' in lines[-1]:
                    return lines
        return lines


def follows(later: dict, event: dict) -> bool:
    """Whether the server is asked for it as soon as the event is complete."""
    return later["trigger_after"] == event["id"] and later["backend_fn"]
