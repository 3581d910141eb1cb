"""The card of a data set: what it holds, what it leaves out, how votes were judged, its limits."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from huggingface_hub import DatasetCardData

from arena.exchange.datasets.forms import FORMS, DatasetRequest, FormReport, form_of
from arena.models import Source
from arena.plural import many
from arena.votes.rules import CODES, explain

SIZES = {10**3: "n<1K", 10**4: "1K<n<10K", 10**5: "10K<n<100K", 10**6: "100K<n<1M"}
LARGER = "1M<n<10M"
"""Size categories of the Hub: rows under each number."""

USES = {
    "trl": "Preference pairs, for TRL's `DPOTrainer` and others that read `prompt`, `chosen`,"
    " `rejected`",
    "kto": "Single replies with a label, for TRL's `KTOTrainer`",
    "reward": "Preference pairs with a margin, for TRL's `RewardTrainer`",
    "arena": "Battles in the columns of arena-human-preference-140k, for arena-rank and evalica",
}

INTRODUCTION = {
    "own": "A visitor sends one message to two contenders whose names are hidden, reads both"
    " replies, may go on, and votes: the left one is better, the right one is better, a tie, or"
    " both are bad. Only then the names are shown. A contender is one model, or a blend: several"
    " models that take turns in one conversation. Made with Blended Arena.",
    "imported": "Votes of other arenas, as Blended Arena imported them. How they were judged, and"
    " who may use them, is for those arenas to say.",
    "judged": "**Votes of models, not of people.** Models played these battles, and models judged"
    " them, each pair in both orders; where the orders disagree it is a tie. Made with Blended"
    " Arena.",
    "simulated": "**SIMULATED votes.** A program made them up, to try out what reads such files."
    " They say nothing of any model. Made with Blended Arena.",
}


def dataset_card(
    wanted: DatasetRequest,
    reports: Sequence[FormReport],
    rules: Mapping[str, int],
    uncounted: Mapping[str, int],
    remarks: Iterable[str],
) -> str:
    """README.md of the folder. rules, uncounted: how many votes each version of the rules has
    decided on, and how many do not count, by the reason's codes. remarks: paragraphs of who
    publishes it."""
    parts = [
        f"---\n{_front_matter(wanted, reports)}\n---",
        "# Votes of a blind arena",
        INTRODUCTION[wanted.source],
        *_files(reports, wanted.source),
        *_counts(reports, uncounted),
        *(() if wanted.source in ("imported", "judged") else _judging(rules)),
        *_privacy(wanted),
        *remarks,
        *_limits(wanted),
    ]
    return "\n\n".join(parts) + "\n"


def _front_matter(wanted: DatasetRequest, reports: Sequence[FormReport]) -> str:
    rows = sum(report.rows for report in reports)
    size = next((name for most, name in SIZES.items() if rows < most), LARGER)
    spoken = {code for report in reports for code in report.languages}
    configs = [
        {
            "config_name": report.form,
            "data_files": [{"split": "train", "path": f"{report.form}.parquet"}],
        }
        for report in reports
    ]
    configs[0]["default"] = True
    made_up = [wanted.source] if wanted.source in ("simulated", "judged") else []
    feedback = ["human-feedback"] if wanted.source != "judged" else []
    return DatasetCardData(
        language=sorted(spoken - {"und"}) or None,
        license=wanted.license or None,
        pretty_name="Votes of a blind arena",
        size_categories=[size],
        task_categories=["text-generation"],
        tags=["preference", *feedback, "arena", "blended-arena", *made_up],
        configs=configs,
    ).to_yaml()


def _files(reports: Sequence[FormReport], source: Source) -> Iterator[str]:
    yield "## Files"
    yield (
        "Each form is there as Parquet and as JSON Lines with the same rows, the oldest vote first."
        ' `datasets.load_dataset("parquet", data_files="FORM.parquet")` loads one, and so do'
        " pandas and Polars."
    )
    yield markdown_table(
        ("form", "rows", "for"),
        [(f"`{each.form}`", f"{each.rows:,}", USES[each.form]) for each in reports],
    )
    for report in reports:
        yield f"Columns of `{report.form}`:"
        columns = form_of(report.form, source).columns.items()
        yield markdown_table(
            ("column", "what it is"), [(f"`{name}`", what) for name, what in columns]
        )


def _counts(reports: Sequence[FormReport], uncounted: Mapping[str, int]) -> Iterator[str]:
    yield "## What is in it, and what is left out"
    yield (
        "Only votes that count are in any form. "
        + (_sentence_of_uncounted(uncounted) if uncounted else "There is none that does not.")
    )
    for report in reports:
        seen = [many(report.votes, "vote")]
        seen += [many(report.thumbs, "thumb")] if FORMS[report.form].thumbs else []
        wordless = report.wordless and not FORMS[report.form].words
        yield f"`{report.form}` has {many(report.rows, 'row')} of {' and '.join(seen)}." + (
            f" Of these, {many(report.wordless, 'vote')} came without words." if wordless else ""
        )
        if report.left_out:
            reasons = [(why, f"{n:,}") for why, n in report.left_out.items()]
            yield markdown_table(("left out because", "judgements"), reasons)


def _sentence_of_uncounted(uncounted: Mapping[str, int]) -> str:
    """How many votes do not count, and a table of why."""
    reasons = [(explain(codes) or codes, f"{n:,}") for codes, n in uncounted.items()]
    total = many(sum(uncounted.values()), "vote")
    return f"Not in it, since it does not count: {total}.\n\n" + markdown_table(
        ("why", "votes"), reasons
    )


def _judging(rules: Mapping[str, int]) -> Iterator[str]:
    yield "## How votes were judged"
    yield (
        "Names stay hidden until the vote, each battle has one vote, and rules decide whether it"
        " counts. What is not known of a vote is never held against it. A vote does not count for"
        " one of these reasons:"
    )
    yield "\n".join(f"- {explain(code)}" for code in CODES)
    versions = [(version or "unknown", f"{n:,}") for version, n in rules.items()]
    yield markdown_table(
        ("version of the rules", "votes it decided on"), versions or [("none", "0")]
    )


def _privacy(wanted: DatasetRequest) -> Iterator[str]:
    yield "## People"
    who = (
        "Visitors have their own ids in it."
        if wanted.shown.key is None
        else "Where a visitor is in it, a pseudonym stands for them (a keyed hash): it joins their"
        " votes and does not lead back to them."
    )
    as_written = "What visitors wrote is in it as they wrote it."
    words = (
        f"{wanted.screening or as_written} It can name people, and it can be false or hurtful."
        if wanted.shown.texts
        else "No message and no reply is in it."
    )
    yield f"{who} {words}"


def _limits(wanted: DatasetRequest) -> Iterator[str]:
    yield "## Known limits"
    limits = [
        "A vote is on both conversations as a whole, not on each reply in them.",
        "A contender that is a blend is several models: who wrote which reply is not in these"
        " forms.",
    ]
    if wanted.source == "own":
        limits += [
            "Whoever came to the site voted. They are no sample of all people, and some voted"
            " often.",
            "Which pairs met, and how often, followed the site's settings; not every pair met"
            " equally often.",
        ]
    if "trl" in wanted.forms or "reward" in wanted.forms:
        limits += [
            "The two sides of a battle answer the same messages, each in its own conversation."
            " After the first reply their contexts differ, so a pair of last replies has no common"
            f" prompt. {_parted(wanted)}",
            "A tie is two rows, in which each side wins once."
            if wanted.both_ways
            else "Ties are left out.",
        ]
    if "reward" in wanted.forms:
        limits.append(
            "`margin` is made of the ratings of all votes that count, those of the row included."
        )
    if "kto" in wanted.forms:
        limits.append("In `kto` the label of a whole conversation goes to its last reply.")
    if "arena" in wanted.forms:
        limits.append(
            "arena-rank takes `both_bad` as half a win for each side; the site's own board leaves"
            " such votes out of the ratings."
        )
    if not wanted.license:
        limits.append("No license is named: ask who publishes it before you use it.")
    yield "\n".join(f"- {limit}" for limit in limits)


def _parted(wanted: DatasetRequest) -> str:
    """What becomes of battles in which the sides had parted."""
    whole = "`prompt` is what both share, and all that followed is in `chosen` and `rejected`"
    if wanted.whole or "trl" not in wanted.forms:
        return f"{whole}, with the visitor's later messages."
    out = "`trl` leaves such battles out, and its prompts are whole contexts."
    return out + (f" In `reward` {whole}." if "reward" in wanted.forms else "")


def markdown_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in lines)
