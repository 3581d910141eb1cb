"""A picture of a benchmark: tokens a second by conversations, and the wait for turn 10."""

from pathlib import Path
from statistics import median

from blend.bench.plan import BESIDE
from blend.bench.probe import SCENES, BenchError
from blend.bench.report import Report
from blend.roster import PALETTE

ENDS = (".png", ".svg", ".pdf")


def check(path: Path) -> None:
    """Raise BenchError, before anything is measured, where the picture could not be drawn."""
    from importlib.util import find_spec

    if path.suffix not in ENDS:
        raise BenchError(f"--picture {path}: give a file that ends in {', '.join(ENDS)}")
    if find_spec("matplotlib") is None:
        raise BenchError("a picture needs matplotlib: pip install 'matplotlib>=3.10,<4'")


def draw(report: Report, title: str, path: Path) -> None:
    """Write the picture, its kind by the ending of the path."""
    from matplotlib.figure import Figure as Canvas

    canvas = Canvas(figsize=(10, 4.2), layout="constrained")
    left, right = canvas.subplots(1, 2)
    subjects = [*filter(None, [report.blend]), *report.members]
    colours = dict(zip(subjects, PALETTE, strict=False))
    _rates(left, report, colours)
    _waits(right, report, colours)
    canvas.suptitle(title, fontsize=10)
    canvas.savefig(path, dpi=150)


def _rates(axes, report: Report, colours: dict[str, str]) -> None:
    highest = 0.0
    for subject, colour in colours.items():
        points: dict[int, list[float]] = {}
        for figure in report.figures:
            what, _, size = figure.measure.partition(" ")
            if (figure.subject, what) == (subject, "tokens/s") and size.isdigit():
                points.setdefault(int(size), []).append(figure.value)
        if points:
            sizes = sorted(points)
            middles = [median(points[n]) for n in sizes]
            low = [m - min(points[n]) for m, n in zip(middles, sizes, strict=True)]
            high = [max(points[n]) - m for m, n in zip(middles, sizes, strict=True)]
            axes.errorbar(
                sizes, middles, [low, high], color=colour, label=subject, marker="o", capsize=3
            )
            highest = max(highest, *middles)
    axes.set(xlabel="conversations at once", ylabel="tokens a second", ylim=(0, highest * 1.25))
    axes.set_xscale("log", base=2)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.legend(frameon=False)


def _waits(axes, report: Report, colours: dict[str, str]) -> None:
    """Bars: the first token of turn 10, alone and beside live conversations."""
    scenes = [f"{scene}{beside}" for beside in ("", f" +{BESIDE}") for scene in SCENES[1:]]
    width = 0.8 / len(colours)
    for place, (subject, colour) in enumerate(colours.items()):
        heights = []
        for scene in scenes:
            own = (subject, f"first {scene}")
            seen = [f.value for f in report.figures if (f.subject, f.measure) == own]
            heights.append(1000 * median(seen) if seen else 0.0)
        at = [n + width * (place - (len(colours) - 1) / 2) for n in range(len(scenes))]
        axes.bar(at, heights, width, color=colour)
    axes.set_xticks(range(len(scenes)), [scene.replace(" ", "\n") for scene in scenes])
    axes.set(ylabel="ms to the first token of turn 10")
