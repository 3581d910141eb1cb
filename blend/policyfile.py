"""A learned policy as a file: JSON, readable, under a megabyte, and nothing in it that runs."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from blend.embedding import EmbeddingError, Sentences
from blend.grams import Hashed
from blend.learned import Learned
from blend.traits import TextFeatures, Traits

VERSION = 1
SCALE = 1000
"""Weights are kept as whole thousandths: a third of the file, and a hundredth of what matters."""
BUCKETS = 4096
MOST_WEIGHTS = 160_000
"""Weights of words in one file, at most: what keeps it under a megabyte."""


class PolicyError(ValueError):
    """A policy file that cannot be used; one line that names it and the mend."""


def buckets(members: int) -> int:
    """Hash buckets for the message, and as many for what was said before: 2048 each, and fewer
    in a blend of more than 39 members, so that the file stays small."""
    size = BUCKETS // 2
    while 2 * size * members > MOST_WEIGHTS:
        size //= 2
    return size


def text(policy: Learned) -> str:
    """The file's content: the words' weights in thousandths, one line a member."""
    words, names = 2 * policy.traits.text.size, policy.traits.named
    whole = np.round(policy.weights * SCALE).astype(int)
    members = {}
    for n, member in enumerate(policy.traits.members):
        members[member] = {
            "digest": policy.digests.get(member, ""),
            "bias": round(float(policy.bias[n]), 4),
            "features": dict(zip(names, (whole[words:, n] / SCALE).tolist(), strict=True)),
            "words_in_thousandths": whole[:words, n].tolist(),
        }
    told = {
        "policy": policy.name,
        "version": VERSION,
        "sharpness": policy.sharpness,
        "text": policy.traits.text.told(),
        "story": dict(policy.story),
    }
    lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in told.items()]
    rows = ",\n".join(
        f"{json.dumps(name)}: {json.dumps(row, separators=(',', ':'))}"
        for name, row in members.items()
    )
    return "{\n" + ",\n".join([*lines, f'"members": {{\n{rows}\n}}']) + "\n}\n"


def load(path: str | Path, members: Sequence[str]) -> Learned:
    """The policy in a file, checked against the members of the blend it is for.

    Raises PolicyError: no such file, not a policy, of another version, for other members.
    """
    try:
        return parse(Path(path).read_text(encoding="utf-8"), members)
    except OSError as error:
        raise PolicyError(f"{path}: cannot be read ({error.strerror}): correct the path") from None
    except UnicodeDecodeError:
        raise PolicyError(f"{path}: no policy file: it is not text") from None
    except PolicyError as error:
        raise PolicyError(f"{path}: {error}") from None


def parse(text: str, members: Sequence[str]) -> Learned:
    """The policy in a file's content; see `load`."""
    try:
        told = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise PolicyError(f"no policy file: {error}") from None
    if not isinstance(told, dict) or told.get("policy") != Learned.name:
        raise PolicyError("no policy file: make one with python -m arena fit")
    if told.get("version") != VERSION:
        raise PolicyError(f"version {told.get('version')!r} is not {VERSION}: fit it again")
    try:
        return _learned(told, members)
    except EmbeddingError as error:
        raise PolicyError(f"it reads sentence vectors: {error}") from None
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        if isinstance(error, PolicyError):
            raise
        raise PolicyError(f"damaged ({type(error).__name__}: {error}): fit it again") from None


def identities(members: Sequence[Mapping[str, object]]) -> dict[str, str]:
    """What each member of a contender's config is, by name: a hash of all that changes its replies.

    A policy knows what one member does better than another: with other weights it knows nothing.
    """
    return {
        str(member["name"]): hashlib.sha256(json.dumps(member, sort_keys=True).encode()).hexdigest()
        for member in members
    }


def digest(path: str | Path) -> str:
    """A hash of the file, for the id of the contender that uses it."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def _learned(told: dict, members: Sequence[str]) -> Learned:
    fitted = told["members"]
    if set(fitted) != set(members):
        raise PolicyError(
            f"it was fitted for {', '.join(sorted(fitted))}, not for {', '.join(sorted(members))}: "
            "fit one on the log of this blend"
        )
    traits = Traits(_text(told["text"]), tuple(fitted))
    columns = []
    for row in fitted.values():
        words = np.array(row["words_in_thousandths"], float) / SCALE
        named = [float(row["features"][name]) for name in traits.named]
        columns.append(np.concatenate([words, named]))
    weights, bias = np.stack(columns, 1), np.array([float(row["bias"]) for row in fitted.values()])
    sharpness = float(told["sharpness"])
    if weights.shape[0] != traits.size or sharpness < 0:
        raise ValueError("its numbers do not fit together")
    if not all(np.isfinite(each).all() for each in (weights, bias, sharpness)):
        raise ValueError("a number is missing")
    digests = {name: str(row["digest"]) for name, row in fitted.items() if row["digest"]}
    return Learned(traits, weights, bias, sharpness, digests, dict(told.get("story", {})))


def _text(told: dict) -> TextFeatures:
    size, kind = int(told["size"]), told["kind"]
    if kind == Hashed.kind and 1 <= size <= BUCKETS // 2:
        return Hashed(size)
    if kind == Sentences.kind:
        sentences = Sentences.load(told["model"])
        if sentences.size == size:
            return sentences
    raise PolicyError(f"its text features, {told!r}, are not known here: fit it again")
