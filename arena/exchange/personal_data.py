"""Personal data in texts: what Presidio finds by patterns and check digits, and names by a model.

Presidio is an optional install. Nothing is fetched or sent: its own recognizer of e-mail addresses
is not used, since it asks the network for the list of domains.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from typing import TYPE_CHECKING

from arena.command import CommandError

if TYPE_CHECKING:
    from presidio_analyzer import AnalyzerEngine, EntityRecognizer

INSTALL = 'pip install "presidio-analyzer>=2.2.360,<3"'

LANGUAGE = "en"
"""What the recognizers are registered under: patterns and check digits are of no language."""

EMAIL = r"\b[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,8}\b"

REGIONS = ("US", "GB", "DE", "FR", "ES", "IT", "NL", "AT", "CH", "IN", "BR")
"""Whose phone numbers are found without an international prefix; with one, all are."""

NAMES = ("PERSON", "LOCATION", "NRP")
"""What only a model of spaCy finds: names of people, places and groups that people belong to."""

LONGEST, SHARED = 100_000, 400
"""Characters of a text that are searched at a time, and how many of them are searched again with
what follows: what stands at the end is found whole."""


@dataclass(frozen=True, slots=True)
class PersonalData:
    """Personal data in a text: its kind, as Presidio calls it, and where it stands."""

    kind: str
    start: int
    end: int


@dataclass(slots=True)
class PersonalDataFinder:
    """model: an installed model of spaCy that finds names (en_core_web_lg, say); without one names
    are not looked for. Raises CommandError where Presidio or the model is not installed.

    found: how often each kind was found so far.
    """

    model: str = ""
    found: Counter[str] = field(default_factory=Counter)
    _analyzer: "AnalyzerEngine" = field(init=False)

    def __post_init__(self) -> None:
        if find_spec("presidio_analyzer") is None:
            raise CommandError(f"Presidio finds personal data, an optional install: {INSTALL}")
        if self.model and find_spec(self.model) is None:
            raise CommandError(
                f"the model {self.model!r} of spaCy is not installed: python -m spacy download"
                f" {self.model}"
            )
        self._analyzer = _analyzer(self.model)

    def find(self, text: str) -> list[PersonalData]:
        """What stands in the text, in order, without overlaps."""
        found = []
        for start in range(0, len(text), LONGEST - SHARED):
            part = text[start : start + LONGEST]
            found += [
                PersonalData(each.entity_type, start + each.start, start + each.end)
                for each in self._analyzer.analyze(part, language=LANGUAGE)
            ]
        found = _joined(found)
        self.found.update(each.kind for each in found)
        return found

    def mask(self, text: str) -> str:
        """The text with a placeholder such as <EMAIL_ADDRESS> for each finding."""
        return replaced(text, self.find(text))


def replaced(text: str, found: Iterable[PersonalData]) -> str:
    """The text with a placeholder for each finding, which come in order."""
    parts, end = [], 0
    for each in found:
        parts += [text[end : each.start], f"<{each.kind}>"]
        end = each.end
    return "".join([*parts, text[end:]])


def _joined(found: Iterable[PersonalData]) -> list[PersonalData]:
    """In order; those that overlap as one, of the kind of the first and of those the longest."""
    joined: list[PersonalData] = []
    for each in sorted(found, key=lambda one: (one.start, -one.end)):
        if joined and each.start < joined[-1].end:
            joined[-1] = replace(joined[-1], end=max(joined[-1].end, each.end))
        else:
            joined.append(each)
    return joined


def _analyzer(model: str) -> "AnalyzerEngine":
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import NlpEngineProvider, NoOpNlpEngine
    from presidio_analyzer.predefined_recognizers import SpacyRecognizer

    named = [{"lang_code": LANGUAGE, "model_name": model or "none"}]
    engine = (
        NlpEngineProvider(
            nlp_configuration={"nlp_engine_name": "spacy", "models": named}
        ).create_engine()
        if model
        else NoOpNlpEngine(named)
    )
    names = [SpacyRecognizer(supported_entities=[*NAMES])] if model else []
    registry = RecognizerRegistry([*_recognizers(), *names], supported_languages=[LANGUAGE])
    return AnalyzerEngine(registry, engine, supported_languages=[LANGUAGE])


def _recognizers() -> list["EntityRecognizer"]:
    """Those that read patterns and check digits, and no list from the network."""
    from presidio_analyzer import Pattern, PatternRecognizer
    from presidio_analyzer import predefined_recognizers as known

    email = Pattern("address", EMAIL, 0.8)
    return [
        PatternRecognizer("EMAIL_ADDRESS", patterns=[email]),
        known.PhoneRecognizer(supported_regions=REGIONS),
        *(
            of(supported_language=LANGUAGE)
            for of in (
                *(known.CreditCardRecognizer, known.IbanRecognizer, known.CryptoRecognizer),
                *(known.IpRecognizer, known.MacAddressRecognizer, known.UsSsnRecognizer),
                *(known.UkNinoRecognizer, known.NhsRecognizer, known.EsNifRecognizer),
                *(known.EsNieRecognizer, known.ItFiscalCodeRecognizer, known.PlPeselRecognizer),
                *(known.FiPersonalIdentityCodeRecognizer, known.InAadhaarRecognizer),
            )
        ),
    ]
