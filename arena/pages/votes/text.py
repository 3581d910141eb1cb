"""A visitor's own votes in words: how many, why some do not count, how far they agree."""

from html import escape

from arena.db.repositories.votes.visitor_votes import MANY, VoteTally
from arena.pages.votes.standing import OwnVotes, Standing
from arena.ranking.personal.ranking import ENOUGH
from arena.texts import Texts

LEVEL = {"level": 0.95}
"""How sure an interval is."""


def headline(own: OwnVotes, texts: Texts) -> str:
    """How many votes there are."""
    return texts("votes.given", n=own.votes) if own.votes else texts("votes.empty")


def counted_line(own: OwnVotes, texts: Texts) -> str:
    """How many of them count, and how far it is to an own ranking."""
    if not own.votes:
        return texts("votes.invitation", n=ENOUGH)
    if own.counted == own.votes:
        sentences = [texts("votes.counted_all")] if own.votes > 1 else [texts("votes.counted_one")]
    elif own.counted:
        sentences = [texts("votes.counted_some", n=own.counted)]
    else:
        sentences = [texts("votes.counted_none")]
    if own.counts.took_part("both_bad").any():
        sentences.append(texts("votes.both_bad"))
    if own.missing:
        sentences.append(texts("votes.more", n=own.missing))
    return " ".join(sentences)


def reasons(own: OwnVotes, texts: Texts) -> list[tuple[int, str]]:
    """Why votes do not count, each with how many, the commonest first."""
    ordered = sorted(own.why.items(), key=lambda each: (-each[1], each[0]))
    return [(n, reason(code, texts)) for code, n in ordered]


def reason(code: str, texts: Texts) -> str:
    """Why a vote does not count, for who gave it; a code that nobody knows any more as it is."""
    return texts.named(f"votes.why.{code}", code)


def agreement_lines(place: Standing, texts: Texts) -> list[str]:
    """How often the visitor chose as the others would have, and whom they rate otherwise."""
    if not place.others:
        return [texts("votes.alone")]
    found, lines = place.agreement, []
    if found.enough:
        shares = {"share": found.agreed / found.foretold, "low": found.low, "high": found.high}
        written = {key: texts.percent(value) for key, value in (shares | LEVEL).items()}
        lines.append(texts("votes.agree", agreed=found.agreed, n=found.foretold, **written))
    for name, sign in (("votes.rate_higher", 1), ("votes.rate_lower", -1)):
        whom = [contender for contender, taste in found.tastes.items() if taste == sign]
        if whom:
            lines.append(texts(name, names=texts.listed(sorted(whom))))
    if not any(found.tastes.values()):
        lines.append(texts("votes.taste_few" if found.enough else "votes.agree_few"))
    return lines


def vote_line(tally: VoteTally | None, texts: Texts) -> str:
    """What stands under the names after a vote, as HTML: which one it was, what it leads to."""
    if tally is None:
        return ""
    many, missing = tally.votes >= MANY, ENOUGH - tally.compared
    this = texts("votes.this_many") if many else texts("votes.this", n=tally.votes)
    link = texts("votes.next", n=missing) if missing > 0 else texts("votes.see")
    return f'<p class="next">{escape(this)} <a href="votes">{escape(link)}</a></p>'
