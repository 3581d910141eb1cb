"""The `serve` key: the command of a remote member's server, which this program starts itself."""

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

PLACEHOLDERS = ("model", "port", "key", "window", "share", "share_of_free")
"""What a command may leave to be filled in, each in braces."""
SHARES = ("share", "share_of_free")
"""Those that are worked out from the memory of a GPU."""
PLACEHOLDER = re.compile(r"\{(\w+)\}")  # not the braces of JSON


@dataclass(frozen=True, slots=True)
class ServeCommand:
    """A command and its environment, with placeholders. device: the GPU that the server shall see,
    empty for all."""

    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    device: str = ""

    @property
    def placeholders(self) -> frozenset[str]:
        """The names of those that are to be filled in."""
        written = " ".join((*self.command, *self.environment.values()))
        return frozenset(PLACEHOLDER.findall(written))

    @property
    def shares_memory(self) -> bool:
        """Whether it names its share of a GPU's memory."""
        return not self.placeholders.isdisjoint(SHARES)

    def fill(self, values: Mapping[str, object]) -> tuple[list[str], dict[str, str]]:
        """The command and what is added to the environment, with these values."""

        def insert(text: str) -> str:
            return PLACEHOLDER.sub(lambda match: str(values[match[1]]), text)

        # A command that was installed beside this program is found also where its virtual
        # environment is not active; any other place comes first.
        path = [os.environ.get("PATH", os.defpath), str(Path(sys.executable).parent)]
        added = {"PATH": os.pathsep.join(path)}
        if self.device:
            added["CUDA_VISIBLE_DEVICES"] = _visible(self.device)
        environment = {name: insert(value) for name, value in self.environment.items()}
        return [insert(part) for part in self.command], added | environment


def _visible(device: str) -> str:
    """The GPU's name for another process: this one may itself see only some of them."""
    number = int(device.partition(":")[2] or 0)
    seen = [one for one in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",") if one]
    return seen[number] if number < len(seen) else str(number)
