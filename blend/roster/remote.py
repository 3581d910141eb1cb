"""A remote member's part of a [[member]] table: its servers, or the command that starts one."""

import math
import re
import shlex
from collections.abc import Mapping
from dataclasses import fields
from urllib.parse import urlsplit

from blend.members.remote.address import EXTRA, Address, Timeouts
from blend.members.served.serve import PLACEHOLDERS, ServeCommand
from blend.roster.fields import NUMBER, TEXTS, RosterError, check_keys, did_you_mean, string_list

REMOTE = {
    **dict.fromkeys(("base_url", "device", "api_key_env"), str),
    **dict.fromkeys(("window", "retries"), int),
    **dict.fromkeys(("warm", "thinking"), bool),
    **dict.fromkeys(("base_urls", "extra"), TEXTS),
    **dict.fromkeys(("environment", "timeouts"), dict),
    "serve": (str, list),
}
"""What a roster may say of a remote member, beside its model and revision."""


def read_address(entry: Mapping, where: str) -> Address:
    """The address in a [[member]] table whose types were checked. Raises RosterError."""
    if len(entry.keys() & {"base_url", "base_urls", "serve"}) != 1:
        mend = (
            'one base_url, as in base_url = "http://127.0.0.1:8000/v1", several in `base_urls`, or '
            "the command in `serve` that starts one"
        )
        raise RosterError(f"{where}: give its server in one way: {mend}")
    own = _serve(entry, where)
    if own and "api_key_env" in entry:
        raise RosterError(
            f"{where}: `serve` makes its own key: write {{key}} there, no api_key_env"
        )
    urls = () if own else _urls(entry, where)
    extra = entry.get("extra", ())
    for name in extra:
        if name not in EXTRA:
            raise RosterError(f"extra of {where}: no setting {name!r}{did_you_mean(name, EXTRA)}")
    for key, least in (("window", 16), ("retries", 0)):
        if entry.get(key, least) < least:
            raise RosterError(f"{where}: {key} must be at least {least}, not {entry[key]}")
    keys = ("api_key_env", "window", "retries", "warm", "thinking")
    plain = {k: entry[k] for k in keys if k in entry}
    timeouts = _timeouts(entry.get("timeouts", {}), where)
    return Address(urls, extra=frozenset(extra), timeouts=timeouts, serve=own, **plain)


def _urls(entry: Mapping, where: str) -> tuple[str, ...]:
    given = entry.get("base_urls", [entry.get("base_url")])
    urls = tuple(_url(url, where) for url in string_list(given, f"base_urls of {where}", least=1))
    if len(set(urls)) < len(urls):
        raise RosterError(f"{where} names a server twice: name each once")
    return urls


def _url(url: str, where: str) -> str:
    try:
        parts = urlsplit(url)
        there = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        there = False
    if not there:
        mend = 'it begins with http:// or https://, as in "http://127.0.0.1:8000/v1"'
        raise RosterError(f"{where}: {url!r} is no base_url: {mend}")
    if parts.username or parts.password or parts.query or parts.fragment:
        # Not repeated in the error: it may hold a secret.
        mend = "name an environment variable in api_key_env instead"
        raise RosterError(f"{where}: a base_url may hold no user, password or query: {mend}")
    return url.rstrip("/")


def _timeouts(table: Mapping, where: str) -> Timeouts:
    known = {f.name: NUMBER for f in fields(Timeouts)}
    check_keys(dict(table), known, f"[member.timeouts] of {where}")
    for key, seconds in table.items():
        if not 0 < seconds < math.inf:
            raise RosterError(f"{key} of {where} must be some seconds, not {seconds!r}")
    return Timeouts(**table)


def _serve(entry: Mapping, where: str) -> ServeCommand | None:
    """The server that the program is to start itself, if any. Raises RosterError."""
    if "serve" not in entry:
        for key in entry.keys() & {"environment", "device"}:
            raise RosterError(f"{where}: {key!r} is for a server that `serve` starts")
        return None
    environment = entry.get("environment", {})
    for name, value in environment.items():
        if not isinstance(value, str):
            reason = f"{name!r} in environment must be a text in quotes, not {value!r}"
            raise RosterError(f"{where}: {reason}")
    device = entry.get("device", "")
    if device and not re.fullmatch(r"cuda(:\d+)?", device):
        raise RosterError(f'{where}: the device of a server is a GPU, as in device = "cuda:1"')
    serve = ServeCommand(_command(entry["serve"], where), environment, device)
    for name in sorted(serve.placeholders.difference(PLACEHOLDERS)):
        raise RosterError(f"{where}: `serve` knows no {{{name}}}{did_you_mean(name, PLACEHOLDERS)}")
    if "port" not in serve.placeholders:
        raise RosterError(f"{where}: `serve` must name its port, as in --port {{port}}")
    if "window" in serve.placeholders and "window" not in entry:
        raise RosterError(f"{where}: `serve` has {{window}}: give `window`, in tokens")
    if serve.shares_memory and "CUDA_VISIBLE_DEVICES" in environment:
        mend = 'give device = "cuda:1" in place of CUDA_VISIBLE_DEVICES'
        raise RosterError(f"{where}: a share is of one GPU's memory: {mend}")
    return serve


def _command(written: str | list, where: str) -> tuple[str, ...]:
    if isinstance(written, str):
        try:
            written = shlex.split(written)
        except ValueError as error:
            raise RosterError(f"{where}: `serve` is no command: {error}") from None
    return string_list(written, f"serve of {where}", least=1)
