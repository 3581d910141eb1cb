"""The whole story on two real models, as files of llama.cpp: chat, battle, vote, reveal."""

import httpx
import pytest
from browsing import running, send, tab
from playwright.sync_api import expect

from tests.real_models import real_model

pytestmark = [pytest.mark.real, pytest.mark.browser]

ROSTER = """
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
    files = [real_model(name) for name in ("smollm2-135m-instruct", "qwen2.5-coder-0.5b-instruct")]
    roster = ROSTER.replace("FOLDER", str(files[0].parent))
    with running(tmp_path_factory.mktemp("real"), roster) as site:
        yield site


def test_the_larger_knows_the_capital_of_france(site):
    body = {"model": "coder", "temperature": 0, "max_tokens": 32}
    body["messages"] = [{"role": "user", "content": CAPITAL}]
    answer = httpx.post(f"{site.url}/v1/chat/completions", json=body, timeout=120)
    assert "Paris" in answer.json()["choices"][0]["message"]["content"]


def test_the_whole_story_on_real_models(site, visit):
    made = visit(site.url)
    page = made.page
    for n, asked in enumerate((CAPITAL, "And what is it known for?"), start=1):
        send(page, "#chat-box", asked)
        expect(page.locator("#chat-log .chip")).to_have_count(n, timeout=120_000)
        expect(page.get_by_role("button", name="Undo")).to_be_enabled(timeout=120_000)
    expect(page.locator("#chat-log .bot").first).to_contain_text("Paris")

    tab(page, "Arena")
    send(page, "#duel-box", CAPITAL)
    expect(page.locator("#vote-3")).to_be_enabled(timeout=120_000)
    for side in "ab":
        expect(page.locator(f"#column-{side} .bot")).to_contain_text("Paris")
    page.wait_for_timeout(3_000)  # a vote on what nobody can have read does not count
    page.locator("#vote-3").click()
    expect(page.locator("#duel-result")).to_contain_text("It counts.")
    expect(page.locator("#duel-result .chip", has_text="Blended")).to_have_count(1)
    assert made.clean()
