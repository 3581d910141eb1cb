"""The endpoints for gradio_client: /ask, one reply of a contender, and /leaderboard."""

import gradio as gr

from arena.api import page_programs
from arena.pages import visitor
from arena.pages.leaderboard.page import LeaderboardEvents
from arena.site.site import Site


def build(site: Site) -> None:
    """Offer them on the page that is built here, which must be the first one: Gradio describes to
    programs what one page has.

    /ask is there where programs may use the site without a key: an endpoint of a page asks none.
    """

    async def ask(
        message: str, contender: str = "", request: gr.Request | None = None
    ) -> page_programs.ProgramReply:
        """The reply of a blend of small models, or of a single one, to one message: its text, the
        member that wrote it, and how likely that member was to be drawn.

        Args:
            message: what is said to it.
            contender: who answers, by name; by default the blend that this site is about.
        """
        try:
            origin = visitor.address(site, request)
            return await page_programs.ask(site, message, contender, origin)
        except page_programs.Unanswered as reason:
            raise gr.Error(str(reason), print_exception=False) from None

    gr.api(LeaderboardEvents(site).leaderboard, api_name="leaderboard")
    if site.settings.api == "open":
        gr.api(ask, api_name="ask", concurrency_id="replies")
