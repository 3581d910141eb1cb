"""Who meets next: by the roster's policy, on the votes that count so far, or as a visitor chose."""

from collections.abc import Sequence

from arena.models import Refused
from arena.ranking.ballots import PairCounts
from arena.ranking.pairing import Pairing, draw, pair_probabilities
from arena.site.site import Site

CHOSEN = "chosen"
"""The policy that is noted of a pair that a visitor chose; its chance is not known."""


def draw_pair(site: Site) -> Pairing:
    """Two contenders that are up, by name. Blocks while the counts of votes are read.

    Whom the host has retired is not drawn, unless nobody else is left for the
    focus, which always is.
    """
    roster, policy = site.roster, site.settings.pairing
    if policy == "focus":
        others = [*roster.singles, *(part.name for part in roster.parts)]
    else:
        others = [spec.name for spec in roster.contenders if spec.name != roster.focus]
    retired = site.store.contenders.retired()
    ids = site.contenders.ids
    others = [name for name in others if ids.get(name) not in retired] or others
    counts = _own_votes(site) if policy == "adaptive" else None
    return draw(pair_probabilities(policy, roster.focus, others, counts), policy, site.rng)


def chosen_pair(site: Site, names: Sequence[str]) -> Pairing:
    """These two, left and right. Raises Refused where they are not two contenders that are up.

    names: as a browser sent them.
    """
    if len(names) != 2 or not all(isinstance(name, str) and name for name in names):
        raise Refused("refusals.choose_two")
    for name in names:
        if name not in site.contenders.ids:
            raise Refused("refusals.no_contender", name=name[:100])
    left, right = names
    if left == right:
        raise Refused("refusals.choose_different")
    return Pairing(left, right, None, CHOSEN)


def _own_votes(site: Site) -> PairCounts:
    """This site's own votes between contenders that are up."""
    names = {id: name for name, id in site.contenders.ids.items()}
    return PairCounts.of(
        (names[left], names[right], choice, n)
        for left, right, choice, n in site.store.votes.counts("own").outcomes
        if left in names and right in names
    )
