"""What a site says of itself: what it stores and why, how it works, what runs by what settings.

Texts in Markdown, made of the settings in force, so that the page cannot promise what is not so.
"""

import json
import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from arena import __version__
from arena.pages.templates import prose
from arena.site.identity import login_problem
from arena.site.site import Site
from arena.texts import ENGLISH, Texts
from blend.roster.settings import Settings, all_settings
from blend.roster.specs import BlendSpec, MemberSpec

ROOT = Path(__file__).parents[3]
PACKAGES = ("gradio", "xllamacpp", "transformers", "torch", "openai")
ADDRESS_KEY = "BLENDED_ARENA_ADDRESS_KEY"
HIDDEN = {"db", "host", "port", "moderation", "hub"}
"""Settings that tell where things lie on the host's machine, or at whose account: not shown."""


def storage(site: Site, environ: Mapping[str, str], texts: Texts = ENGLISH) -> str:
    """What is stored of a visitor, and why."""
    return prose(
        "stored.md",
        texts,
        settings=site.settings,
        login=not login_problem(environ),
        keeping=site.storage_status(texts),
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


def machine(site: Site, environ: Mapping[str, str], texts: Texts = ENGLISH) -> str:
    """What runs here: versions, hardware, and what is off."""
    return prose(
        "running.md",
        texts,
        version=__version__,
        commit=_commit(),
        packages=[f"Python {platform.python_version()}", *filter(None, map(_package, PACKAGES))],
        roster=site.roster.title,
        device=site.contenders.device,
        zerogpu=site.lent is not None,
        missing=missing_features(site, environ, texts),
        space=environ.get("SPACE_ID"),
    )


def missing_features(site: Site, environ: Mapping[str, str], texts: Texts = ENGLISH) -> list[str]:
    """What this site does without, a sentence each; a Space tells it at its start, too."""
    sentences = [login_problem(environ, texts)]
    if not environ.get(ADDRESS_KEY):
        sentences.append(texts("about.new_key", variable=ADDRESS_KEY))
    if site.settings.api != "open":
        sentences.append(texts("about.api_off" if site.settings.api == "off" else "about.api_key"))
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


def members(site: Site, texts: Texts = ENGLISH) -> list[list[str]]:
    """The roster as rows: name, what it is, where from, how its words are chosen."""
    rows = [
        [blend.name, blend.about, ", ".join(blend.members), _policy(blend, texts)]
        for blend in site.roster.blends
    ]
    for member in site.roster.members:
        spoken = (_source(member, texts), _sampling(member, texts))
        rows.append([member.name, member.about, *spoken])
    return rows


def _policy(blend: BlendSpec, texts: Texts) -> str:
    """Who writes the next reply, in a few words."""
    if blend.judge:
        return texts("about.judged", judge=blend.judge)
    return texts("about.drawn", by=blend.policy)


def _source(member: MemberSpec, texts: Texts) -> str:
    lines = texts("about.fixed_lines")
    named = member.model or (Path(member.path).name if member.path else lines)
    return f"{named}{f' @ {member.revision}' if member.revision else ''} ({member.engine})"


def _sampling(member: MemberSpec, texts: Texts) -> str:
    sampling = member.sampling
    changed = [f"{name} {getattr(sampling, name)}" for name in sorted(sampling.changed())]
    best = [texts("about.best_of", n=member.best_of.n)] if member.best_of else []
    return ", ".join([*changed, texts("about.tokens", n=sampling.max_tokens), *best])


def in_force(options: Settings, texts: Texts = ENGLISH) -> list[list[str]]:
    """The settings as rows: name, value, where from, what it is."""
    rows = []
    for each in all_settings():
        value = getattr(options, each.name)
        text = str(value).lower() if isinstance(value, bool) else str(value)
        if each.name in HIDDEN and value != each.default:
            text = texts("about.hidden")
        origin = options.origins.get(each.name, "default")
        rows.append([each.name, text or "–", origin, texts(f"settings.{each.name}")])
    return rows
