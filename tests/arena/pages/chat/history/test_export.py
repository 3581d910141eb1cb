"""A chat as a file: what was said and who wrote it, or nothing that tells who."""

import json

from stored import said

from arena.models import HIDDEN_ERROR
from arena.pages.chat.history.export import chat_file
from arena.texts import ENGLISH
from blend.conversation import Conversation, Turn

FAILED = Turn("And?", "Half a", error="alder: out of memory")
TALK = Conversation("id", "Be kind.", (said("Hello *you*", "Hi `there`"), FAILED))

MARKDOWN = """# A <title>

**Persona**

Be kind.

**You**

Hello *you*

**x · 50%**

Hi `there`

**You**

And?

**Reply**

Half a

*alder: out of memory*
"""


def test_as_markdown_each_reply_has_its_author_and_chance():
    file = chat_file(TALK, "A <title>", "md", False, ENGLISH)
    assert (file.name, file.text) == ("A-title.md", MARKDOWN)


def test_as_json_each_turn_has_its_draw():
    file = chat_file(TALK, "Привет, мир!", "json", False, ENGLISH)
    told = json.loads(file.text)
    assert file.name == "Привет-мир.json"
    assert told | {"turns": []} == {
        "format": "blended-arena-chat/1",
        "id": "id",
        "title": "Привет, мир!",
        "system": "Be kind.",
        "turns": [],
    }
    assert told["turns"] == [
        {
            "prompt": "Hello *you*",
            "reply": "Hi `there`",
            "finished": True,
            "member": "x",
            "chance": 0.5,
            "chances": {"x": 0.5, "y": 0.5},
        },
        {
            "prompt": "And?",
            "reply": "Half a",
            "finished": False,
            "error": "alder: out of memory",
        },
    ]


def test_blind_nothing_tells_who_wrote():
    for form in ("md", "json"):
        text = chat_file(TALK, "Title", form, True, ENGLISH).text
        assert "Hi `there`" in text and HIDDEN_ERROR in text
        assert not any(name in text for name in ("alder", "member", "chance", "50", "· "))


def test_a_title_of_signs_alone_still_makes_a_file_name():
    assert chat_file(TALK, "???", "md", False, ENGLISH).name == "chat.md"
    assert chat_file(TALK, "../../etc/passwd", "md", False, ENGLISH).name == "etc-passwd.md"
