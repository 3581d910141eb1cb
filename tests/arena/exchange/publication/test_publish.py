"""The command publish against a stand-in of the Hub: what goes out, what stays, what is deleted."""

import pytest
import yaml
from huggingface_hub import constants
from judged import voted
from published import NAME, UNCHECKED, lines, prompts

# How the client itself hands a file to its HTTP library.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=<...>':DeprecationWarning")


def test_only_what_was_offered_goes_out_and_each_push_is_a_version(server, store, run):
    code, told = run(*UNCHECKED)
    assert (code, prompts(server, 1)) == (0, {"Hi?", "Who?", "2+2?"})
    assert "left out 1: it may not be published" in told and "v1 is there, a public" in told
    card = server.repos[NAME].files["README.md"].decode()
    front = yaml.safe_load(card.split("---")[1])
    assert front["license"] == "cc-by-4.0" and not server.repos[NAME].private
    assert "**The texts were not searched for personal data.**" in card
    voted(store, [("New?", "Yes.", "No.")], "left", offered=True)
    assert run(*UNCHECKED)[0] == 0
    assert [prompts(server, n) >= {"New?"} for n in (1, 2)] == [False, True]
    visitors = [{row["evaluation_session_id"] for row in lines(server, n)} for n in (1, 2)]
    assert visitors[0].isdisjoint(visitors[1]) and len(visitors[0]) == 2
    held = server.everything(NAME)
    assert b'"ann"' not in held and b'"bob"' not in held and b"Sing!" not in held


def test_a_thumb_goes_out_in_its_form_and_a_form_that_is_dropped_leaves_the_head(server, run):
    assert run(*UNCHECKED, "--for", "kto", "--for", "arena")[0] == 0
    rows = [row for row in lines(server, 1, "kto") if row["prompt"][-1]["content"] == "A?"]
    assert [row["label"] for row in rows] == [True]
    assert run(*UNCHECKED)[0] == 0
    files = [path for path in server.repos[NAME].files if path.startswith("kto")]
    assert files == [] and lines(server, 1, "kto")


def test_what_is_withdrawn_is_out_of_the_next_version_and_told_by_number(server, store, run):
    run(*UNCHECKED)
    store.publication.set_private("ann", True)
    code, told = run(*UNCHECKED)
    assert code == 0 and prompts(server, 2) == {"2+2?"}
    assert "4 conversations of earlier versions are not in this one (4 kept private)" in told
    assert "v1 still holds them: --prune deletes this version" in told
    store.publication.set_private("ann", False)
    store.erasure.erase_visitor("bob")
    code, told = run(*UNCHECKED, "--prune")
    assert "2 conversations of earlier versions are not in this one (2 deleted)" in told
    assert "v1 and v2 deleted" in told and "Not reached: copies" in told
    assert [*server.repos[NAME].tags] == ["v3"] and len(server.repos[NAME].commits) == 1
    assert prompts(server, 3) == {"Hi?", "Who?"} and b"2+2?" not in server.everything(NAME)
    assert len(server.repos[NAME].large) == len(server.blobs) == 1
    code, told = run(*UNCHECKED)
    assert code == 0 and "earlier versions" not in told and prompts(server, 4) == {"Hi?", "Who?"}


def test_a_battle_marked_as_private_is_out_for_good(server, store, run):
    (battle,) = store.database.query_one("SELECT id FROM battles WHERE visitor = 'bob'")
    store.publication.withhold(battle, "bob")
    code, told = run(*UNCHECKED)
    assert code == 0 and prompts(server, 1) == {"Hi?", "Who?"}
    assert "left out 1: its visitor says that something private is in it" in told


def test_a_dry_run_shows_what_would_go_out_and_sends_nothing(server, store, run, tmp_path):
    server.failing = 500
    code, told = run("--dry-run", "--unchecked", "--out", str(tmp_path / "out"))
    first = store.database.query_one("SELECT battle FROM votes ORDER BY created")[0]
    assert code == 0 and "may be published: 3 rows for arena" in told
    assert "left out 1: it may not be published" in told and "arena.parquet: " in told
    assert f"the first of 3 ids: {first}, " in told and "dry run: nothing was sent" in told
    assert server.repos == {} and store.publication.versions(NAME) == []
    assert len((tmp_path / "out" / "arena.jsonl").read_text().splitlines()) == 3


