"""What a site says of itself: what it stores and why, how it works, what runs by what settings.

Texts in Markdown, made of the settings in force, so that the page cannot promise what is not so.
"""

import json
import platform
import re
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from arena import __version__, login, zerogpu
from arena.site import Site
from blend.settings import Settings, settings
from blend.spec import BlendSpec, MemberSpec

ROOT = Path(__file__).parent.parent
PACKAGES = ("gradio", "xllamacpp", "transformers", "torch", "openai")
HIDDEN = {"db", "host", "port", "moderation", "hub"}
"""Settings that tell where things lie on the host's machine, or at whose account: not shown."""

METHODS = """\
**Blending.** For each reply one member is drawn at random and answers the whole conversation, \
whichever members wrote it: Algorithm 1 of \
[Blending Is All You Need](https://arxiv.org/abs/2401.02994). The draw and its chance are logged \
with the turn, so that any other way to choose can be judged from the log later.

**The blind battle.** One message goes to two hidden contenders; sides are drawn by a coin and \
written down before the first token. The names are returned by a stored vote and by nothing else, \
as in [Chatbot Arena](https://arxiv.org/abs/2403.04132). Every vote is kept; whether it counts, \
and why not, is decided by rules that are stored with it.

**The ranking.** Bradley–Terry strengths by maximum likelihood, a tie as half a win, with 95 % \
intervals that take one visitor's votes as one opinion (a sandwich estimate, or a bootstrap of \
visitors). Ranks are those that the intervals allow.

**Engagement.** Where a comparison runs, visitors are given to its arms by a keyed hash of their \
id; who comes back and for how long is compared as in the blending paper, by a test that may be \
looked at every day ([asymptotic confidence sequences](https://arxiv.org/abs/2103.06476)).

**Collaboration.** What a pool of models could reach at best for its parameters is the subject of \
[the law of multi-model collaboration](https://arxiv.org/abs/2512.23340).
"""


def stored(site: Site, environ: Mapping[str, str]) -> str:
    """What is stored of a visitor, and why."""
    lines = [_id(environ), _words(site.settings), *STORED, _address(environ)]
    said = "\n".join(f"- {line}" for line in lines)
    moderated = f"\n\n{MODERATED}" if site.settings.moderation else ""
    return f"{said}\n\n{literal(site.keeping)} There is no advertising and no analytics.{moderated}"


STORED = (
    "**Draws, votes, thumbs, times and token counts**: ranking and figures are made of them.",
    "**The days on which you were here**, with active seconds and counts of messages: to tell "
    "whether visitors come back.",
    "**Not what a model thinks** before it replies: it is gone when the page is reloaded.",
)
MODERATED = "Messages and replies are checked by a rule of the host's before they are shown."


def _id(environ: Mapping[str, str]) -> str:
    login_said = (
        " Where you log in, a keyed hash of your account takes its place; name and picture are not "
        "stored."
    )
    return (
        "**An id**: a random one that your browser keeps, so that your conversations and votes are "
        "told from others'. It is no name; another browser has another one."
        f"{'' if login.off(environ) else login_said}"
    )


def _words(told: Settings) -> str:
    if not told.texts:
        return (
            "**Not what you write**, nor what is answered: only lengths, formatting, the language, "
            "and a hash of a battle's first message, for the rules on votes."
        )
    days = "a day" if told.text_days == 1 else f"{told.text_days} days"
    kept = (
        f"Texts are dropped after {days}; what was counted of them stays."
        if told.text_days
        else "Texts are kept until you delete them."
    )
    return f"**What you write and what is answered**: to judge and study replies by it. {kept}"


def _address(environ: Mapping[str, str]) -> str:
    ends = "is the host's" if environ.get("BLENDED_ARENA_ADDRESS_KEY") else "ends with this run"
    return (
        "**A keyed hash of your network address**, never the address: to bound how many votes and "
        f"messages come from one place. Its key {ends}."
    )


def literal(text: str) -> str:
    """A text as Markdown that shows it as it is: each mark may be one, so each is escaped."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", " ".join(text.split()))


def licence(site: Site) -> str:
    """Under which terms votes may be passed on, and what is never among them by default."""
    terms = literal(site.settings.vote_licence)
    return (
        f"Votes, draws and counts may be published under {terms}. An export has no texts and other "
        "ids than those here, unless the host asks for both. Please do not write what others must "
        "not read: a name, an address, a secret."
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


def running(site: Site, environ: Mapping[str, str]) -> str:
    """What runs here: versions, hardware, and what is off."""
    found = [f"Python {platform.python_version()}", *filter(None, map(_package, PACKAGES))]
    commit = _commit()
    lines = [
        f"Blended Arena {__version__}{f' ({commit})' if commit else ''} on {', '.join(found)}.",
        f"The roster **{literal(site.roster.title)}** runs on "
        f"{literal(site.device or 'what is still loading')}.",
    ]
    if zerogpu.here(environ):
        lines.append(
            "This Space has ZeroGPU: a GPU is lent for each message. Members are run one token at "
            "a time by plain decoding (`generate`), whatever their roster says, nothing is read "
            "ahead, and both sides of a battle share one loan."
        )
    lines += off(site, environ)
    if space := environ.get("SPACE_ID"):
        lines.append(f"Its files: [{space}](https://huggingface.co/spaces/{space}/tree/main).")
    return "\n\n".join(lines)


def off(site: Site, environ: Mapping[str, str]) -> list[str]:
    """What this site does without, a sentence each; a Space tells it at its start, too."""
    said = [login.off(environ)]
    if not environ.get("BLENDED_ARENA_ADDRESS_KEY"):
        said.append(
            "Network addresses and accounts are sealed under a key that ends with this run; the "
            "secret `BLENDED_ARENA_ADDRESS_KEY` keeps one."
        )
    if site.settings.api != "open":
        closed = {"key": "takes programs with a key only", "off": "is off"}[site.settings.api]
        said.append(f"`/v1` {closed}.")
    return list(filter(None, said))


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
    blends = [[b.name, b.about, ", ".join(b.members), _policy(b)] for b in site.roster.blends]
    return blends + [[m.name, m.about, _source(m), _sampling(m)] for m in site.roster.members]


def _policy(blend: BlendSpec) -> str:
    return f"drawn by {blend.policy}"


def _source(member: MemberSpec) -> str:
    named = member.model or (Path(member.path).name if member.path else "fixed lines")
    return f"{named}{f' @ {member.revision}' if member.revision else ''} ({member.engine})"


def _sampling(member: MemberSpec) -> str:
    sampling = member.sampling
    changed = [f"{name} {getattr(sampling, name)}" for name in sorted(sampling.changed())]
    best = [f"best of {member.best_of.n}"] if member.best_of else []
    return ", ".join([*changed, f"at most {sampling.max_tokens} tokens", *best])


def in_force(told: Settings) -> list[list[str]]:
    """The settings as rows: name, value, where from, what it is."""
    rows = []
    for each in settings():
        value = getattr(told, each.name)
        shown = str(value).lower() if isinstance(value, bool) else str(value)
        if each.name in HIDDEN:
            shown = "not shown here" if value != each.default else shown
        came = told.origins.get(each.name, "default")
        rows.append([each.name, shown or "–", came, each.metadata["about"]])
    return rows
