"""The board as a file for other programs: the table as CSV, everything as JSON."""

import json
import time
from dataclasses import asdict
from datetime import UTC, datetime

from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from arena.csv_cells import BYTE_ORDER_MARK, csv_lines
from arena.models import JUDGED, StoreError
from arena.ranking.board.leaderboard import (
    Leaderboard,
    LeaderboardQuery,
    board_sensitivity,
    leaderboard_rows,
)
from arena.ranking.board.reasons import reason_record
from arena.ranking.format import as_json
from arena.ranking.sensitivity.analysis import Sensitivity
from arena.ranking.sensitivity.format import sensitivity_json
from arena.site.site import Site

KINDS = {"csv": "text/csv; charset=utf-8", "json": "application/json"}


def routes(site: Site) -> list[Route]:
    """/leaderboard.csv and /leaderboard.json, with by, part, style and source as on the page; and
    with sensitivity=1 in the second what other models make of the same votes."""

    async def table(request: Request) -> Response:
        kind, query = request.url.path.rpartition(".")[2], request.query_params
        wish = {key: query.get(key, "") for key in ("source", "by", "part")}
        style, other = (query.get(name, "") in ("1", "true") for name in ("style", "sensitivity"))
        asked = LeaderboardQuery(**wish, style=style)
        try:
            shown = await site.boards.board(asked, site.contenders.ids)
            found = None
            if other and kind == "json":
                found = await site.boards.derive(shown, "sensitivity", board_sensitivity)
        except ValueError as error:
            return PlainTextResponse(f"{error}\n", status_code=400)
        except StoreError:
            return PlainTextResponse("The votes cannot be read just now.\n", status_code=503)
        text = as_csv(shown) if kind == "csv" else as_text(shown, time.time(), found)
        return Response(text, media_type=KINDS[kind])

    return [Route(f"/leaderboard.{kind}", table) for kind in KINDS]


def as_csv(shown: Leaderboard) -> str:
    """The rows of the table, each with the slice, the source and how often it was drawn.

    For spreadsheets too: marked as UTF-8, and no name is taken for a formula. The reasons for votes
    stand in one cell, as JSON.
    """
    records = [
        row | {"reasons": row["reasons"] and json.dumps(row["reasons"])}
        for row in leaderboard_rows(shown)
    ]
    lines = csv_lines([*records[0]], records) if records else ()
    return "".join([BYTE_ORDER_MARK, *lines])


def as_text(shown: Leaderboard, now: float, found: Sensitivity | None = None) -> str:
    """All that the page shows, as JSON; with what each contender is and how often it was drawn.

    now: seconds since 1970. found: what other models make of the votes, where that is wished. What
    is not known is null.
    """
    values = as_json(shown.standing, shown.data.source, shown.counted, shown.data.excluded)
    values |= {
        "as_of": datetime.fromtimestamp(now, UTC).isoformat(timespec="seconds"),
        "asked": asdict(shown.query),
        "profiles": [
            {
                "id": each.id,
                "name": each.name,
                "is": each.sentence(),
                "up": each.up,
                "retired": each.retired,
                "drawn": {"all": each.exposure.drawn, **asdict(each.exposure)},
                "config": dict(each.config),
                "reasons": reason_record(shown.reasons.get(each.id)),
            }
            for each in shown.profiles
        ],
        "elo": asdict(shown.elo),
    }
    if shown.judges:
        values[JUDGED] = shown.judges.record()
    if found:
        values |= sensitivity_json(found, shown.standing.retired)
    return to_json(values, indent=1, inf_nan_mode="null").decode()
