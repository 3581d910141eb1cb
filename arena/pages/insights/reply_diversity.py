"""How different the members' replies are, from the arena's own battles."""

from arena.experiment.cohort import MIN_VISITORS
from arena.pages import figures
from arena.pages.insights.section import SectionContent, SectionTable, StateCache, TooEarly
from arena.site.site import Site
from arena.texts import ENGLISH, Texts
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

    def differences(self, texts: Texts = ENGLISH) -> SectionContent:
        """How far two members' replies to one message differ."""
        visitors, pairs = self.pairs()
        if visitors < MIN_VISITORS:
            raise TooEarly("first_replies", few=MIN_VISITORS)
        if not pairs:
            raise TooEarly("same_message", few=MIN_BATTLES)
        rows = [(texts.listed((pair.a, pair.b)), pair) for pair in pairs]
        name, most = rows[0]
        beyond = [(name, pair.beyond) for name, pair in rows]
        axis = texts("insights.replies.axis")
        table = SectionTable(
            [texts(f"insights.replies.head_{head}") for head in ("pair", "differ", "beyond")],
            [
                (name, _interval(pair.between, texts), _interval(pair.beyond, texts))
                for name, pair in rows
            ],
        )
        return SectionContent(
            texts("insights.replies.sentence", pair=name, by=_interval(most.beyond, texts)),
            figures.interval_figure(beyond, {}, axis, texts),
            table,
        )


def _interval(of: Estimate, texts: Texts) -> str:
    return texts("insights.replies.interval", value=of.value, low=of.low, high=of.high)
