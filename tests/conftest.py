"""What the tests share: the running site as a program, and a real browser that may not leave it."""

import signal
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import tiny_models
from app_process import ROOT, Running, start
from hypothesis import HealthCheck, settings
from stored import opened

from arena.db.store import Store

# A busy machine is no fault of a test. Every run tries the same examples, so that none fails by
# chance; `pytest --hypothesis-profile search` tries others each time.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("search", patient, derandomize=False)
settings.register_profile("same", patient, derandomize=True)
settings.load_profile("same")


def pytest_configure() -> None:
    """Heed Ctrl-C where a shell started us in the background, for the programs started here."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests last, also in a file that has others: Playwright keeps an event loop running,
    beside which none can be run."""
    of_browser = {item.path for item in items if item.get_closest_marker("browser")}
    items.sort(
        key=lambda item: (
            item.path in of_browser,
            item.get_closest_marker("browser") is not None,
        )
    )


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """What runs the tests that are marked anyio."""
    return "asyncio"


@pytest.fixture(scope="session")
def smalltalk(tmp_path_factory) -> Path:
    """The shipped smalltalk as a folder of safetensors, for programs that read no GGUF file."""
    from transformers import AutoModelForCausalLM

    from blend.members.local.checkpoint import Checkpoint

    shipped = Checkpoint.locate(str(ROOT / "assets" / "models" / "smalltalk"))
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
def notices(monkeypatch) -> list[str]:
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

    from blend.evaluation.trials.synthetic_topics import topic_word

    words = {topic_word(topic, rank): topic for topic in range(3) for rank in range(1, 201)}
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
    """One Chromium for all tests; each opens windows of its own in it."""
    from chromium import ALONE, NoChromium, chromium

    try:
        with chromium(*ALONE) as launched:
            yield launched
    except NoChromium as error:
        pytest.skip(str(error))


ENDED = "AbortError: signal is aborted"
"""What Gradio says of a stream that it ends itself."""

CUT = "Unexpected error Connection errored out"
"""What it says of one that it ends as the page is left."""

LEAVES = "the page is left"
TELL = f"addEventListener('beforeunload', () => console.debug('{LEAVES}'))"
"""Tells when: before Gradio's own listener, and before the browser asks for the next page."""


@dataclass
class Visit:
    """One visitor's page: what it asked for elsewhere, and what its console said."""

    page: object
    abroad: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    leaving: bool = False

    def watch(self) -> None:
        """Note what the page does from now on."""
        page = self.page
        page.add_init_script(TELL)
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complain(str(error)))
        page.on("domcontentloaded", lambda _: setattr(self, "leaving", False))

    def _hear(self, message) -> None:
        self.leaving |= message.text == LEAVES
        if message.type in ("error", "warning"):
            self.complain(message.text)

    def complain(self, text: str) -> None:
        """Note what the console says, but of streams that end as they should."""
        if not text.startswith((ENDED, CUT) if self.leaving else ENDED):
            self.complaints.append(text)

    def clean(self) -> bool:
        """Nothing left the machine, and the console is quiet."""
        assert self.abroad == [] and self.complaints == []
        return True


@pytest.fixture
def visit(browser):
    """visit(url, width=1280, height=900, dark=False, path="", locale="en-US"): a fresh visitor each
    time."""
    contexts = []

    def open_page(
        url: str,
        width: int = 1280,
        height: int = 900,
        dark: bool = False,
        path: str = "",
        locale: str = "en-US",
    ) -> Visit:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            locale=locale,
        )
        contexts.append(context)
        made = Visit(context.new_page())

        def note(request):
            if not request.url.startswith((url, "data:", "blob:")):
                made.abroad.append(request.url)

        context.on("request", note)
        # The browser asks the host for an icon, outside of any prefix; with a route it does not.
        context.route("**/favicon.ico", lambda route: route.abort())
        made.watch()
        made.page.goto(f"{url}/{path}")
        return made

    yield open_page
    for context in contexts:
        context.close()
