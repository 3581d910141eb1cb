"""The header: what this is, which roster runs where, and whether its models are here yet."""

import os
from html import escape

import gradio as gr

from arena import login
from arena.assignment import previewed
from arena.site import Site
from arena.tabs.guest import account, known_as

NEEDED = "To vote in the arena, log in first. Chats and battles are open to everybody."

HEAD = """<script>
// 1-4 vote from the keyboard, wherever no text is being typed and the button is awake.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (!/^[1-4]$/.test(event.key)) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const button = document.getElementById(`vote-${event.key}`);
  if (button && !button.disabled && button.offsetParent) button.click();
});
// A page that is loaded again opens the tab that was open, in this window only.
const KEPT = "blended-arena-tab";
document.addEventListener("click", (event) => {
  const tab = event.target.closest("button[role=tab]");
  if (tab) sessionStorage.setItem(KEPT, tab.textContent.trim());
});
const wanted = sessionStorage.getItem(KEPT);
const until = Date.now() + 20000;
const look = setInterval(() => {
  const tabs = [...document.querySelectorAll("button[role=tab]")];
  const tab = tabs.find((one) => one.textContent.trim() === wanted);
  if (tab && tab.getAttribute("aria-selected") !== "true") tab.click();
  if (!wanted || tab || Date.now() > until) clearInterval(look);
}, 50);
</script>"""


def header(
    site: Site, blocks: gr.Blocks, visitor: gr.BrowserState, preview: gr.State
) -> gr.events.Dependency:
    """The page's head. It watches the loading and gives a new browser its visitor id.

    preview: set to the contender that the host asked for, with the right key, in the address.
    Returns the event after which the visitor is known.
    """
    top = gr.HTML(_html(site), elem_id="header")
    watch = gr.Timer(1.0, active=True)
    offered = not login.off(os.environ)
    with gr.Row(elem_classes="login", visible=offered):
        needed = gr.HTML(f'<p class="status">{NEEDED}</p>', visible=False)
        if offered:
            gr.LoginButton(size="sm", variant="secondary", scale=0, min_width=220)

    def greet(known: str | None, request: gr.Request):
        asked = dict(request.query_params)
        arm = previewed(site.roster, asked.get("arm", ""), asked.get("key", ""))
        visitor = known_as(site, known, request)
        logged = not offered or account(site, request) is not None
        notice = gr.HTML(visible=site.settings.login_to_vote and not logged)
        return visitor, arm, _html(site, arm), gr.Timer(active=not site.ready), notice

    def look(arm: str):
        return _html(site, arm), gr.Timer(active=not site.ready)

    private = {"show_progress": "hidden", "api_visibility": "private", "queue": False}
    watch.tick(look, preview, [top, watch], **private)
    return blocks.load(greet, [visitor], [visitor, preview, top, watch, needed], **private)


def _html(site: Site, preview: str = "") -> str:
    where = f"{site.roster.title} · {site.device}" if site.ready else site.roster.title
    looking = f"Preview: {preview} writes your chats. They are not counted." if preview else ""
    said = " ".join(filter(None, (site.notice, looking)))
    notice = f'<p class="notice" role="status">{escape(said)}</p>' if said else ""
    return (
        f'<div class="top"><h1>Blended Arena</h1><span class="where">{escape(where)}</span></div>'
        "<p>Several small models, one conversation. Judge blind whether it is better.</p>"
        f"{notice}"
    )
