"""What the page says, in one of its languages: texts by name, numbers, dates and lists."""

import math
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.lists import format_list
from babel.numbers import format_decimal

FOLDER = Path(__file__).parents[1] / "assets" / "pages" / "texts"

LOCALES = {"en": "en_GB", "de": "de", "fr": "fr", "es": "es"}
"""The languages of the page, the first where a visitor's is none of them, and by whose form each
writes numbers and dates: English as in Britain, with the day before the month, and 24 hours."""

LANGUAGES = tuple(LOCALES)

WRITTEN = ("replies.", "law.kinds.", "law.reasons.", "handoff.notes.")
"""Tables of what is stored, or handed on, in English and said in the visitor's language later."""

FORM = re.compile(r"(\+?)(,?)\.(\d)([f%])")

FIELD = re.compile(r"\\{(\w+)\\}")
"""A value within an escaped text."""

Entry = str | Mapping[str, str]
"""A text, or its plural forms by Babel's names: one, other."""


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of one language. Its values are immutable and cost nothing to make."""

    language: str

    def __call__(self, name: str, /, **values: object) -> str:
        """The text of a name, "table.key", with its values filled in; whole numbers as the
        language writes them. Where the text has plural forms, `n` chooses one.

        Raises KeyError for a name or a value that is missing.
        """
        entry = self.entry(name)
        try:
            text = entry if isinstance(entry, str) else entry[self._form(entry, values["n"])]
            return text.format(**{key: self._written(value) for key, value in values.items()})
        except KeyError as missing:
            raise KeyError(f"the text {name!r} needs the value {missing}") from None

    def translated(self, english: str) -> str:
        """What was written down in English, as a reply's error is: in this language, where it is
        one of the texts for that; else as it is."""
        for form, name in _forms():
            if match := form.fullmatch(english):
                return self(name, **match.groupdict())
        return english

    def named(self, name: str, otherwise: str) -> str:
        """The text of a name whose end comes from a roster, a file or an older version; where there
        is none, `otherwise`."""
        return self(name) if name in entries(self.language) else otherwise

    def entry(self, name: str) -> Entry:
        """The text as the catalogue has it. Raises KeyError."""
        try:
            return entries(self.language)[name]
        except KeyError:
            raise KeyError(f"no text is named {name!r} in {self.language}.toml") from None

    def number(self, x: float, digits: int = 0, grouped: bool = True) -> str:
        """A number with so many digits after the point. grouped: as in 1,000."""
        pattern = ("#,##0" if grouped else "0") + "." * bool(digits) + "0" * digits
        return format_decimal(_rounded(x, digits), pattern, self.locale)

    def significant(self, x: float, digits: int) -> str:
        """A number with so many digits that say something, and no zeros at its end."""
        places = max(0, digits - 1 - (math.floor(math.log10(abs(x))) if x else 0))
        return format_decimal(
            _rounded(x, places), "#,##0" + "." * bool(places) + "#" * places, self.locale
        )

    def percent(self, share: float, digits: int = 0) -> str:
        """A share of one as percent: 0.5 is "50%"."""
        pattern = self.locale.percent_formats[None].pattern
        pattern = pattern.replace("0", "0" + "." * bool(digits) + "0" * digits)
        return format_decimal(_rounded(share, digits + 2), pattern, self.locale)

    def date(self, seconds: float) -> str:
        """A day in UTC, of seconds since 1970."""
        return format_date(datetime.fromtimestamp(seconds, UTC), "long", self.locale)

    def moment(self, seconds: float) -> str:
        """Day and time in UTC, of seconds since 1970."""
        return format_datetime(datetime.fromtimestamp(seconds, UTC), "long", locale=self.locale)

    def listed(self, items: Sequence[str], style: str = "standard") -> str:
        """Items as the language joins them: "A, B and C"; style "or": "A, B or C"."""
        return format_list([*items], style, self.locale)

    @property
    def locale(self) -> Locale:
        """By whose form numbers and dates are written."""
        return _locale(self.language)

    def written(self, of: object, form: str) -> str:
        """A number, or a value with its interval, by Python's format; see LocalNumber."""
        return format(LocalNumber(self, of), form)

    def _form(self, entry: Mapping[str, str], n: float) -> str:
        form = self.locale.plural_form(n)
        return form if form in entry else "other"

    def _written(self, value: object) -> object:
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        return LocalNumber(self, value) if number or hasattr(value, "low") else value


@dataclass(frozen=True, slots=True)
class LocalNumber:
    """A number, or a value with its interval, as a text has it: {x:.2f} by Python's signs for it,
    {n} for a whole number with its groups. A sign (+), groups (,), digits (.2f) and a share as
    percent (.0%) are known."""

    texts: Texts
    of: object

    def __format__(self, form: str) -> str:
        if hasattr(self.of, "low"):
            value, low, high = (
                format(LocalNumber(self.texts, x), form)
                for x in (self.of.value, self.of.low, self.of.high)
            )
            return self.texts("numbers.interval", value=value, low=low, high=high)
        if not form:
            return self.texts.number(self.of) if isinstance(self.of, int) else str(self.of)
        sign, group, digits, kind = FORM.fullmatch(form).groups()
        if kind == "%":
            text = self.texts.percent(self.of, int(digits))
        else:
            text = self.texts.number(self.of, int(digits), grouped=bool(group))
        return f"{sign if self.of >= 0 else ''}{text}"


ENGLISH = Texts("en")


def texts_in(language: str) -> Texts:
    """The texts of a language; English ones where the page does not speak it."""
    return Texts(language) if language in LANGUAGES else ENGLISH


@lru_cache(maxsize=len(LANGUAGES))
def entries(language: str) -> Mapping[str, Entry]:
    """All texts of a language by their names."""
    read = tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
    return MappingProxyType(dict(_named(read, "")))


@lru_cache(maxsize=1)
def _forms() -> Sequence[tuple[re.Pattern, str]]:
    """What the English texts that are written down look like, with any values, and their names."""
    return [
        (re.compile(FIELD.sub(r"(?P<\1>.+)", re.escape(text))), name)
        for name, text in entries("en").items()
        if name.startswith(WRITTEN) and isinstance(text, str)
    ]


def _named(table: Mapping[str, object], prefix: str):
    for key, value in table.items():
        if isinstance(value, Mapping) and "other" not in value:
            yield from _named(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


@lru_cache(maxsize=len(LANGUAGES))
def _locale(language: str) -> Locale:
    return Locale.parse(LOCALES[language])


def _rounded(x: float, digits: int) -> float:
    """Rounded, and never minus nothing."""
    return round(x, digits) + 0.0
