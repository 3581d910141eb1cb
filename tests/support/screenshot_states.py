"""The pages and states that screenshots.py takes pictures of: a line each in STATES."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from browsing import send
from playwright.sync_api import Page, expect

Act = Callable[[Page], None]


def nothing(*_: object) -> None:
    """What needs nothing more."""


@dataclass(frozen=True, slots=True)
class PictureSite:
    """A site that states are taken on. member: further options of each member. line: all that each
    of them says. more: of the roster, at its end. fill: what its database has from the start."""

    member: str = ""
    line: str = ""
    more: str = ""
    fill: Callable[[Path, Path], None] = nothing
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PageState:
    """A page in a state. act: what brings it there. whole: all of it, not only what one sees."""

    name: str
    path: str = ""
    act: Act = nothing
    site: str = "plain"
    whole: bool = False


def simulate(db: Path, roster: Path) -> None:
    """Votes and an experiment that a program made up."""
    from arena.simulation import simulate

    visits = ["--visitors", "300", "--days", "20", "--arms", "2"]
    for options in (visits, ["--votes", "1500", "--roster", str(roster)]):
        if simulate.main(["--db", str(db), *options]):
            raise SystemExit("the votes could not be simulated")


EXPERIMENT = """
[experiment]
name = "trial"
salt = "salt"
[experiment.arms]
Blended = 1
alder = 1
"""

WAYS = """
[[member]]
name = "dogwood"
engine = "scripted"
lines = ["B"]

[[blend]]
name = "By sentence"
members = ["birch", "cedar"]
policy = "per_sentence"

[[blend]]
name = "Panel"
members = ["birch", "cedar"]
policy = "panel"
judge = "dogwood"
"""

SITES = {
    "plain": PictureSite(),
    "slow": PictureSite("pace = 0.35"),
    # So long that it thinks in all pictures.
    "thinking": PictureSite(
        "pace = 0.35", f"<think>\n{'Which do I know? ' * 30}</think>\n\nThe alder."
    ),
    "failing": PictureSite("fails_at = 4"),
    "full": PictureSite(fill=simulate),
    "ways": PictureSite(more=WAYS),
    "goal": PictureSite(more='[goal]\nvotes = 100\nuntil = "2030-06-01"\n'),
}


def at_rest(page: Page) -> None:
    """Everything that the page asks for when it opens has come."""
    page.wait_for_load_state("networkidle")
    still = re.compile("Reading the votes|Reading your votes|Being read")
    expect(page.locator("body")).not_to_contain_text(still, timeout=60_000)
    expect(page.locator(".pending")).to_have_count(0, timeout=60_000)  # Gradio's, for what is faint
    page.wait_for_timeout(500)


def chat(*texts: str) -> Act:
    """Messages of the chat, each answered to its end."""

    def act(page: Page) -> None:
        for n, text in enumerate(texts, start=1):
            send(page, "#chat-box", text)
            expect(page.locator("#chat-log .bot .under .copy")).to_have_count(n)
        at_rest(page)

    return act


def chat_unfolded(page: Page) -> None:
    """What can be unfolded under a reply."""
    chat(TREES)(page)
    for summary in page.locator("#chat-log .thoughts summary").all():
        summary.click()
    at_rest(page)


def chat_begun(page: Page) -> None:
    """A reply that is being written."""
    send(page, "#chat-box", "Which tree grows beside water, and how tall does it become there?")
    expect(page.locator("#chat-log .bot .reply")).to_contain_text(" ")


def chat_stopped(page: Page) -> None:
    chat_begun(page)
    page.locator("#chat-box .stop-button").click()
    at_rest(page)


def chat_rated(page: Page) -> None:
    """A thumb, and a reason for it."""
    chat(TREES)(page)
    page.get_by_role("button", name="Reply 1 is good").click()
    reason = page.get_by_role("button", name="more helpful")
    reason.click()
    expect(reason).to_have_attribute("aria-pressed", "true")


def chat_thinking(page: Page) -> None:
    send(page, "#chat-box", "Which tree grows beside water?")
    expect(page.locator("#chat-log .waiting")).to_have_text("thinking")


def chat_failed(page: Page) -> None:
    send(page, "#chat-box", "Which tree grows beside water?")
    expect(page.locator("#chat-log .failed")).to_be_visible()
    at_rest(page)


def battle_begun(page: Page) -> None:
    send(page, "#duel-box", "Which tree grows beside water, and how tall does it become there?")
    expect(page.locator("#column-a .bot .reply")).to_contain_text(" ")


def battle_ready(page: Page) -> None:
    send(page, "#duel-box", "Which tree grows beside water?")
    expect(page.locator("#vote-1")).to_be_enabled()
    at_rest(page)


def battle_voted(page: Page) -> None:
    battle_ready(page)
    page.wait_for_timeout(1500)  # a vote on what nobody can have read does not count
    page.locator("#vote-1").click()
    expect(page.locator("#duel-result .result")).to_be_visible()
    at_rest(page)


def battle_void(page: Page) -> None:
    send(page, "#duel-box", "Which tree grows beside water?")
    expect(page.locator("#again")).to_be_visible()
    at_rest(page)


def votes_cast(times: int) -> Act:
    """So many battles with their votes, and then the page of one's own votes."""

    def act(page: Page) -> None:
        page.goto(page.url.replace("/votes", "/arena"))
        for n in range(times):
            send(page, "#duel-box", f"Which tree grows beside river number {n}?")
            expect(page.locator("#vote-1")).to_be_enabled()
            page.wait_for_timeout(1500)  # what nobody can have read does not count
            page.locator(f"#vote-{1 + n % 3}").click()
            expect(page.locator("#duel-result .result")).to_be_visible()
            page.locator("#new-battle").click()
            expect(page.locator("#duel-result .result")).to_have_count(0)
        at_rest(page)
        page.goto(page.url.split("/arena")[0] + "/votes")
        at_rest(page)

    return act


