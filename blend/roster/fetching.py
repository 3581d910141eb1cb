"""Files that come from the Hub before their models can be loaded: how much, how far it is."""

from collections.abc import Callable, Sequence

from blend.members import hub_files
from blend.roster.specs import MemberSpec


class Fetching:
    """The files of a roster's members. total: bytes that are to come, 0 before and after; here: how
    many of them have."""

    def __init__(self, members: Sequence[MemberSpec]):
        found = [m for m in members if "file" in m.options]
        # Members may share a file.
        self._members = {(m.model, m.options["file"], m.revision or None): m for m in found}
        self.total = 0
        self.here = 0

    def run(self, say: Callable[[str], None]) -> None:
        """Fetch what is not here yet. say: called before that with how much it is. Blocks.

        Raises MemberError.
        """
        # What the Hub cannot tell of fails in a moment, where it is fetched.
        self.total = sum(hub_files.bytes_to_fetch(*file) or 0 for file in self._members)
        if self.total:
            say(f"The models are fetched from the Hub first: {_size(self.total)}.")
        for file, member in self._members.items():
            hub_files.fetch_gguf(member.name, *file, arrived=self._arrived)
        self.total = 0

    def _arrived(self, count: int) -> None:
        self.here += count


def _size(count: int) -> str:
    """Bytes as a number and its unit."""
    return f"{count / 1e9:.1f} GB" if count >= 999_500_000 else f"{count / 1e6:.0f} MB"
