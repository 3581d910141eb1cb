"""Which turns a policy is fitted to, or judged by: those drawn among the same members."""

import time
from collections.abc import Iterator

from tqdm import tqdm

from arena.command import CommandError
from arena.db.repositories.turn_log import Pool
from arena.db.store import Store
from blend.evaluation.logged_turns import LoggedTurn
from blend.evaluation.rewards import REWARDS
from blend.policies.policy import default_floor


def logged_turns(store: Store, of: Pool, reward: str) -> Iterator[LoggedTurn]:
    """The turns of the pool whose reward is known by now, with a progress bar."""
    with tqdm(total=of.turns, desc="reading", unit=" turns", leave=False) as bar:
        for row in store.turn_log.logged_turns(of.contenders, reward, time.time()):
            bar.update()
            yield row


def choose_pool(store: Store, blend: str | None = None) -> Pool:
    """The pool with the most turns, or the one with the most of the blend of that name.

    Raises CommandError where nothing was drawn among several, or not by that blend.
    """
    panels = {each.name for each in store.contenders.all() if each.config.get("judge")}
    if blend in panels:
        raise CommandError(
            f"{blend!r} is a panel: all of its members write and a judge picks, so that there are "
            "no chances by which its turns could judge a policy"
        )
    pools, path = store.turn_log.pools(), store.database.path
    if not pools:
        raise CommandError(
            f"{path} has no turn that was drawn among several members: chat with a blend first"
        )
    for pool in pools:
        if blend is None or blend in pool.names:
            return pool
    known = ", ".join(dict.fromkeys(name for pool in pools for name in pool.names))
    raise CommandError(f"{path} has no turns of a blend {blend!r}: it has {known}")


def floor(asked: float | None, of: Pool) -> float:
    """The floor that was asked for, or the usual one. Raises CommandError for what is none."""
    if asked is None:
        return default_floor(len(of.members))
    if not 0 <= asked <= 1 / len(of.members):
        raise CommandError(f"--epsilon must lie between 0 and 1/{len(of.members)}, not {asked:g}")
    return asked


def need_texts(store: Store, of: Pool) -> None:
    """Raise CommandError where nothing that was said was kept."""
    if not of.with_text:
        raise CommandError(
            f"{store.database.path} keeps no texts (texts = false in its roster), and a policy "
            "that reads the history cannot be fitted without: keep them, or judge policies that "
            "read nothing with python -m arena value"
        )


def need_reward(turns: int, store: Store, of: Pool, reward: str) -> None:
    """Raise CommandError where no turn tells the reward."""
    if not turns:
        raise CommandError(
            f"none of the {of.turns:,} turns of {of.title} in {store.database.path} tells the "
            f"reward {reward!r} ({REWARDS[reward]}): choose another with --reward"
        )
