"""The roster of small real models: its files, the page while they come, and a vote on stand-ins."""

import re
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from app_process import ROOT, free_port, start
from browsing import go, send
from fake_hub import Server
from playwright.sync_api import expect

from blend.roster import SHIPPED, read
from blend.roster.specs import OPTIONS

STAND_IN = ROOT / "assets" / "models" / "smalltalk" / "smalltalk.gguf"
FETCHED = "The models are fetched from the Hub first"
MEMBERS = ("gemma3", "lfm2", "smollm2")
BYTES = {"gemma3": 291_545_600, "lfm2": 229_309_376, "smollm2": 386_404_992, "qwen2.5": 491_400_032}
"""What several public programs say of these files; none was fetched."""


def test_the_blend_is_three_and_the_rival_is_larger_than_each():
    pocket = read("pocket")
    (blend,) = pocket.blends
    assert blend.members == MEMBERS and set(pocket.singles) == {*MEMBERS, "qwen2.5"}
    assert {m.engine for m in pocket.members} == {"llama_cpp"}
    assert all(len(m.revision) == 40 and m.options["file"] and m.aliases for m in pocket.members)


def test_it_says_what_is_fetched_and_under_which_licences():
    said = (SHIPPED / "pocket.toml").read_text()
    sizes = [f"{size / 1e6:.0f}" for size in BYTES.values()]
    assert f"{', '.join(sizes[:-1])} and {sizes[-1]} MB" in said
    assert f"{sum(BYTES.values()) / 1e9:.1f} GB are fetched from the Hub" in said
    abouts = " ".join(m.about for m in read("pocket").members)
    for licence in ("Gemma Terms of Use", "LFM Open License 1.0", "Apache-2.0"):
        assert licence in abouts


def test_the_readme_of_the_rosters_has_every_roster_and_every_key():
    text = (SHIPPED / "README.md").read_text()
    assert all(f"]({path.name})" in text for path in SHIPPED.glob("*.toml"))
    keys = {key for options in OPTIONS.values() for key in options}
    assert not {key for key in keys if f"`{key}`" not in text}


def test_modern_can_be_served_by_vllm_as_its_comment_says(tmp_path):
    text = (SHIPPED / "modern.toml").read_text()
    serve = "\n".join(line[4:] for line in text.splitlines() if line.startswith("#   "))
    assert serve.startswith('serve = """vllm serve {model}') and "environment = " in serve
    text = text.replace('dtype = "bfloat16"\n', f"{serve}\n")
    extra = 'extra = ["top_k"]\nname = "qwen3'
    (tmp_path / "modern.toml").write_text(text.replace('name = "qwen3', extra))
    assert {m.engine for m in read(tmp_path / "modern.toml").members} == {"remote"}


def opened(visit, url: str):
    """A phone with the page of a site that is still starting."""
    until = time.monotonic() + 120
    while time.monotonic() < until:
        with suppress(OSError), socket.create_connection(("127.0.0.1", int(url.split(":")[-1]))):
            return visit(url, width=390)
        time.sleep(0.1)
    raise AssertionError("nobody listens there")


def chats_fights_and_votes(page) -> None:
    send(page, "#chat-box", "Hello!")
    chip = page.locator("#chat-log .chip")
    expect(chip).to_have_text(re.compile(rf"({'|'.join(MEMBERS)}) · 33%"), timeout=120_000)
    go(page, "Arena")
    send(page, "#duel-box", "Do you like music?")
    expect(page.locator("#vote-3")).to_be_enabled(timeout=120_000)
    page.locator("#vote-3").click()
    expect(page.locator("#duel-result .chip", has_text="Blended")).to_have_count(1)


@pytest.mark.browser
def test_the_page_says_how_much_is_fetched_and_how_far_it_is_and_then_votes_without_torch(
    tmp_path, visit
):
    with Server() as hub, pytest.MonkeyPatch.context() as environ, ThreadPoolExecutor() as pool:
        for member in read("pocket").members:
            hub.models[member.model] = {member.options["file"]: STAND_IN.read_bytes()}
        environ.setenv("HF_HOME", str(tmp_path / "home"))
        environ.setenv("HF_ENDPOINT", hub.url)
        total = round(4 * STAND_IN.stat().st_size / 1e6)
        hub.flowing.clear()
        options = {"program": ("tests/support/without_torch.py",), "port": free_port()}
        starting = pool.submit(start, tmp_path / "arena.db", "--roster", "pocket", **options)
        try:
            made = opened(visit, f"http://127.0.0.1:{options['port']}")
            header = made.page.locator("#header")
            here = f"{FETCHED}: 0 of {total} MB are here."
            expect(header).to_contain_text(here, timeout=120_000)
            hub.flowing.set()
            expect(header).to_contain_text("Pocket · ", timeout=120_000)
            expect(header).not_to_contain_text(FETCHED)
            assert f"{FETCHED}: {total} MB.\n" in starting.result().lines
            made.complaints.clear()  # what was asked of the site before it was up
            chats_fights_and_votes(made.page)
            go(made.page, "About")
            expect(made.page.locator("body")).to_contain_text("under the LFM Open License 1.0")
            assert made.clean()
        finally:
            hub.flowing.set()
            assert starting.result().stop() == 0
