"""The whole story on the models that ship, and on real ones: chat, battle, vote, board."""

import re
from pathlib import Path

import httpx
import psutil
import pytest
from app_process import start
from browsing import fits, go, rows, running, send, settled
from playwright.sync_api import expect
from real_models import real_model

pytestmark = pytest.mark.browser
MEMBERS = ("smalltalk", "trivia", "concierge")
TELLING = """
import sys, app
code = app.main()
print("imported:", sorted({"torch", "transformers", "openai"} & {*sys.modules}))
sys.exit(code)
"""
"""app.py, which says in the end what it has imported."""
TOYS = "These models are toys. For real ones: python app.py --roster pocket"
REAL = """
title = "Real"
[[member]]
name = "smollm2"
path = "FOLDER/smollm2-135m-instruct.gguf"
window = 2048
[member.sampling]
temperature = 0.2
top_p = 0.9
max_tokens = 64
[[member]]
name = "coder"
path = "FOLDER/qwen2.5-coder-0.5b-instruct.gguf"
window = 2048
[member.sampling]
temperature = 0.7
top_p = 0.8
top_k = 20
max_tokens = 64
[[blend]]
name = "Blended"
members = ["smollm2", "coder"]
"""
CAPITAL = "What is the capital of France?"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    started = start(tmp_path_factory.mktemp("story") / "arena.db", program=("-c", TELLING))
    yield started
    assert started.stop() == 0
    assert started.lines[-1] == "imported: []\n"


def battle(page, text: str, answer: str, vote: int) -> None:
    """A battle to its names; both replies hold the answer."""
    go(page, "Arena")
    send(page, "#duel-box", text)
    expect(page.locator("#vote-1")).to_be_enabled(timeout=120_000)
    columns = [page.locator(f"#column-{side} .bot") for side in "ab"]
    for column in columns:
        expect(column).to_contain_text(answer)
    # A vote on what nobody can have read does not count.
    page.wait_for_timeout(400 + 10 * min(len(column.inner_text()) for column in columns))
    page.locator(f"#vote-{vote}").click()
    expect(page.locator("#duel-result")).to_contain_text("It counts.")
    expect(page.locator("#duel-result .chip", has_text="Blended")).to_have_count(1)


def test_the_whole_story(site, visit):
    made = visit(site.url, width=390)
    page = made.page
    expect(page.locator("#header")).to_contain_text(TOYS)
    send(page, "#chat-box", "Can you find me a restaurant in San Jose?")
    expect(page.locator("#chat-log .chip")).to_have_text(
        re.compile(rf"({'|'.join(MEMBERS)}) · 33%"), timeout=60_000
    )
    battle(page, "Do you like music?", "", 1)
    expect(page.locator("#duel-result")).to_contain_text("You said: A is better.")
    go(page, "Leaderboard")
    expect(page.locator("#board-counted")).to_contain_text("counted, from")
    expect(page.locator("#board-table")).to_contain_text("Blended")
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert fits(page), width
    assert made.clean()
    drawn = rows(site.db, "SELECT member, chance, reply FROM turns")
    assert all(member and reply and 0 < chance <= 1 for member, chance, reply in drawn)


def ask(site, model: str, text: str) -> str:
    """A program's question, answered with the likeliest words."""
    body = {"model": model, "temperature": 0, "messages": [{"role": "user", "content": text}]}
    answer = httpx.post(f"{site.url}/v1/chat/completions", json=body, timeout=120)
    return answer.json()["choices"][0]["message"]["content"]


def test_the_terminal_says_that_they_are_toys_and_a_program_is_answered(site):
    assert [TOYS in line for line in site.lines if "toys" in line] == [True]
    assert ask(site, "trivia", "Do you like jazz?")


def test_all_processes_stay_under_their_memory_and_none_has_torch(site):
    assert site.health()[1]["members"] == {"loaded": 4, "of": 4, "down": {}}
    app = psutil.Process(site.process.pid)
    processes = [app, *app.children(recursive=True)]
    assert len(processes) == 1 + 4 * 2  # a server and its guard for each member
    assert sum(one.memory_full_info().pss for one in processes) < 600e6
    maps = [Path(f"/proc/{one.pid}/maps").read_text() for one in processes]
    assert not any("libtorch" in told for told in maps)
    assert sum("llamacpp" in told for told in maps) == 4


@pytest.mark.real
def test_real_models_know_the_capital_of_france(tmp_path, visit):
    files = [real_model(name) for name in ("smollm2-135m-instruct", "qwen2.5-coder-0.5b-instruct")]
    with running(tmp_path, REAL.replace("FOLDER", str(files[0].parent))) as site:
        assert "Paris" in ask(site, "coder", CAPITAL)
        made = visit(site.url)
        for n, text in enumerate((CAPITAL, "And what is it known for?"), start=1):
            send(made.page, "#chat-box", text)
            expect(made.page.locator("#chat-log .chip")).to_have_count(n, timeout=120_000)
            settled(made.page)
        expect(made.page.locator("#chat-log .bot").first).to_contain_text("Paris")
        battle(made.page, CAPITAL, "Paris", 3)
        assert made.clean()
