"""The hand-off matrix as a picture: a cell a pair, what its hand-off costs."""

from pathlib import Path

import numpy as np

from blend.scaling.handoff.report import PEOPLE, HandoffReport


def draw(report: HandoffReport, path: Path) -> None:
    """Write the heat map. What is found is bold; the diagonal, where nobody hands off, is grey."""
    from matplotlib.figure import Figure

    later, earlier = report.members, (*report.members, PEOPLE)
    drift = np.full((len(earlier), len(later)), np.nan)
    for cell in report.cells:
        if cell.drift:
            drift[earlier.index(cell.earlier), later.index(cell.later)] = cell.drift.value
    size = 2.6 + 1.25 * len(later), 1.9 + 0.62 * len(earlier)
    axes = Figure(figsize=(max(size[0], 5.6), size[1]), layout="constrained").subplots()
    most = np.nanmax(np.abs(drift)) or 1.0
    axes.set_facecolor("#e3e3e3")
    image = axes.imshow(drift, cmap="RdBu_r", vmin=-most, vmax=most, aspect="auto")
    for cell in report.cells:
        place = later.index(cell.later), earlier.index(cell.earlier)
        if cell.drift is None:
            axes.text(*place, "own", ha="center", va="center", color="#555555", fontsize=9)
            continue
        dark = abs(cell.drift.value) > 0.6 * most
        words = f"{cell.drift.value:+.3f}\n{cell.drift.low:+.3f} to {cell.drift.high:+.3f}"
        style = {"color": "white" if dark else "black", "fontsize": 8}
        weight = "bold" if cell.found else "normal"
        axes.text(*place, words, ha="center", va="center", weight=weight, **style)
    axes.set_xticks(range(len(later)), later)
    axes.set_yticks(range(len(earlier)), earlier)
    axes.set_xlabel("who goes on")
    axes.set_ylabel("who wrote the earlier replies")
    axes.set_title("What a hand-off costs: bits per byte more than after own replies", fontsize=10)
    axes.figure.colorbar(image, shrink=0.9)
    axes.figure.savefig(path, dpi=110)
