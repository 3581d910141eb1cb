"""python -m arena fit: a policy that reads the history, from the turns that were logged."""

import argparse
import os
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from arena.cli.turn_pool import choose_pool, floor, logged_turns, need_reward, need_texts
from arena.command import CommandError, finish
from arena.db.repositories.turn_log import Pool
from arena.db.store import Store
from blend.evaluation.fit_policy import fit_policy
from blend.evaluation.format import fit_report
from blend.evaluation.logged_turns import LoggedTurn, TurnTable
from blend.evaluation.rewards import REWARDS
from blend.policies.embedding import EmbeddingError, SentenceEmbedder
from blend.policies.features import HistoryFeatures, TextFeatures
from blend.policies.hashing import HashedNgrams
from blend.policies.policy_file import hash_buckets, policy_text


def main(argv: list[str]) -> int:
    """The command; 2 when it cannot be done, and then OUT is as it was."""
    parser = argparse.ArgumentParser(prog="python -m arena fit", description=__doc__)
    parser.add_argument("--db", default="arena.db", type=Path, help="the database; may be in use")
    rewards = "; ".join(f"{name}: {what}" for name, what in REWARDS.items())
    parser.add_argument("--reward", required=True, choices=REWARDS, help=rewards)
    parser.add_argument("--out", required=True, type=Path, metavar="FILE", help="the policy file")
    parser.add_argument("--blend", help="whose turns; default: the blend with the most")
    parser.add_argument("--epsilon", type=float, help="the floor it is judged with")
    parser.add_argument("--sentences", metavar="MODEL", help="read sentence vectors, not words")
    args = parser.parse_args(argv)
    return finish("fit", lambda: run(args))


def run(args: argparse.Namespace) -> None:
    """Read, fit, print, write. Raises CommandError, StoreError."""
    db, reward, out = args.db, args.reward, args.out
    if not out.parent.is_dir():
        raise CommandError(f"there is no folder {out.parent}: make it, or name another file")
    with closing(Store.open_readonly(db)) as store:
        of = choose_pool(store, args.blend)
        need_texts(store, of)
        epsilon = floor(args.epsilon, of)
        traits = HistoryFeatures(_text(args.sentences, len(of.members)), tuple(of.members))
        table = TurnTable.of((r for r in logged_turns(store, of, reward) if _told(r)), traits)
        need_reward(len(table), store, of, reward)
    try:
        fitted = fit_policy(table, traits, epsilon, of.members, _story(of, reward, table))
    except ValueError as error:
        raise CommandError(f"{db}: {error}") from None
    talks = fitted.values["learned"].conversations
    print(f"{of.title}: {len(table):,} turns of {talks:,} conversations")
    print(f"reward: {reward}, {REWARDS[reward]}\n\n{fit_report(fitted)}")
    content = policy_text(fitted.policy)
    beside = out.with_name(f".{out.name}.part")
    beside.write_text(content, encoding="utf-8")
    os.replace(beside, out)
    print(
        f"\n{out}: {len(content) / 1000:,.0f} kB, sharpness {fitted.policy.inverse_temperature:g}"
    )


def _text(sentences: str | None, members: int) -> TextFeatures:
    try:
        return (
            SentenceEmbedder.load(sentences) if sentences else HashedNgrams(hash_buckets(members))
        )
    except EmbeddingError as error:
        raise CommandError(str(error)) from None


def _told(row: LoggedTurn) -> bool:
    """Whether everything that was said until the draw was kept."""
    return all(turn.prompt for turn in row.conversation.turns)


def _story(of: Pool, reward: str, table: TurnTable) -> dict[str, object]:
    """What a reader, and `python -m arena value`, will want to know of the file."""
    return {
        "blend": of.title,
        "reward": f"{reward}: {REWARDS[reward]}",
        "turns": len(table),
        "until": datetime.now(UTC).isoformat(timespec="seconds"),
    }
