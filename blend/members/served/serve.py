"""The `serve` key: the command of a remote member's server, which this program starts itself."""

import os
import re
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from blend.roster.fields import RosterError, nearest, texts

PLACEHOLDERS = ("model", "port", "key", "window", "share", "share_of_free")
"""What a command may leave to be filled in, each in braces."""
SHARES = ("share", "share_of_free")
"""Those that are worked out from the memory of a GPU."""
PLACEHOLDER = re.compile(r"\{(\w+)\}")  # not the braces of JSON


@dataclass(frozen=True, slots=True)
class Serve:
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
        """Whether it wants to be told its share of a GPU's memory."""
        return not self.placeholders.isdisjoint(SHARES)

    def filled(self, values: Mapping[str, object]) -> tuple[list[str], dict[str, str]]:
        """The command and what is added to the environment, with these values."""

        def fill(text: str) -> str:
            return PLACEHOLDER.sub(lambda found: str(values[found[1]]), text)

        # A command that was installed beside this program is found also where its virtual
        # environment is not active; any other place comes first.
        path = [os.environ.get("PATH", os.defpath), str(Path(sys.executable).parent)]
        added = {"PATH": os.pathsep.join(path)}
        if self.device:
            added["CUDA_VISIBLE_DEVICES"] = _visible(self.device)
        environment = {name: fill(value) for name, value in self.environment.items()}
        return [fill(part) for part in self.command], added | environment


def read(entry: Mapping, where: str) -> Serve | None:
    """The server that a [[member]] table whose types were checked describes. Raises RosterError."""
    if "serve" not in entry:
        for key in entry.keys() & {"environment", "device"}:
            raise RosterError(f"{where}: {key!r} is for a server that `serve` starts")
        return None
    environment = entry.get("environment", {})
    for name, value in environment.items():
        if not isinstance(value, str):
            reason = f"{name!r} in environment must be a text in quotes, not {value!r}"
            raise RosterError(f"{where}: {reason}")
    device = entry.get("device", "")
    if device and not re.fullmatch(r"cuda(:\d+)?", device):
        raise RosterError(f'{where}: the device of a server is a GPU, as in device = "cuda:1"')
    serve = Serve(_command(entry["serve"], where), environment, device)
    for name in sorted(serve.placeholders.difference(PLACEHOLDERS)):
        raise RosterError(f"{where}: `serve` knows no {{{name}}}{nearest(name, PLACEHOLDERS)}")
    if "port" not in serve.placeholders:
        raise RosterError(f"{where}: `serve` must name its port, as in --port {{port}}")
    if "window" in serve.placeholders and "window" not in entry:
        raise RosterError(f"{where}: `serve` has {{window}}: give `window`, in tokens")
    if serve.shares_memory and "CUDA_VISIBLE_DEVICES" in environment:
        mend = 'give device = "cuda:1" in place of CUDA_VISIBLE_DEVICES'
        raise RosterError(f"{where}: a share is of one GPU's memory: {mend}")
    return serve


def _command(written: str | list, where: str) -> tuple[str, ...]:
    if isinstance(written, str):
        try:
            written = shlex.split(written)
        except ValueError as error:
            raise RosterError(f"{where}: `serve` is no command: {error}") from None
    return texts(written, f"serve of {where}", least=1)


def _visible(device: str) -> str:
    """The GPU's name for another process: this one may itself see only some of them."""
    number = int(device.partition(":")[2] or 0)
    seen = [one for one in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",") if one]
    return seen[number] if number < len(seen) else str(number)
