"""The site under a path, behind a proxy, where a Space's variables ask for server rendering."""

import json
import urllib.request

import pytest
from app_process import start

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with pytest.MonkeyPatch.context() as env:
        env.setenv("GRADIO_SSR_MODE", "True")
        db = tmp_path_factory.mktemp("prefix") / "arena.db"
        running = start(db, "--roster", "scripted", prefix="/some/arena")
    yield running
    assert running.stop() == 0


def test_the_page_talks_under_its_prefix(site, visit) -> None:
    from playwright.sync_api import expect

    made = visit(site.url)
    box = made.page.get_by_label("Your message")
    expect(box).to_be_enabled(timeout=60_000)
    box.fill("Hello from far away")
    made.page.get_by_role("button", name="Send").click()
    log = made.page.locator("#chat-log")
    expect(log).to_contain_text("Hello from far away", timeout=60_000)
    expect(log.locator(".chip").first).to_be_visible(timeout=60_000)
    assert made.clean()


def test_routes_answer_under_the_prefix_and_nowhere_else(site) -> None:
    status, health = site.health()
    assert status == 200 and health["status"] == "ready"
    with urllib.request.urlopen(f"{site.url}/v1/models", timeout=60) as answer:
        assert "Blended" in [model["id"] for model in json.load(answer)["data"]]
    root = site.url.removesuffix("/some/arena")
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{root}/healthz", timeout=60)
