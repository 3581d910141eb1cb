"""How different the members' replies are, from the arena's own battles."""

from arena.experiment.cohort import MIN_VISITORS
from arena.pages import figures
from arena.pages.insights.section import SectionContent, SectionTable, StateCache, TooEarly
from arena.site.site import Site
from blend.evaluation.diversity import MIN_BATTLES, MemberDistance, battle_distances
from blend.evaluation.resample import Estimate


class ReplyDiversity:
    """The section over one site; computed once for each state of its battles."""

    def __init__(self, site: Site):
        self._store = site.store
        self.pairs = StateCache(site.store.votes.version, lambda _: self._pairs())

    def _pairs(self) -> tuple[int, tuple[MemberDistance, ...]]:
        visitors, replies = self._store.usage.first_replies()
        return visitors, battle_distances(replies) if visitors >= MIN_VISITORS else ()

    def differences(self) -> SectionContent:
        """How far two members' replies to one message differ."""
        visitors, pairs = self.pairs()
        if visitors < MIN_VISITORS:
            raise TooEarly("first_replies", few=MIN_VISITORS)
        if not pairs:
            raise TooEarly("same_message", few=MIN_BATTLES)
        rows = [(f"{pair.a} and {pair.b}", pair) for pair in pairs]
        name, most = rows[0]
        figure = figures.interval_figure(
            [(name, pair.beyond) for name, pair in rows], {}, "1 - self-BLEU, beyond chance"
        )
        table = SectionTable(
            ("MemberDistance", "Differ by", "Beyond chance"),
            [(name, _interval(pair.between), _interval(pair.beyond)) for name, pair in rows],
        )
        return SectionContent(
            f"Most different are {name}: their replies to one message differ by "
            f"{_interval(most.beyond)} more than two replies of one of them, on a scale of 0 to 1.",
            figure,
            table,
        )


def _interval(of: Estimate) -> str:
    return f"{of.value:.2f} [{of.low:.2f}, {of.high:.2f}]"
