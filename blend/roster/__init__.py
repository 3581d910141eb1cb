"""The roster: a TOML file that is read, checked and made into blends that answer."""

from blend.roster.fields import RosterError
from blend.roster.roster import PALETTE, SHIPPED, Roster, read
from blend.roster.specs import BlendSpec, MemberSpec

__all__ = ["PALETTE", "SHIPPED", "BlendSpec", "MemberSpec", "Roster", "RosterError", "read"]
