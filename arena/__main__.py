"""The commands of the arena, without page or models: python -m arena export and the like."""

import os
import sys

from blend.command_line import run

COMMANDS = {
    "export": "arena.exchange.export",
    "publish": "arena.exchange.publication.publish",
    "merge": "arena.exchange.merge",
    "import": "arena.exchange.import_votes",
    "backup": "arena.exchange.backup",
    "forget": "arena.cli.forget",
    "load": "arena.simulation.load_test",
    "leaderboard": "arena.cli.leaderboard",
    "bench": "arena.simulation.benchmark",
    "review": "arena.cli.recompute",
    "ledger": "arena.cli.ledger",
    "contenders": "arena.cli.contenders",
    "categories": "arena.cli.categories",
    "simulate": "arena.simulation.simulate",
    "study": "arena.simulation.coverage_command",
    "engagement": "arena.cli.engagement",
    "engagement-study": "arena.simulation.experiment_coverage",
    "fit": "arena.cli.fit_policy",
    "value": "arena.cli.policy_value",
    "rehearse": "arena.simulation.synthetic_log",
}
"""Each command's module, which has a `main(argv) -> int`; only the one that is asked for loads."""

if __name__ == "__main__":
    # A board's matrices are small: threads would only wait for one another.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # sqlite_utils imports pandas wherever it is there: half a second and 70 MB that a board has no
    # use for. It takes this for pandas not being there; pyarrow, of the exports, would not.
    if sys.argv[1:2] in (["leaderboard"], ["bench"]):
        sys.modules.setdefault("pandas", None)
    sys.exit(run("arena", __doc__, COMMANDS, sys.argv[1:]))
