"""The recipes of the shipped models: all that decides their weights beside data and rounding.

One base of each architecture learns from all corpora at a steady rate. Each member is tuned from
its base on its own corpus while the rate falls, with a share of the others kept, because in a blend
it takes over conversations that another member began. A control goes on with all corpora for as
many tokens: it is what the same model would have been without a speciality.
"""

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MODELS = ROOT / "assets" / "models"
DATA = ROOT.parent / "shared" / "data"
WORK = ROOT / ".train"
"""Where the commands look for the shipped models, the dialogues, and checkpoints."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """One model. tokens: seen in this run, the base's not counted. lr: of Muon for the matrices
    between the layers and of AdamW for the rest. base: the recipe whose weights it starts from.
    """

    name: str
    arch: str
    seed: int
    tokens: int
    shares: tuple[tuple[str, float], ...]
    lr: float
    base: str | None = None
    hidden: int = 256
    layers: int = 4
    head: int = 64
    vocab: int = 3072
    batch: int = 3072
    # Short rows first: attention is cheaper and the first steps learn words, not conversations.
    rows: tuple[int, int] = (512, 1536)
    # Not shipped: what members start from or are compared with.
    internal: bool = False
    # Whether the rate falls to 0 where no base is there to start from: yes where nothing is tuned
    # from this one.
    cools: bool = False

    @property
    def steps(self) -> int:
        return max(3, self.tokens // self.batch)

    @property
    def replies_only(self) -> bool:
        """Whether only the assistant's tokens count in the loss: yes where a base is tuned."""
        return self.base is not None

    @property
    def speciality(self) -> str | None:
        """The corpus that a member is made for; None for a base or a control."""
        corpus, share = max(self.shares, key=lambda entry: entry[1])
        return corpus if share > 0.5 else None

    def row(self, step: int) -> int:
        """Length of the rows of this step: the last third is trained on the whole window."""
        return self.rows[step >= self.steps * 2 // 3]

    def rate(self, step: int) -> float:
        """Share of the learning rate: a warmup, then steady for a base, falling to 0 for others.

        A base that does not cool down is a better start than one that did; tuning is the cool-down
        (warmup-stable-decay: Hu et al., arXiv 2404.06395).
        """
        warm = min(1.0, (step + 1) / max(1, min(50, self.steps // 10)))
        steady = self.base is None and not self.cools
        return warm if steady else warm * (1 - step / self.steps)

    def folder(self, out: Path, work: Path) -> Path:
        """Where the trained model lies: a member in `out`, what is not shipped in `work`."""
        return work / self.name / "model" if self.internal else out / self.name


MIX = (("persona", 0.3), ("topical", 0.35), ("services", 0.35))


def _base(arch: str, seed: int) -> Recipe:
    rows = (512, 1024)
    return Recipe(f"base-{arch}", arch, seed, 3_500_000, MIX, 5e-3, rows=rows, internal=True)


def _tuned(name: str, arch: str, seed: int, own: str, share: float = 0.9) -> Recipe:
    others = [corpus for corpus, _ in MIX if corpus != own]
    shares = ((own, share), *((other, (1 - share) / 2) for other in others)) if own else MIX
    internal = "-" in name
    return Recipe(name, arch, seed, 1_500_000, shares, 5e-3, base=f"base-{arch}", internal=internal)


RECIPES = (
    _base("llama", 1),
    _tuned("smalltalk", "llama", 2, "persona"),
    _tuned("concierge", "llama", 3, "services"),
    _tuned("mixed", "llama", 4, ""),
    _base("qwen3", 5),
    _tuned("trivia", "qwen3", 6, "topical"),
    _tuned("mixed-qwen3", "qwen3", 7, ""),
    # What the share of the other corpora costs on the own one: the same member without it.
    _tuned("smalltalk-alone", "llama", 2, "persona", share=1.0),
)
BY_NAME = {recipe.name: recipe for recipe in RECIPES}
