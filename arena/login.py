"""The login with a Hugging Face account: whether a Space offers it, and who is behind a session."""

import time
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from itertools import chain, count
from typing import Any

NEEDED = ("OAUTH_CLIENT_ID", "OAUTH_CLIENT_SECRET", "OAUTH_SCOPES", "OPENID_PROVIDER_URL")
"""What a Space is told where `hf_oauth: true` stands in its README."""


def off(environ: Mapping[str, str]) -> str:
    """Why there is no login, in a sentence; empty where there is one."""
    if environ.get("SYSTEM") != "spaces" or not environ.get("OAUTH_CLIENT_ID"):
        return "There is no login: it takes a Space with `hf_oauth: true` in its README."
    if missing := [name for name in NEEDED if not environ.get(name)]:
        return f"There is no login: the variable {missing[0]} is not set."
    if any(find_spec(package) is None for package in ("authlib", "itsdangerous")):
        return "There is no login: it takes `pip install gradio[oauth]`."
    return ""


def subject(session: Mapping[str, Any], now: float | None = None) -> str | None:
    """Whose session it is: what their provider calls them, for good; None without a valid login.

    session: as Gradio's login leaves it. now: seconds since 1970.
    """
    info = session.get("oauth_info") or {}
    over = info.get("expires_at")
    if over is not None and over < (time.time() if now is None else now):
        return None
    return (info.get("userinfo") or {}).get("sub")


def account(
    session: Mapping[str, Any], seal: Callable[[str], str], forgotten: Callable[[str], bool]
) -> str | None:
    """The visitor's id by their session's login; None for who is not logged in.

    seal: an id from what a provider calls somebody. forgotten: whether what was stored under an id
    was deleted; such an account begins anew, under its next id.
    """
    who = subject(session)
    if not who:
        return None
    names = chain([who], (f"{who} {n}" for n in count(2)))
    return next(id for id in map(seal, names) if not forgotten(id))
