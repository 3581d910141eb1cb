"""A visitor's own votes over HTTP: for who has the id, and nothing of a battle without its vote."""

from contextlib import closing

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from stored import BLEND, SINGLE, chat, opened, said

from arena.api import visitor_votes
from arena.battle.voting import cast_vote
from arena.models import Battle
from arena.site.identity import ACCOUNT
from arena.site.recording import finish_turn, register_visitor, start_turn
from arena.site.site import Site
from blend.roster import read

ME = "0190b5a4-0000-4000-8000-000000000001"


@pytest.fixture
def client(tmp_path):
    with closing(opened(tmp_path / "arena.db")) as store:
        register_visitor(store, ME)
        for id in ("voted", "ready"):
            battle = Battle(ME, BLEND.id, SINGLE.id, 0.5, "focus")
            store.battles.open(battle)
            store.battles.admit_message(battle.id, ME, f"Hello {id}?", 5)
            for side in (battle.left_conversation, battle.right_conversation):
                turn = said("Hello?", f"Hi from {id}.")
                start_turn(store, side, 0, turn)
                finish_turn(store, turn)
            store.battles.mark_ready(battle.id)
            if id == "voted":
                change = {"left": (1000.0, 990.0), "right": (1000.0, 1010.0)}
                cast_vote(store, battle.id, ME, "right", change)
                store.vote_reasons.give(battle.id, ME, "right", ["more_helpful"])
                store.vote_reasons.comment(battle.id, ME, "It knew.")
        chat(store, said("Mine?", "No."))
        yield TestClient(Starlette(routes=visitor_votes.routes(Site(read("scripted"), store))))


def ask(client, id):
    return client.get("/votes.json", headers={"authorization": f"Bearer {id}"})


def test_who_has_the_id_gets_all_of_it(client):
    answer = ask(client, ME)
    assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
    (vote,) = answer.json()["votes"]
    assert (vote["left"], vote["right"], vote["choice"]) == ("Blended", "solo", "right")
    assert vote["counted"] and vote["blind"] and vote["rules"] == "2"
    assert vote["reasons"] == {"left": {"bad": []}, "right": {"good": ["more_helpful"]}}
    assert vote["comment"] == "It knew." and vote["ratings"]["right"] == [1000.0, 1010.0]
    assert vote["turns"] == [
        {"prompt": "Hello?", "left": "Hi from voted.", "right": "Hi from voted."}
    ]
    assert "Hi from ready" not in answer.text


@pytest.mark.parametrize("id", ["", "ann", ME.upper(), f"{ME}'", "../x"])
def test_what_is_no_id_gets_nothing(client, id):
    answer = ask(client, id)
    assert answer.status_code == 401 and "Authorization: Bearer" in answer.json()["error"]


def test_somebody_elses_id_has_no_votes_and_an_account_needs_its_login(client):
    assert ask(client, ME.replace("1", "2")).json()["votes"] == []
    assert ask(client, ACCOUNT + "0" * 24).status_code == 403
    assert client.get("/votes.json").status_code == 401