@pytest.mark.parametrize(
    ("options", "hub", "mend"),
    [
        (("--unchecked",), NAME, "--license cc-by-4.0"),
        (UNCHECKED, "", "--hub OWNER/NAME"),
        (("--license", "My own", "--unchecked"), NAME, "cc-by-4.0 is one"),
        ((*UNCHECKED, "--mask"), NAME, "--unchecked searches nothing"),
        ((*UNCHECKED, "--names", "en"), NAME, "--unchecked searches nothing"),
        (UNCHECKED, "me/a/b", "write OWNER/NAME"),
        (UNCHECKED, "me/model", "is a model and not a data set"),
        (UNCHECKED, "me/votes", "holds snapshots/a.db, which publish did not make"),
        ((*UNCHECKED, "--private"), "me/open", "is public: make it private"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_nothing_is_sent(server, run, options, hub, mend):
    server.models["me/model"] = {}
    for name, file in (("me/votes", "snapshots/a.db"), ("me/open", "README.md")):
        run(*UNCHECKED, hub=name)
        server.repos[name].commit({file: b"theirs"})
    before = {name: len(repo.commits) for name, repo in server.repos.items()}
    code, told = run(*options, hub=hub)
    assert code == 2 and mend in told
    assert {name: len(repo.commits) for name, repo in server.repos.items()} == before


def test_where_the_hub_cannot_be_used_it_says_why_in_one_line(server, run, monkeypatch):
    server.forbidden = True
    assert "may not write to me/battles" in run(*UNCHECKED)[1]
    server.forbidden, server.failing = False, 503
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:1")
    assert "the Hub cannot be reached" in run(*UNCHECKED)[1]
    monkeypatch.setattr(constants, "ENDPOINT", server.url)
    server.failing = 0
    monkeypatch.setenv("HF_TOKEN", "hf_old")
    assert "does not know the token" in run(*UNCHECKED)[1]
    monkeypatch.setenv("HF_TOKEN", "")
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", "/nowhere/token")
    assert "set HF_TOKEN" in run(*UNCHECKED)[1]
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert "HF_HUB_OFFLINE is set" in run(*UNCHECKED)[1]
    assert server.repos == {}


def test_nothing_that_may_be_published_is_no_version(server, store, run):
    for visitor in ("ann", "bob"):
        store.publication.set_private(visitor, True)
    code, told = run(*UNCHECKED)
    assert code == 2 and "nothing may be published" in told and server.repos == {}


def test_a_push_that_is_stopped_leaves_the_old_version_or_is_finished_by_the_next(
    server, store, run
):
    run(*UNCHECKED)
    server.busy = 1
    assert "changed by somebody else" in run(*UNCHECKED)[1]
    assert [*server.repos[NAME].tags] == ["v1"] and len(prompts(server, 1)) == 3
    server.cut = True  # the commit is made, its answer is lost: no tag
    assert run(*UNCHECKED)[0] == 2
    server.cut = False
    assert [*server.repos[NAME].tags] == ["v1"] and len(server.repos[NAME].commits) == 3
    store.erasure.erase_visitor("bob")
    code, told = run(*UNCHECKED)
    assert code == 0 and [*server.repos[NAME].tags] == ["v1", "v2", "v3"]
    assert "v1 and v2 still hold them: --prune deletes these versions" in told


def test_versions_of_another_database_are_told_and_numbers_go_on(server, store, run):
    run(*UNCHECKED)
    store.database.execute("DELETE FROM published")
    code, told = run(*UNCHECKED, "--private", hub="me/closed")
    assert code == 0 and server.repos["me/closed"].private and "a private data set" in told
    told = run(*UNCHECKED)[1]
    assert "v1 came from another database" in told and "v2 is there" in told
