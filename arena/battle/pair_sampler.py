"""Whom a site lets meet next: its roster's policy, on the votes that count so far."""

from arena.ranking.ballots import PairCounts
from arena.ranking.pairing import Pairing, draw, pair_probabilities
from arena.site.site import Site


def draw_pair(site: Site) -> Pairing:
    """Two contenders that are up, by name. Blocks while the counts of votes are read."""
    roster, policy = site.roster, site.settings.pairing
    if policy == "focus":
        others = [*roster.singles, *(part.name for part in roster.parts)]
    else:
        others = [spec.name for spec in roster.contenders if spec.name != roster.focus]
    counts = _own_votes(site) if policy == "adaptive" else None
    return draw(pair_probabilities(policy, roster.focus, others, counts), policy, site.rng)


def _own_votes(site: Site) -> PairCounts:
    """This site's own votes between contenders that are up."""
    names = {id: name for name, id in site.contenders.ids.items()}
    return PairCounts.of(
        (names[left], names[right], choice, n)
        for left, right, choice, n in site.store.votes.counts("own").outcomes
        if left in names and right in names
    )
