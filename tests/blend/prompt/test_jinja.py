"""Our Jinja gives every chat template what transformers gives it."""

import chat_templates
import pytest
from chat_template_kinds import KINDS
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import TemplateError, TemplateSyntaxError

from blend.prompt import jinja

CHATS = {
    **{name: (kind.chat, dict(kind.variables)) for name, kind in KINDS.items()},
    **{name: (chat, {}) for name, chat in chat_templates.FAMILIES.items()},
    "tojson": ("{{ messages | tojson }}{{ messages | tojson(indent=2, sort_keys=true) }}", {}),
    "tojson more": ("{{ messages | tojson(ensure_ascii=true, separators=(',', ':')) }}", {}),
    "generation": (
        "{%- for m in messages %}\n  {% generation %}\n{{ m.content }}{%- endgeneration %}\n"
        "{% endfor %}",
        {},
    ),
    "loop controls": (
        "{% for m in messages %}{% if loop.index > 2 %}{% break %}{% endif %}\n"
        "    {% if m.role == 'system' %}{% continue %}{% endif %}{{ m.content }}{% endfor %}",
        {},
    ),
    "namespace": (
        "{% set n = namespace(all='') %}{% for m in messages %}{% set n.all = n.all + m.role %}"
        "{% endfor %}{{ n.all }} {{ dict(a=1).a }} {{ range(3) | list }} {{ tools is none }}",
        {},
    ),
    "time": ("{{ strftime_now('%Y') }} {{ documents is none }} {{ pad_token is defined }}", {}),
    "refusal": ("{{ raise_exception('never') }}", {}),
    "change": ("{{ messages.append(1) }}", {}),
}
ROLES = st.sampled_from(["system", "user", "assistant"])
TALK = st.lists(st.fixed_dictionaries({"role": ROLES, "content": st.text(max_size=8)}), min_size=1)


def rendered(render):
    try:
        return render()
    except (TemplateError, TypeError, ValueError, LookupError) as error:
        return type(error), str(error)


@pytest.mark.parametrize("name", CHATS)
@settings(deadline=None, max_examples=15)
@given(talk=TALK, answer=st.booleans())
def test_a_template_is_rendered_as_transformers_renders_it(name, talk, answer):
    (chat, variables), tokenizer = CHATS[name], chat_templates.tokenizer("llama3")

    tokens = tokenizer.special_tokens_map
    ours = rendered(lambda: jinja.render(chat, talk, answer, tokens | variables))

    assert ours == rendered(
        lambda: tokenizer.apply_chat_template(
            talk,
            chat_template=chat,
            tokenize=False,
            add_generation_prompt=answer,
            **variables,
        )
    )


def test_a_tag_that_is_not_closed_is_a_mistake_of_the_template():
    with pytest.raises(TemplateSyntaxError):
        jinja.render("{% generation %}", [], True, {})
