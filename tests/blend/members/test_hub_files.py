"""GGUF files from the Hub: fetched once, found offline, split files whole, each error its mend."""

import hashlib
from pathlib import Path

import pytest
from fake_hub import connected
from huggingface_hub import constants

from blend.members import MemberError, hub_files

SPLIT = [f"q/m-{n:05}-of-00002.gguf" for n in (1, 2)]
FILES = {"m.gguf": b"GGUF one file", SPLIT[0]: b"GGUF part one", SPLIT[1]: b"two"}


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """The Hub with one model `o/m` of these files and a gated one, and an empty cache."""
    with connected(monkeypatch) as server:
        template = server.url + "/{repo_id}/resolve/{revision}/{filename}"
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
        server.models = {"o/m": FILES}
        server.gated = {"o/gated"}
        yield server


@pytest.mark.parametrize(
    ("named", "files"), [("m.gguf", ["m.gguf"]), *((name, SPLIT) for name in SPLIT)]
)
def test_a_file_is_fetched_whole_and_once_and_found_offline(hub, monkeypatch, named, files):
    size, came = sum(len(FILES[file]) for file in files), []
    assert hub_files.bytes_to_fetch("o/m", named) == size

    path = hub_files.fetch_gguf("a", "o/m", named, arrived=came.append)

    assert [path.with_name(Path(f).name).read_bytes() for f in files] == [FILES[f] for f in files]
    assert path.name == Path(files[0]).name and sum(came) == size
    hub.failing = 500  # nobody is asked again
    assert hub_files.bytes_to_fetch("o/m", named) == 0
    assert hub_files.fetch_gguf("a", "o/m", named) == path
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert hub_files.fetch_gguf("a", "o/m", named) == path
    assert hub_files.bytes_to_fetch("o/m", "other.gguf") is None


def test_the_digest_is_that_of_the_bytes_wherever_the_file_lies(hub, tmp_path):
    cached = hub_files.fetch_gguf("a", "o/m", "m.gguf")
    own = tmp_path / "own.gguf"
    own.write_bytes(FILES["m.gguf"])
    parts = hub_files.fetch_gguf("a", "o/m", SPLIT[0])

    told = hub_files.digest(own)
    assert told == hub_files.digest(cached) == hashlib.sha256(FILES["m.gguf"]).hexdigest()
    before = hub_files.digest(parts)
    (tmp_path / "copy").mkdir()
    for part in SPLIT:
        (tmp_path / "copy" / Path(part).name).write_bytes(FILES[part])
    assert hub_files.digest(tmp_path / "copy" / Path(SPLIT[0]).name) == before != told


@pytest.mark.parametrize(
    ("model", "file", "revision", "offline", "said"),
    [
        ("o/none", "m.gguf", None, False, "no such model on the Hub, or a private one"),
        ("no name", "m.gguf", None, False, "no such model on the Hub"),
        ("o/gated", "m.gguf", None, False, "accept its terms on its page, and log in"),
        ("o/m", "x.gguf", None, False, "the model has no such file: correct its `file`"),
        ("o/m", "m.gguf", "v9", False, "m.gguf of o/m@v9 .* no such revision"),
        ("o/m", "m.gguf", None, True, "not in the cache, and the Hub does not answer"),
    ],
)
def test_what_cannot_be_had_is_told_in_one_line(
    hub, monkeypatch, model, file, revision, offline, said
):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", offline)
    with pytest.raises(MemberError, match=said) as failure:
        hub_files.fetch_gguf("a", model, file, revision)
    assert "\n" not in str(failure.value)
