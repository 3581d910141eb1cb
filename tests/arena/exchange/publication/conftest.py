"""A site's database in use, and the command publish against a Hub of our own."""

from contextlib import closing

import pytest
from fake_hub import connected
from judged import BAD, ONE, TIE, TWO, voted
from published import NAME
from stored import BLEND, opened

from arena.exchange.publication import publish
from arena.site.recording import finish_turn, give_feedback, start_turn
from blend.conversation import Conversation, Turn


@pytest.fixture
def server(monkeypatch):
    with connected(monkeypatch) as server:
        yield server


@pytest.fixture
def store(tmp_path):
    """A site's database in use: two battles of ann's and one of bob's that were offered, one
    battle of before, and one chat of bob's with a thumb."""
    with closing(opened(tmp_path / "arena.db")) as store:
        for said, choice in (ONE, TWO):
            voted(store, said, choice, offered=True)
        voted(store, *TIE, who="bob", offered=True)
        voted(store, *BAD)
        chat = Conversation(system="Be brief.")
        store.conversations.open(chat, "bob", BLEND.id, "chat", publishable=True)
        turn = Turn("A?", "B.", finished=True)
        start_turn(store, chat.id, 0, turn)
        finish_turn(store, turn)
        give_feedback(store, turn.id, "bob", 1)
        yield store


@pytest.fixture
def run(store, capsys):
    """run("--prune") → exit code, and what the command printed."""

    def run_command(*options, hub=NAME):
        code = publish.main(["--db", store.database.path, "--hub", hub, *options])
        told = capsys.readouterr()
        assert code == 0 or told.err.strip("\r\n ").count("\n") == 0, told.err
        return code, told.out + told.err

    return run_command
