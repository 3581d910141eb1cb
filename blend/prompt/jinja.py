"""Jinja as chat templates know it from transformers: its options, filters, functions and tags."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache, lru_cache, partial

from jinja2 import Template, TemplateError
from jinja2.ext import Extension, loopcontrols
from jinja2.nodes import Node
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment


def render(
    chat: str,
    messages: Sequence[Mapping[str, str]],
    add_generation_prompt: bool,
    variables: Mapping[str, object],
) -> str:
    """A chat template's text for messages, in a sandbox. Raises what Jinja and the template do."""
    return _compile(chat).render(
        messages=messages,
        tools=None,
        documents=None,
        add_generation_prompt=add_generation_prompt,
        **variables,
    )


@lru_cache(256)
def _compile(chat: str) -> Template:
    return _environment().from_string(chat)


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[_Generation, loopcontrols]
    )
    environment.filters["tojson"] = partial(
        json.dumps, ensure_ascii=False
    )  # Jinja's own escapes <, >, &
    environment.globals["raise_exception"] = _raise_exception
    environment.globals["strftime_now"] = lambda form: datetime.now().strftime(form)
    return environment


class _Generation(Extension):
    """The tag around a reply by which training finds it; here it does nothing."""

    tags = frozenset({"generation"})

    def parse(self, parser: Parser) -> list[Node]:
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


def _raise_exception(message: str) -> None:
    raise TemplateError(message)
