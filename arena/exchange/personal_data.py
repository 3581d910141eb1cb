"""Personal data in texts: what Presidio finds by patterns and check digits, and names by a model.

Presidio is an optional install. Nothing is fetched or sent: its own recognizer of e-mail addresses
is not used, since it asks the network for the list of domains.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from arena.command import CommandError

if TYPE_CHECKING:
    from presidio_analyzer import AnalyzerEngine, EntityRecognizer
    from presidio_analyzer.nlp_engine import SpacyNlpEngine

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
    """model: an installed model of spaCy that finds names (en_core_web_lg, say), or the folder of
    one; without one names are not looked for. Raises CommandError where Presidio or the model is
    not there, or the model finds no names.

    model_name: the model's own name and version; empty without one.
    """

    model: str = ""
    model_name: str = field(init=False, default="")
    _analyzer: "AnalyzerEngine" = field(init=False)

    def __post_init__(self) -> None:
        if find_spec("presidio_analyzer") is None:
            raise CommandError(f"Presidio finds personal data, an optional install: {INSTALL}")
        engine = _name_engine(self.model) if self.model else None
        if engine is not None:
            about = engine.nlp[LANGUAGE].meta
            self.model_name = f"{about['lang']}_{about['name']} {about['version']}"
        self._analyzer = _analyzer(engine)

    def find(self, text: str) -> list[PersonalData]:
        """What stands in the text, in order, without overlaps."""
        found = []
        for start in range(0, len(text), LONGEST - SHARED):
            part = text[start : start + LONGEST]
            found += [
                PersonalData(each.entity_type, start + each.start, start + each.end)
                for each in self._analyzer.analyze(part, language=LANGUAGE)
            ]
        return _joined(found)


def replaced(text: str, found: Iterable[PersonalData]) -> str:
    """The text with a placeholder such as <EMAIL_ADDRESS> for each finding; they are in order."""
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


def _name_engine(model: str) -> "SpacyNlpEngine":
    """spaCy with the model. It must be there: Presidio would ask the network for another one."""
    from presidio_analyzer.nlp_engine import SpacyNlpEngine
    from spacy.util import is_package

    if not (is_package(model) or Path(model).is_dir()):
        raise CommandError(
            f"the model {model!r} of spaCy is neither installed nor a folder: python -m spacy"
            f" download {model}"
        )
    engine = SpacyNlpEngine([{"lang_code": LANGUAGE, "model_name": model}])
    try:
        engine.load()
    except (OSError, ValueError, ImportError, AttributeError) as error:
        (why, *_) = str(error).splitlines() or [type(error).__name__]
        raise CommandError(f"spaCy cannot load {model!r}: {why}") from None
    if not {"ner", "entity_ruler"} & {*engine.nlp[LANGUAGE].pipe_names}:
        raise CommandError(f"the model {model!r} of spaCy finds no names: name one with `ner`")
    return engine


def _analyzer(names: "SpacyNlpEngine | None") -> "AnalyzerEngine":
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import NoOpNlpEngine
    from presidio_analyzer.predefined_recognizers import SpacyRecognizer

    engine = names or NoOpNlpEngine([{"lang_code": LANGUAGE, "model_name": "none"}])
    of_names = [SpacyRecognizer(supported_entities=[*NAMES])] if names else []
    registry = RecognizerRegistry([*_recognizers(), *of_names], supported_languages=[LANGUAGE])
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
