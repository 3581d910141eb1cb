"""A chat template that a roster names: written there, in a file, or one that is shipped."""

from pathlib import Path

from blend.prompt.chat_template import SHIPPED
from blend.roster.fields import RosterError, did_you_mean


def read_template(given: str, folder: Path, where: str) -> str:
    """The template itself: given as it is, as a file from `folder`, or as a shipped one's name.

    where: whose it is, for the error. Raises RosterError.
    """
    if "{{" in given or "{%" in given:
        return given
    named = not given.endswith((".jinja", ".j2"))
    path = SHIPPED / f"{given}.jinja" if named else folder / given
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError, ValueError) as error:
        if named:
            shipped = [file.stem for file in SHIPPED.glob("*.jinja")]
            reason = (
                f"no template {given!r}{did_you_mean(given, shipped)}; a file's name ends in .jinja"
            )
        else:
            reason = f"the template {path} cannot be read: {error}"
        raise RosterError(f"{where}: {reason}") from None
