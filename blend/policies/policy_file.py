"""A learned policy as a file: JSON, readable, under a megabyte, and nothing in it that runs."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from blend.policies.embedding import EmbeddingError, SentenceEmbedder
from blend.policies.features import HistoryFeatures, TextFeatures
from blend.policies.hashing import HashedNgrams
from blend.policies.learned import Learned

VERSION = 1
SCALE = 1000
"""Weights are kept as whole thousandths: a third of the file, and a hundredth of what matters."""
BUCKETS = 4096
MOST_WEIGHTS = 160_000
"""Weights of words in one file, at most: what keeps it under a megabyte."""


class PolicyError(ValueError):
    """A policy file that cannot be used; one line that names it and the mend."""


def hash_buckets(members: int) -> int:
    """Hash buckets for the message, and as many for what was said before: 2048 each, and fewer
    in a blend of more than 39 members, so that the file stays small."""
    size = BUCKETS // 2
    while 2 * size * members > MOST_WEIGHTS:
        size //= 2
    return size


def policy_text(policy: Learned) -> str:
    """The file's content: the words' weights in thousandths, one line a member."""
    words, names = 2 * policy.traits.text.size, policy.traits.named
    whole = np.round(policy.weights * SCALE).astype(int)
    head = {
        "policy": policy.name,
        "version": VERSION,
        "sharpness": policy.inverse_temperature,
        "text": policy.traits.text.description(),
        "story": dict(policy.provenance),
    }
    lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
    rows = []
    for n, member in enumerate(policy.traits.members):
        row = {
            "digest": policy.digests.get(member, ""),
            "bias": round(float(policy.bias[n]), 4),
            "features": dict(zip(names, (whole[words:, n] / SCALE).tolist(), strict=True)),
            "words_in_thousandths": whole[:words, n].tolist(),
        }
        rows.append(f"{json.dumps(member)}: {json.dumps(row, separators=(',', ':'))}")
    members = ",\n".join(rows)
    return "{\n" + ",\n".join([*lines, f'"members": {{\n{members}\n}}']) + "\n}\n"


def load_policy(path: str | Path, members: Sequence[str]) -> Learned:
    """The policy in a file, checked against the members of the blend it is for.

    Raises PolicyError: no such file, not a policy, of another version, for other members.
    """
    try:
        return parse_policy(Path(path).read_text(encoding="utf-8"), members)
    except OSError as error:
        reason = f"cannot be read ({error.strerror}): correct the path"
    except UnicodeDecodeError:
        reason = "no policy file: it is not text"
    except EmbeddingError as error:
        reason = f"it reads sentence vectors: {error}"
    except PolicyError as error:
        reason = str(error)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        reason = f"damaged ({type(error).__name__}: {error}): fit it again"
    raise PolicyError(f"{path}: {reason}")


def parse_policy(text: str, members: Sequence[str]) -> Learned:
    """The policy in a file's content. Raises what `load_policy` turns into a sentence."""
    try:
        content = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise PolicyError(f"no policy file: {error}") from None
    if not isinstance(content, dict) or content.get("policy") != Learned.name:
        raise PolicyError("no policy file: make one with python -m arena fit")
    if content.get("version") != VERSION:
        raise PolicyError(f"version {content.get('version')!r} is not {VERSION}: fit it again")
    fitted, inverse_temperature = content["members"], float(content["sharpness"])
    if set(fitted) != set(members):
        raise PolicyError(
            f"it was fitted for {', '.join(sorted(fitted))}, not for {', '.join(sorted(members))}: "
            "fit one on the log of this blend"
        )
    traits = HistoryFeatures(_text_features(content["text"]), tuple(fitted))
    columns = []
    for row in fitted.values():
        words = np.array(row["words_in_thousandths"], float) / SCALE
        columns.append(np.append(words, [float(row["features"][name]) for name in traits.named]))
    weights, bias = np.stack(columns, 1), np.array([float(row["bias"]) for row in fitted.values()])
    if weights.shape[0] != traits.size or inverse_temperature < 0:
        raise ValueError("its numbers do not fit together")
    if not all(np.isfinite(each).all() for each in (weights, bias, inverse_temperature)):
        raise ValueError("a number is missing")
    digests = {name: str(row["digest"]) for name, row in fitted.items() if row["digest"]}
    return Learned(
        traits, weights, bias, inverse_temperature, digests, dict(content.get("story", {}))
    )


def _text_features(table: dict) -> TextFeatures:
    size, kind = int(table["size"]), table["kind"]
    if kind == HashedNgrams.kind and 1 <= size <= BUCKETS // 2:
        return HashedNgrams(size)
    if kind == SentenceEmbedder.kind:
        sentences = SentenceEmbedder.load(table["model"])
        if sentences.size == size:
            return sentences
    raise PolicyError(f"its text features, {table!r}, are not known here: fit it again")


def member_identities(members: Sequence[Mapping[str, object]]) -> dict[str, str]:
    """What each member of a contender's config is, by name: a hash of all that changes its replies.

    A policy knows what one member does better than another: with other weights it knows nothing.
    """
    return {
        str(member["name"]): hashlib.sha256(json.dumps(member, sort_keys=True).encode()).hexdigest()
        for member in members
    }


def file_digest(path: str | Path) -> str:
    """A hash of the file, for the id of the contender that uses it."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()
