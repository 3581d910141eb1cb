"""Which reasons fit a vote: what was good about a side, or what was wrong with it."""

from collections.abc import Mapping

from arena.models import Choice, ReasonKind, Side

KINDS: Mapping[Choice, Mapping[Side, ReasonKind]] = {
    "left": {"left": "good", "right": "bad"},
    "right": {"left": "bad", "right": "good"},
    "tie": {"left": "good", "right": "good"},
    "both_bad": {"left": "bad", "right": "bad"},
}
"""What may be said of each side, by the choice: a reason must not speak against its vote."""
