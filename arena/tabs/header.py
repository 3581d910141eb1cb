"""The header: what this is, which roster runs where, and whether its models are here yet."""

from html import escape

import gradio as gr

from arena.site import Site
from blend.conversation import new_id

HEAD = """<script>
// 1-4 vote from the keyboard, wherever no text is being typed and the button is awake.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (!/^[1-4]$/.test(event.key)) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const button = document.getElementById(`vote-${event.key}`);
  if (button && !button.disabled && button.offsetParent) button.click();
});
</script>"""


def header(site: Site, blocks: gr.Blocks, visitor: gr.BrowserState) -> gr.events.Dependency:
    """The page's head. It watches the loading and gives a new browser its visitor id.

    Returns the event after which the visitor is known.
    """
    top = gr.HTML(_html(site), elem_id="header")
    watch = gr.Timer(1.0, active=True)

    def greet(known: str | None):
        return known or new_id(), _html(site), gr.Timer(active=not site.ready)

    def look():
        return _html(site), gr.Timer(active=not site.ready)

    private = {"show_progress": "hidden", "api_visibility": "private", "queue": False}
    watch.tick(look, None, [top, watch], **private)
    return blocks.load(greet, [visitor], [visitor, top, watch], **private)


def wake(greeted: gr.events.Dependency, boxes: list[gr.Textbox]) -> None:
    """Let the visitor type once the page knows who they are: no message comes from nobody."""
    greeted.then(
        lambda: [gr.update(interactive=True) for _ in boxes],
        None,
        boxes,
        show_progress="hidden",
        api_visibility="private",
        queue=False,
    )


def _html(site: Site) -> str:
    where = f"{site.roster.title} · {site.device}" if site.ready else site.roster.title
    notice = f'<p class="notice" role="status">{escape(site.notice)}</p>' if site.notice else ""
    return (
        f'<div class="top"><h1>Blended Arena</h1><span class="where">{escape(where)}</span></div>'
        "<p>Several small models, one conversation. Judge blind whether it is better.</p>"
        f"{notice}"
    )
