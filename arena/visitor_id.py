"""The ids of visitors: the form in which this site makes them, and the form that it can store.

An id comes back from a browser or a file as anything at all. What is in neither form is refused
where it comes in, so that nothing behind has to expect it.
"""

import re

ACCOUNT = "account-"
"""How the id of a visitor begins who is logged in; a browser's own id never does."""

LONGEST = 64
"""Characters of an id that can be stored, at most."""

_HEX = "[0-9a-f]"
_OWN = re.compile(
    f"{_HEX}{{8}}-{_HEX}{{4}}-[1-8]{_HEX}{{3}}-[89ab]{_HEX}{{3}}-{_HEX}{{12}}|{ACCOUNT}{_HEX}{{24}}"
)
_STORABLE = re.compile(f"[A-Za-z0-9_.-]{{1,{LONGEST}}}")


def is_visitor_id(value: object) -> bool:
    """Whether this is an id as the site makes them: a UUID in lower case, or that of an account.

    For whatever a page or a program sends.
    """
    return isinstance(value, str) and _OWN.fullmatch(value) is not None


def is_storable_id(value: object) -> bool:
    """Whether this may be stored as an id: at most LONGEST ASCII letters, digits and `_` `.` `-`.

    For what comes from a file or from the Hub, where other sites and older versions made the ids.
    """
    return isinstance(value, str) and _STORABLE.fullmatch(value) is not None
