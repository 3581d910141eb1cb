"""The goal that the host set, as a line and a bar: how far the votes that count have come."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time

import gradio as gr

from arena.models import StoreError
from arena.pages.composer import QUIET
from arena.pages.language import texts_of
from arena.pages.shell import Shell
from arena.pages.templates import render
from arena.site.site import Site
from arena.texts import Texts
from blend.roster.site.goal import Goal


def place_goal(site: Site, shell: Shell) -> gr.HTML | None:
    """The goal where this is called, filled when the page is loaded; None where there is none."""
    if site.roster.goal is None:
        return None
    shown = gr.HTML(elem_classes="goal", padding=False)
    shell.load(_shower(site), None, shown, **QUIET)
    return shown


def renew_goal(site: Site, shown: gr.HTML | None, after: gr.events.Dependency) -> None:
    """Show the goal anew after an event, on a page that has one."""
    if shown is not None:
        after.then(_shower(site), None, shown, **QUIET)


def _shower(site: Site) -> Callable[[gr.Request], str]:
    def show(request: gr.Request) -> str:
        return current_goal(site, texts_of(request))

    return show


def current_goal(site: Site, texts: Texts) -> str:
    """The goal as of now, as HTML; empty where there is none, or where it cannot be read."""
    goal = site.roster.goal
    if goal is None:
        return ""
    try:
        counted = site.store.votes.count_by_validity()["yes"]
    except StoreError:
        return ""
    today = datetime.fromtimestamp(site.store.database.clock(), UTC).date()
    return render(
        "goal.html",
        texts,
        line=goal_line(goal, counted, today, texts),
        most=goal.votes,
        value=min(counted, goal.votes),
    )


def goal_line(goal: Goal, counted: int, today: date, texts: Texts) -> str:
    """The goal in words: under way, reached, or overdue from the day after its last one on."""
    if counted >= goal.votes:
        return texts("goal.reached", n=goal.votes, counted=counted)
    if goal.until is None:
        return texts("goal.open", n=goal.votes, counted=counted)
    day = texts.date(datetime.combine(goal.until, time(), UTC).timestamp())
    name = "goal.overdue" if today > goal.until else "goal.open_until"
    return texts(name, n=goal.votes, counted=counted, day=day)
