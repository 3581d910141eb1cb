"""What a site says of itself: what it stores and why, how it works, what runs by what settings.

Texts in Markdown, made of the settings in force, so that the page cannot promise what is not so.
"""

import json
import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from arena import __version__
from arena.pages.templates import render
from arena.site.identity import login_problem
from arena.site.site import Site
from blend.roster.settings import Settings, all_settings
from blend.roster.specs import MemberSpec

ROOT = Path(__file__).parents[3]
PACKAGES = ("gradio", "xllamacpp", "transformers", "torch", "openai")
ADDRESS_KEY = "BLENDED_ARENA_ADDRESS_KEY"
HIDDEN = {"db", "host", "port", "moderation", "hub"}
"""Settings that tell where things lie on the host's machine, or at whose account: not shown."""


def storage(site: Site, environ: Mapping[str, str]) -> str:
    """What is stored of a visitor, and why."""
    return render(
        "stored.md",
        settings=site.settings,
        login=not login_problem(environ),
        keeping=site.storage_status,
        key=environ.get(ADDRESS_KEY),
    )


def program(site: Site, base: str) -> str:
    """A request to /v1 that can be copied; empty where that is off. base: the site's address."""
    if site.settings.api == "off":
        return ""
    key = ' -H "Authorization: Bearer $KEY"' if site.settings.api == "key" else ""
    hello = [{"role": "user", "content": "Hello!"}]
    body = json.dumps({"model": site.roster.focus, "stream": True, "messages": hello})
    body = body.replace("'", "'\\''")  # a quote within a shell's quotes
    return (
        f"curl -N {base}/v1/chat/completions{key} \\\n"
        f"  -H 'Content-Type: application/json' \\\n  -d '{body}'"
    )


def machine(site: Site, environ: Mapping[str, str]) -> str:
    """What runs here: versions, hardware, and what is off."""
    return render(
        "running.md",
        version=__version__,
        commit=_commit(),
        packages=[f"Python {platform.python_version()}", *filter(None, map(_package, PACKAGES))],
        roster=site.roster.title,
        device=site.contenders.device,
        zerogpu=site.lent is not None,
        missing=missing_features(site, environ),
        space=environ.get("SPACE_ID"),
    )


def missing_features(site: Site, environ: Mapping[str, str]) -> list[str]:
    """What this site does without, a sentence each; a Space tells it at its start, too."""
    sentences = [login_problem(environ)]
    if not environ.get(ADDRESS_KEY):
        sentences.append(
            "Network addresses and accounts are stored as hashes, by a key that is new at each "
            f"start; the secret `{ADDRESS_KEY}` keeps one key."
        )
    if site.settings.api != "open":
        closed = {"key": "takes programs with a key only", "off": "is off"}[site.settings.api]
        sentences.append(f"`/v1` {closed}.")
    return list(filter(None, sentences))


def _package(name: str) -> str:
    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        return ""


def _commit() -> str:
    """The commit that runs, where the files are a checkout."""
    try:
        head = (ROOT / ".git" / "HEAD").read_text(encoding="utf-8").strip()
        if head.startswith("ref: "):
            head = (ROOT / ".git" / head[5:]).read_text(encoding="utf-8").strip()
    except OSError:
        return ""
    return head[:12]


def members(site: Site) -> list[list[str]]:
    """The roster as rows: name, what it is, where from, how its words are chosen."""
    blends = [
        [blend.name, blend.about, ", ".join(blend.members), f"drawn by {blend.policy}"]
        for blend in site.roster.blends
    ]
    return blends + [[m.name, m.about, _source(m), _sampling(m)] for m in site.roster.members]


def _source(member: MemberSpec) -> str:
    named = member.model or (Path(member.path).name if member.path else "fixed lines")
    return f"{named}{f' @ {member.revision}' if member.revision else ''} ({member.engine})"


def _sampling(member: MemberSpec) -> str:
    sampling = member.sampling
    changed = [f"{name} {getattr(sampling, name)}" for name in sorted(sampling.changed())]
    best = [f"best of {member.best_of.n}"] if member.best_of else []
    return ", ".join([*changed, f"at most {sampling.max_tokens} tokens", *best])


def in_force(options: Settings) -> list[list[str]]:
    """The settings as rows: name, value, where from, what it is."""
    rows = []
    for each in all_settings():
        value = getattr(options, each.name)
        text = str(value).lower() if isinstance(value, bool) else str(value)
        if each.name in HIDDEN and value != each.default:
            text = "not shown here"
        origin = options.origins.get(each.name, "default")
        rows.append([each.name, text or "–", origin, each.metadata["about"]])
    return rows
