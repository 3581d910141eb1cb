"""The policy file: small, readable, and refused with a reason where it does not belong."""

import json

import numpy as np
import pytest

from blend.conversation import Conversation, Turn
from blend.policies.features import HistoryFeatures
from blend.policies.hashing import HashedNgrams
from blend.policies.learned import Learned
from blend.policies.policy_file import (
    PolicyError,
    file_digest,
    hash_buckets,
    load_policy,
    parse_policy,
    policy_text,
)


def policy(*members: str, size: int = 16) -> Learned:
    traits = HistoryFeatures(HashedNgrams(size), members)
    rng = np.random.default_rng(1)
    weights = rng.normal(size=(traits.size, len(members)))
    bias = rng.normal(size=len(members))
    return Learned(traits, weights, bias, 4.0, {"a": "1f"}, {"reward": "thumb"})


def test_what_is_written_is_what_is_read():
    made = policy("a", "b")
    read = parse_policy(policy_text(made), ["b", "a"])
    talk = Conversation(turns=(Turn("Do you ski?"),))

    assert read.chances(["a", "b"], talk) == pytest.approx(made.chances(["a", "b"], talk), abs=0.01)
    assert (read.digests, read.provenance) == ({"a": "1f"}, {"reward": "thumb"})
    assert read.inverse_temperature == 4.0
    assert policy_text(read) == policy_text(made)


@pytest.mark.parametrize("members", [1, 2, 3, 20, 39, 40, 100])
def test_the_file_stays_under_a_megabyte(members):
    made = policy(*(f"member-{n}" for n in range(members)), size=hash_buckets(members))
    assert len(policy_text(made).encode()) < 1_000_000
    assert 2 * made.traits.text.size <= 4096


def test_it_can_be_read_by_people():
    lines = policy_text(policy("a", "b")).splitlines()
    told = json.loads("\n".join(lines))
    assert told["members"]["b"]["features"].keys() >= {"question", "after a"}
    assert len(lines) == 11


def altered(**changes) -> str:
    return json.dumps(json.loads(policy_text(policy("a", "b"))) | changes)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "no policy file"),
        ("[]", "no policy file: make one with python -m arena fit"),
        (altered(policy="uniform"), "no policy file"),
        (altered(version=2), "version 2 is not 1: fit it again"),
        (altered(text={"kind": "hashed", "size": 8}), "damaged .*: fit it again"),
        (altered(text={"kind": "pictures", "size": 16}), "not known here"),
        (altered(sharpness=-1), "damaged"),
        (altered(sharpness=float("nan")), "damaged"),
        (altered(members={"a": {}, "b": {}}), "damaged"),
        (altered(members={"a": {}, "c": {}}), "fitted for a, c, not for a, b: fit one"),
    ],
)
def test_what_is_no_policy_for_these_members_is_refused(content, said, tmp_path):
    path = tmp_path / "policy.json"
    path.write_text(content)
    with pytest.raises(PolicyError, match=said) as refusal:
        load_policy(path, ["a", "b"])
    assert str(refusal.value).startswith(str(path)) and "\n" not in str(refusal.value)


def test_a_file_that_cannot_be_read_is_said(tmp_path):
    with pytest.raises(PolicyError, match="No such file"):
        load_policy(tmp_path / "no.json", ["a"])
    (tmp_path / "binary").write_bytes(b"\x80\x81")
    with pytest.raises(PolicyError, match="not text"):
        load_policy(tmp_path / "binary", ["a"])


def test_the_digest_follows_the_content(tmp_path):
    one, other = tmp_path / "1", tmp_path / "2"
    one.write_text("x")
    other.write_text("x")
    assert file_digest(one) == file_digest(other)
