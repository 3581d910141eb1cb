"""What a site can be told beside its models: each setting by flag, variable, roster or default."""

import argparse
import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from blend.message import LONGEST_MESSAGE
from blend.roster.fields import did_you_mean

PREFIX = "BLENDED_ARENA_"
PAIRINGS = ("focus", "round_robin", "adaptive")
"""How the arena may pair contenders; see arena.ranking.pairing."""
API = ("open", "key", "off")
"""Whether programs may use /v1: everybody, those with the key, nobody."""
SECRETS = {
    "api_key": 'what programs must send to `/v1` where `api = "key"`',
    "host_key": "opens the host's page and the previews of an experiment",
    "address_key": "seals network addresses and accounts; each start draws its own without it",
}
"""What only a variable may hold: BLENDED_ARENA_API_KEY and the like, never a roster or a flag."""


class SettingError(ValueError):
    """A setting that cannot be had; one line that names it as it was given, and the mend."""


def _one(
    default: Any,
    about: str,
    least: float | None = None,
    most: float = 10**9,
    choices: tuple[str, ...] = (),
    also: str = "",
) -> Any:
    """A setting of its default's type. also: a variable of others that tells it, too.

    least, most: a number has both, so that infinity and what no clock takes are refused.
    """
    kind = Literal[choices] if choices else type(default)
    limits = Field() if least is None else Field(ge=least, le=most)
    metadata = {"about": about, "kind": Annotated[kind, limits], "choices": choices, "also": also}
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, slots=True)
class Settings:
    """One value for each setting; a new one is a new line here.

    turn_limit is the flag --turn-limit, the variable BLENDED_ARENA_TURN_LIMIT and the roster's key
    turn_limit. origins: where each that is not by default came from.
    """

    db: str = _one("arena.db", "the SQLite file of conversations and votes")
    # A Space tells its address in Gradio's own variables.
    host: str = _one(
        "127.0.0.1",
        "the address to listen on; 0.0.0.0 or :: opens it to your network",
        also="GRADIO_SERVER_NAME",
    )
    port: int = _one(
        7860,
        "the port to listen on; 0 takes a free one",
        least=0,
        most=65535,
        also="GRADIO_SERVER_PORT",
    )
    root_path: str = _one("", "the prefix under which a proxy shows the site")
    proxies: int = _one(
        0,
        "how many proxies in front of the site are trusted to say who asks (on a Space: 1)",
        least=0,
    )
    drain: float = _one(2.0, "seconds that replies in flight have to end at a stop", least=0)
    limit: int = _one(128, "replies that may be written at once, by page and API together", least=1)
    api: str = _one("open", "who may use /v1: everybody, those with the key, nobody", choices=API)
    mcp: bool = _one(
        True, "whether the public endpoints are MCP tools where `gradio[mcp]` is there"
    )
    pairing: str = _one("focus", "who meets whom in the arena", choices=PAIRINGS)
    turns: int = _one(8, "messages that a battle may have", least=1)
    together: bool = _one(False, "whether a battle's replies are shown only when both are done")
    longest_message: int = _one(LONGEST_MESSAGE, "characters of one message", least=1)
    longest_gap: int = _one(
        300, "seconds between two acts that count as time spent, at most", least=1, most=3600
    )
    login_to_vote: bool = _one(False, "whether only visitors who are logged in may vote")
    messages_per_minute: int = _one(60, "messages of one visitor in a minute; 0: any", least=0)
    address_messages_per_minute: int = _one(
        600, "messages from one network address in a minute, page and API; 0: any", least=0
    )
    moderation: str = _one("", "module:function that may refuse what is said")
    vote_licence: str = _one("CC BY 4.0", "terms under which votes may be published")
    publish: bool = _one(
        False, "whether conversations may be published; the page says so before the first message"
    )
    texts: bool = _one(True, "whether what is said is stored; without it, features only")
    samples: bool = _one(
        False, "whether a contender's page shows some of its battles to everybody, with their texts"
    )
    text_days: int = _one(0, "days after which texts are dropped; 0 for never", least=0)
    hub: str = _one("", "the private dataset on the Hub, OWNER/NAME, that keeps the votes")
    hub_minutes: float = _one(5.0, "minutes between pushes to it", least=0.01, most=10_080)
    origins: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)

    def with_values(
        self, values: Mapping[str, Any], origin: str, spelt: Callable[[str], str] = str
    ) -> "Settings":
        """These settings with `values` over them, checked; a text is read as what it is to be.

        origin: what tells them, in a word. spelt: a setting's name as it was given, for the error.
        Raises SettingError.
        """
        by_name = {each.name: each for each in all_settings()}
        read = {name: _read(by_name[name], value, spelt(name)) for name, value in values.items()}
        return replace(self, **read, origins={**self.origins, **dict.fromkeys(read, origin)})


def all_settings() -> tuple[dataclasses.Field, ...]:
    """All settings: name, default, and what `_one` noted as metadata."""
    return tuple(each for each in fields(Settings) if each.metadata)


def variable(name: str) -> str:
    """BLENDED_ARENA_TURN_LIMIT for turn_limit."""
    return PREFIX + name.upper()


def flag(name: str) -> str:
    """--turn-limit for turn_limit."""
    return "--" + name.replace("_", "-")


def add_flags(parser: argparse.ArgumentParser) -> None:
    """A flag for each setting; one that is not given is None."""
    for each in all_settings():
        if isinstance(each.default, bool):
            how: dict[str, Any] = {"action": argparse.BooleanOptionalAction}
        else:
            choices = "{" + ",".join(each.metadata["choices"]) + "}"
            how = {"metavar": choices if each.metadata["choices"] else each.name.upper()}
        about = f"{each.metadata['about']} (default: {each.default})"
        parser.add_argument(flag(each.name), default=None, help=about, **how)


def resolve(roster: Settings, environ: Mapping[str, str], flags: Mapping[str, object]) -> Settings:
    """A roster's settings under those of the environment, and those under the flags.

    An empty variable is one that is not there. Raises SettingError, for an unknown variable too.
    """
    known = {variable(name) for name in ("roster", *SECRETS, *(e.name for e in all_settings()))}
    for name in environ:
        if name.startswith(PREFIX) and name not in known:
            raise SettingError(f"the variable {name} is no setting{did_you_mean(name, known)}")
    values, spelt = {}, {}
    for each in all_settings():
        for name in (variable(each.name), each.metadata["also"]):
            if each.name not in values and environ.get(name):
                values[each.name], spelt[each.name] = environ[name], name
    by_flag = {e.name: flags[e.name] for e in all_settings() if flags.get(e.name) is not None}
    return roster.with_values(values, "variable", spelt.__getitem__).with_values(
        by_flag, "flag", flag
    )


def _read(setting: dataclasses.Field, value: Any, spelt: str) -> Any:
    """The value as the setting's type, within its limits; only a text is turned into another type.

    Raises SettingError.
    """
    text = isinstance(value, str)
    try:
        adapter = TypeAdapter(setting.metadata["kind"])
        return adapter.validate_python(value.strip() if text else value, strict=not text)
    except ValidationError as error:
        choices = setting.metadata["choices"]
        if choices:
            raise SettingError(
                f"{spelt} cannot be {value!r}{did_you_mean(value, choices)}"
            ) from None
        reason = error.errors()[0]["msg"].removeprefix("Input ")
        raise SettingError(f"{spelt} cannot be {value!r}: it {reason}") from None
