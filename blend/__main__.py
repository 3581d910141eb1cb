"""The commands of blend that need no database: python -m blend train and the like."""

import sys

from blend.command_line import run

COMMANDS = {
    "bench": "blend.bench.command",
    "chat": "blend.cli.chat",
    "train": "blend.training.train",
    "law": "blend.scaling.command",
    "law-study": "blend.scaling.coverage",
    "handoff": "blend.scaling.handoff.command",
    "handoff-study": "blend.scaling.handoff.coverage",
    "duel": "blend.duel.command",
    "judges": "blend.duel.known_pairs",
    "ladder": "blend.training.ladder",
    "trials": "blend.evaluation.trials.coverage",
    "card": "blend.training.model_card",
    "reward": "blend.training.reward_model",
    "selfplay": "blend.training.selfplay",
    "diversity": "blend.cli.diversity",
}
"""Each command's module, which has a `main(argv) -> int`; only the one that is asked for loads."""

if __name__ == "__main__":
    sys.exit(run("blend", __doc__, COMMANDS, sys.argv[1:]))
