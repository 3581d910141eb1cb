"""/votes.json: a visitor's own votes, for who has their id."""

import asyncio
import logging

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from arena.battle.vote_records import vote_records
from arena.models import Refused, StoreError
from arena.site.identity import account_id, is_visitor_id
from arena.site.site import Site

log = logging.getLogger(__name__)

WHO = "send your visitor's id, as the About page shows it: Authorization: Bearer ID"


def routes(site: Site) -> list[Route]:
    """The route. The id goes in a header: addresses end up in logs."""

    async def votes(request: Request) -> Response:
        scheme, _, visitor = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not is_visitor_id(visitor := visitor.strip()):
            return _answer({"error": WHO}, 401)
        login, erased = request.scope.get("session", {}), site.store.erasure.is_erased
        try:
            site.guard.check_account(visitor, account_id(login, site.hasher.account, erased))
            return _answer(await asyncio.to_thread(vote_records, site.store, visitor), 200)
        except Refused as refusal:
            return _answer({"error": str(refusal)}, 403)
        except StoreError as error:
            log.error("%s", error)
            return _answer({"error": "The votes cannot be read just now."}, 503)

    return [Route("/votes.json", votes, methods=["GET"])]


def _answer(body: dict[str, object], status: int) -> JSONResponse:
    return JSONResponse(body, status, {"cache-control": "no-store"})
