"""The kinds of chat templates that are in use, each with the tokens that its vocabulary adds."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

import blend

FILE = Path(blend.__file__).parents[1] / "tests" / "support" / "chat_template_kinds.toml"


@dataclass(frozen=True, slots=True)
class Kind:
    """A template, the tokens that its vocabulary adds, and what it is told beside the messages.

    strip: tokens that take the white space after them.
    """

    chat: str
    special: tuple[str, ...]
    plain: tuple[str, ...]
    strip: tuple[str, ...]
    variables: tuple[tuple[str, object], ...]


def written(
    user: str,
    bot: str,
    system: str = "{}",
    opening: str | None = None,
    begin: str = "",
    default: str = "",
    trim: bool = False,
) -> str:
    """A template of one form for each role, {} being the content, and a system text by default."""
    content = "m.content | trim" if trim else "m.content"
    forms = {
        role: f"{before!r} ~ {content} ~ {after!r}"
        for role, form in (("system", system), ("user", user), ("bot", bot))
        for before, after in [form.split("{}")]
    }
    opens = bot.partition("{}")[0].rstrip(" ") if opening is None else opening
    own = (
        f"{{% if messages[0].role != 'system' %}}{{{{ {system.format(default)!r} }}}}{{% endif %}}"
    )
    return (
        f"{{{{ {begin!r} }}}}{own if default else ''}{{% for m in messages %}}"
        f"{{% if m.role == 'system' %}}{{{{ {forms['system']} }}}}"
        f"{{% elif m.role == 'user' %}}{{{{ {forms['user']} }}}}"
        f"{{% else %}}{{{{ {forms['bot']} }}}}{{% endif %}}{{% endfor %}}"
        f"{{% if add_generation_prompt %}}{{{{ {opens!r} }}}}{{% endif %}}"
    )


def kind(table: dict, others: dict[str, dict]) -> Kind:
    table = {"special": ["<s>", "</s>"]} | others.get(table.pop("like", ""), {}) | table
    lists = [tuple(table.pop(key, ())) for key in ("special", "plain", "strip")]
    variables = tuple(table.pop("variables", {}).items())
    return Kind(table["chat"] if "chat" in table else written(**table), *lists, variables)


TABLES = tomllib.loads(FILE.read_text(encoding="utf-8"))
KINDS = {name: kind(dict(table), TABLES) for name, table in TABLES.items()}
