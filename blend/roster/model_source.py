"""Where a member's model and its chat template come from: checked before anything loads."""

from collections.abc import Mapping
from pathlib import Path

from blend.members import hub_files
from blend.prompt.chat_template import SHIPPED
from blend.roster.fields import RosterError, did_you_mean


def check_source(entry: Mapping, engine: str, path: str, where: str) -> None:
    """Raise RosterError for a model that is not there, or that is named twice or not at all."""
    if engine == "scripted":
        return
    if engine == "remote" and (path or not entry.get("model")):
        raise RosterError(f"{where}: give `model`, the name that its servers know, and no `path`")
    if bool(path) == bool(entry.get("model")):
        raise RosterError(
            f"{where}: give either `path` (a folder or a GGUF file) or `model` (an id on the Hub)"
        )
    if engine == "llama_cpp":
        _check_gguf(entry, path, where)
    elif path and not Path(path, "config.json").is_file() and not hub_files.find_gguf(path):
        raise RosterError(f"{where}: no model in the folder {path}: correct its `path`")


def _check_gguf(entry: Mapping, path: str, where: str) -> None:
    file, gguf = entry.get("file", ""), hub_files.find_gguf(path)
    if path and file:
        reason = "`file` goes with `model`: name the file in `path`"
    elif path and gguf is None:
        reason = f"{path} is no file ending in .gguf, nor a folder with one alone"
    elif gguf is not None and not gguf.is_file():
        reason = f"no file {gguf}: correct its `path`"
    elif not path and not file.endswith(".gguf"):
        reason = 'name the GGUF file of its `model`, as in file = "x-Q4_K_M.gguf"'
    else:
        return
    raise RosterError(f"{where}: {reason}")


def read_template(name: str, folder: Path, where: str) -> str:
    """The template itself: given as it is, as a file from `folder`, or as a shipped one's name.

    where: whose it is, for the error. Raises RosterError.
    """
    if "{{" in name or "{%" in name:
        return name
    named = not name.endswith((".jinja", ".j2"))
    path = SHIPPED / f"{name}.jinja" if named else folder / name
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError, ValueError) as error:
        if named:
            shipped = [file.stem for file in SHIPPED.glob("*.jinja")]
            reason = (
                f"no template {name!r}{did_you_mean(name, shipped)}; a file's name ends in .jinja"
            )
        else:
            reason = f"the template {path} cannot be read: {error}"
        raise RosterError(f"{where}: {reason}") from None
