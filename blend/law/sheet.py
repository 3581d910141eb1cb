"""The report on the law as a page of Markdown: verdicts, pictures, tables."""

import math
from collections.abc import Iterator, Sequence

from blend.law.report import Report
from blend.law.words import LIMITS, verdicts

PAIRS = ("pairs", "how many", "gain", "beyond one family, one size", "kept when chosen blindly")
BETWEEN = ("pools", "oracle", "Blended", "mean", "best single", "nats above the oracle", "log N")
MODELS = ("model", "family", "parameters", "outside embeddings", "bits per byte")
LAWS = ("kind", "steps", "A", "α", "L_∞", "notes")
DIFFERENCES = ("second against first", "floor lower by", "α larger by")


def markdown(report: Report, pictures: bool) -> str:
    """The whole report; with the pictures that lie beside it."""
    return "\n\n".join(filter(None, _parts(report, pictures))) + "\n"


def _parts(report: Report, pictures: bool) -> Iterator[str]:
    def shown(key: str) -> str:
        return f"![]({key}.png)\n\n{LIMITS[key]}" if pictures else LIMITS[key]

    left = f"; {report.left_out:,} that do not fit a window are left out" if report.left_out else ""
    yield f"# The collaboration law: {report.title}"
    yield (
        f"{report.replies:,} replies of {report.conversations:,} conversations under "
        f"{len(report.members)} models{left}. Bits per byte, lower is better; 95 % intervals "
        "resample conversations; N counts millions of parameters."
    )
    yield from verdicts(report)
    missed = f"missed by {report.worst:.1e} nats at most" if report.worst else "never missed"
    yield (
        "The inequalities oracle ≤ Blended ≤ mean and Blended ≤ oracle + log N were looked at "
        f"{report.checked:,} times, once a pool and reply, and {missed}."
    )
    yield "## L(N) = A · N^(−α) + L_∞"
    yield shown("frontier")
    yield table(LAWS, laws(report))
    yield table(DIFFERENCES, differences(report)) if report.differences else ""
    yield (
        "Pools are chosen on one half of the conversations, the best of each step of half an "
        "octave in N, and told on the other."
    )
    yield "## What two members gain over the better one"
    yield shown("pairs")
    yield table(PAIRS, kinds(report))
    yield ("Chosen blindly: by the other replies of the conversation, without a look at the reply.")
    yield "## Where Blended lies"
    yield shown("between")
    yield table(BETWEEN, between(report))
    yield "## The models"
    yield table(MODELS, models(report))


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Markdown."""
    lines = [heads, ["---", *["--:"] * (len(heads) - 1)], *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def laws(report: Report) -> list[list[str]]:
    rows = []
    for fit in report.fits:
        cells = ["", "", "", f"no fit: {fit.reason}"]
        if law := fit.law:
            told = (f"{law.scale:.3f}", f"{law.exponent:.2f}", f"{law.floor:.3f}")
            cells = [*told, "; ".join(law.notes)]
        rows.append([fit.kind, str(len(fit.points)), *cells])
    return rows


def differences(report: Report) -> list[list[str]]:
    return [
        [f"{d.second} against {d.first}", f"{d.floor:+.3f}", f"{d.exponent:+.2f}"]
        for d in report.differences
    ]


def kinds(report: Report) -> list[list[str]]:
    rows = []
    for kind in report.kinds:
        beyond = f"{kind.beyond:+.4f}" if kind.beyond else ""
        kept = f"{kind.repeatable:+.4f}"
        rows.append([kind.name, f"{kind.pairs:,}", f"{kind.gain:.4f}", beyond, kept])
    return rows


def between(report: Report) -> list[list[str]]:
    rows = []
    for row in report.between:
        losses = [f"{v:.3f}" for v in (row.oracle, row.blended, row.mean, row.best)]
        rows.append([row.name, *losses, f"{row.gap:.2f}", f"{math.log(row.members):.2f}"])
    return rows


def models(report: Report) -> list[list[str]]:
    rows = []
    for m in report.members:
        counts = (f"{m.parameters:,}", f"{m.parameters - m.embedding:,}")
        rows.append([m.name, m.family, *counts, f"{m.loss:.3f}"])
    return rows
