"""The law's pictures as files: losses by parameters, the gain of pairs, where Blended lies."""

import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from blend.roster import PALETTE
from blend.scaling.report import ScalingReport


def drawable() -> bool:
    """Whether matplotlib is there, which the page does not need; says how to get it where not."""
    if find_spec("matplotlib"):
        return True
    print("no pictures: they need matplotlib: pip install 'matplotlib>=3.9,<4'", file=sys.stderr)
    return False


def draw(report: ScalingReport, folder: Path) -> None:
    """Write frontier.png, pairs.png and between.png."""
    from matplotlib.figure import Figure

    for name, fill in (("frontier", _frontier), ("pairs", _pairs), ("between", _between)):
        high = 0.6 + 0.28 * len(report.members) if name == "pairs" else 4.6
        canvas = Figure(figsize=(max(high + 1, 7.2), max(high, 4.2)), layout="constrained")
        fill(canvas.subplots(), report)
        canvas.savefig(folder / f"{name}.png", dpi=110)


def _frontier(axes, report: ScalingReport) -> None:
    for fit, colour, mark in zip(report.fits, PALETTE, "os^", strict=False):
        style = {"color": colour, "fmt": mark, "ms": 5, "lw": 1, "label": fit.kind}
        losses = [p.oracle for p in fit.points]
        if losses:
            reach = [[e.value - e.low for e in losses], [e.high - e.value for e in losses]]
            axes.errorbar(_millions(fit.points), [e.value for e in losses], reach, **style)
        if fit.law:
            x, y, low, high = np.array(fit.law.line).T
            axes.plot(x, y, color=colour, lw=1.5)
            axes.fill_between(x, low, high, color=colour, alpha=0.15, lw=0)
            axes.axhline(fit.law.floor.value, color=colour, lw=0.8, ls=":")
    axes.set(
        xscale="log",
        yscale="log",
        xlabel="parameters in all, millions",
        ylabel="bits per byte, per-reply minimum over the pool",
        title="Loss of the best pool, its law, and the law's floor (dotted)",
    )
    for axis, ticks in ((axes.xaxis, [0.1, 0.3, 1, 3, 10, 30]), (axes.yaxis, _ticks(report))):
        axis.set_major_formatter(lambda value, _: f"{value:g}")
        axis.set_minor_formatter(lambda value, _: "")
        axis.set_ticks(ticks)
    every = _millions([p for fit in report.fits for p in fit.points])
    axes.set_xlim(min(every) / 1.2, max(every) * 1.2)
    axes.legend(frameon=False, loc="best")


def _millions(points) -> list[float]:
    return [point.parameters / 1e6 for point in points]


def _ticks(report: ScalingReport) -> list[float]:
    """Steps of a logarithmic axis that spans less than a decade."""
    values = [p.oracle.value for fit in report.fits for p in fit.points]
    values += [fit.law.floor.value for fit in report.fits if fit.law and fit.law.floor.value > 0]
    steps = np.arange(0.05, 20, 0.05)
    inside = steps[(steps > min(values) * 0.97) & (steps < max(values) * 1.03)]
    return [round(float(s), 2) for s in inside[:: max(1, len(inside) // 8)]]


def _pairs(axes, report: ScalingReport) -> None:
    names = [m.name for m in sorted(report.members, key=lambda m: (m.family, m.parameters))]
    gains = np.full((len(names), len(names)), np.nan)
    for pair in report.pairs:
        a, b = names.index(pair.a), names.index(pair.b)
        gains[a, b] = gains[b, a] = 1000 * pair.gain
    image = axes.imshow(gains, cmap="viridis")
    axes.set_xticks(range(len(names)), names, rotation=90, fontsize=8)
    axes.set_yticks(range(len(names)), names, fontsize=8)
    axes.set_title("What two gain over the better one, bits per 1,000 bytes", fontsize=10)
    axes.figure.colorbar(image, shrink=0.8)


def _between(axes, report: ScalingReport) -> None:
    rows = report.between
    for place, row in enumerate(rows):
        axes.plot([row.oracle, row.mean], [place, place], color="#9aa0a6", lw=2, zorder=1)
    for field, label, mark, colour in (
        ("oracle", "oracle", "|", "#009e73"),
        ("blended", "Blended", "D", PALETTE[0]),
        ("best", "best single", "x", "#444444"),
        ("mean", "members' mean", "|", PALETTE[1]),
    ):
        values = [getattr(row, field) for row in rows]
        axes.scatter(values, range(len(rows)), s=60, marker=mark, color=colour, label=label)
    names = [f"pools {row.name}" if row.name.startswith("of ") else row.name for row in rows]
    axes.set_yticks(range(len(rows)), names)
    axes.set(xlabel="bits per byte", title="Where Blended lies", ylim=(len(rows) - 0.5, -0.5))
    axes.legend(frameon=False, ncols=4, loc="upper center", bbox_to_anchor=(0.5, -0.14))
