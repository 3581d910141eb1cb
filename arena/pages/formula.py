"""LaTeX as MathML, which browsers draw without a script or a font from elsewhere."""

import xml.etree.ElementTree as ET
from functools import lru_cache
from html import unescape

from latex2mathml.converter import convert_to_element

LONGEST = 600  # characters of one formula that is converted

DEEPEST = 40  # elements within one another in a formula: browsers take long to lay out more

NAMES = """
math mrow mi mn mo mtext mspace ms mfrac msqrt mroot msub msup msubsup munder mover munderover
mmultiscripts mprescripts none mtable mtr mtd mstyle mpadded mphantom menclose
"""
ELEMENTS = frozenset(NAMES.split())

WIDTHS = {"0.167em", "0.222em", "0.278em", "0.333em", "0.5em", "1em", "2em"}

ATTRIBUTES = {
    "math": {"display": {"inline", "block"}},
    "mi": {"mathvariant": {"normal"}},
    "mo": {
        **{name: {"true", "false"} for name in ("stretchy", "fence", "largeop", "movablelimits")},
        "form": {"prefix", "infix", "postfix"},
        "minsize": {"1.2em", "1.623em", "2.047em", "2.470em"},
        "maxsize": {"1.2em", "1.623em", "2.047em", "2.470em"},
    },
    "mover": {"accent": {"true", "false"}},
    "mfrac": {"linethickness": {"0"}},
    "mspace": {"width": WIDTHS},
    "mstyle": {"displaystyle": {"true", "false"}, "scriptlevel": {"0", "1", "2"}},
    "mtable": {"displaystyle": {"true", "false"}},
}
"""The values that an attribute may have: none that moves or resizes things at will, or loads."""


PARTS = {"mfrac": 2, "mroot": 2, "msub": 2, "msup": 2, "munder": 2, "mover": 2}
PARTS |= {"msubsup": 3, "munderover": 3}
"""How many children an element must have."""


@lru_cache(maxsize=1024)
def mathml(source: str, display: bool) -> str | None:
    """The formula as MathML, not yet sanitised; None where it cannot be read."""
    if len(source) > LONGEST:
        return None
    # The converter knows this environment by the name that it has outside of a formula.
    latex = source.replace("{aligned}", "{align*}")
    try:
        math = convert_to_element(latex, display="block" if display else "inline")
    except Exception:  # Its errors have no root in common, and some are IndexError and the like.
        return None
    if not _readable(math):
        return None
    for element in math.iter():
        # It writes entities into texts, as if they were markup already.
        element.text = unescape(element.text) if element.text else None
    del math.attrib["xmlns"]  # HTML knows MathML by its names.
    return ET.tostring(math, encoding="unicode")


def _readable(element: ET.Element, depth: int = 1) -> bool:
    """Whether every command was known, nothing is missing, and nothing is too deep."""
    text = element.text or ""
    unknown = element.tag == "mi" and (text == "&" or text.startswith("\\"))
    if unknown or depth > DEEPEST or len(element) != PARTS.get(element.tag, len(element)):
        return False
    return all(_readable(child, depth + 1) for child in element)
