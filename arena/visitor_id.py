"""The ids of visitors, in the form in which this site makes them.

An id comes back from a browser as anything at all. What is not in this form is refused where it
comes in, so that nothing behind has to expect it.
"""

import re

ACCOUNT = "account-"
"""How the id of a visitor begins who is logged in; a browser's own id never does."""

_HEX = "[0-9a-f]"
_OWN = re.compile(
    f"{_HEX}{{8}}-{_HEX}{{4}}-[1-8]{_HEX}{{3}}-[89ab]{_HEX}{{3}}-{_HEX}{{12}}|{ACCOUNT}{_HEX}{{24}}"
)


def is_visitor_id(value: object) -> bool:
    """Whether this is an id as the site makes them: a UUID in lower case, or that of an account.

    For whatever a page or a program sends.
    """
    return isinstance(value, str) and _OWN.fullmatch(value) is not None
