"""Who is behind a request of the page: the address, hashed, and the account of a login."""

import gradio as gr

from arena.site.identity import ACCOUNT, account_id, is_visitor_id
from arena.site.site import Site
from blend.conversation import new_id


def address(site: Site, request: gr.Request | None) -> str | None:
    """Where the visitor comes from, as a hash."""
    if request is None or request.client is None:
        return None
    return site.hasher(request.client.host)


def account(site: Site, request: gr.Request | None) -> str | None:
    """The visitor's id by their login; None for who is not logged in."""
    scope = getattr(request and request.request, "scope", {})
    return account_id(scope.get("session", {}), site.hasher.account, site.store.erasure.is_erased)


def visitor_id(site: Site, claimed: str | None, request: gr.Request | None) -> str:
    """The id of who opens the page: their account's, their browser's, or a new one.

    A browser whose login has ended keeps nothing of the account.
    """
    own = claimed if is_visitor_id(claimed) and not claimed.startswith(ACCOUNT) else None
    return account(site, request) or own or new_id()


def needs_login(site: Site, request: gr.Request | None) -> bool:
    """Whether the visitor must log in before they may vote."""
    return site.settings.login_to_vote and site.guard.needs_login(account(site, request))


async def check_message(site: Site, visitor: str, request: gr.Request | None, *texts: str) -> None:
    """Let a visitor's message in; see Guard. Raises Refused."""
    site.guard.check_account(visitor, account(site, request))
    await site.guard.check_message(visitor, address(site, request), *texts)