TREES = "Which tree grows beside water?"

STATES = (
    # Before the first message and the first vote of their site.
    PageState("insights-empty", "insights", at_rest, whole=True),
    PageState("leaderboard-empty", "leaderboard", at_rest, whole=True),
    PageState("chat-empty", act=at_rest),
    PageState("chat", act=chat(TREES, "And beside the sea?", "Thank you!")),
    PageState("chat-rated", act=chat_rated),
    PageState("arena-empty", "arena", at_rest),
    PageState("arena-ready", "arena", battle_ready),
    PageState("arena-voted", "arena", battle_voted),
    PageState("arena-side-by-side", "arena?mode=side-by-side", at_rest),
    PageState("contender-unknown", "contender?name=nobody", at_rest),
    PageState("votes-empty", "votes", at_rest),
    PageState("votes", "votes", votes_cast(2), whole=True),
    PageState("votes-ranking", "votes", votes_cast(12), "goal", whole=True),
    PageState("about", "about", at_rest, whole=True),
    PageState("chat-streaming", act=chat_begun, site="slow"),
    PageState("chat-stopped", act=chat_stopped, site="slow"),
    PageState("arena-streaming", "arena", battle_begun, site="slow"),
    PageState("chat-thinking", act=chat_thinking, site="thinking"),
    PageState("chat-by-sentence", "?with=By%20sentence", chat_unfolded, "ways"),
    PageState("chat-panel", "?with=Panel", chat_unfolded, "ways"),
    PageState("chat-failed", act=chat_failed, site="failing"),
    PageState("arena-void", "arena", battle_void, site="failing"),
    PageState("leaderboard", "leaderboard", at_rest, "full", whole=True),
    PageState("leaderboard-by-language", "leaderboard?by=language", at_rest, "full", whole=True),
    PageState("contender", "contender?name=Blended", at_rest, "full", whole=True),
    PageState("insights", "insights", at_rest, "full", whole=True),
)
