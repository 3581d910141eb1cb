"""The commands of the arena, without page or models: python -m arena export and the like."""

import sys
from importlib import import_module

COMMANDS = {
    "export": "arena.exchange.export",
    "merge": "arena.exchange.merge",
    "import": "arena.exchange.intake",
    "backup": "arena.exchange.backup",
    "load": "arena.load",
}
"""Each command's module, which has a `main(argv) -> int`; only the one that is asked for loads."""

if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in COMMANDS:
        sys.exit(f"usage: python -m arena {'|'.join(COMMANDS)} [options]")
    sys.exit(import_module(COMMANDS[sys.argv[1]]).main(sys.argv[2:]))
