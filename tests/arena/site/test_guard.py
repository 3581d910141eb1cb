"""The guard: rates by visitor and by address, claims of accounts, and the login for votes."""

import asyncio

import pytest

from arena.models import Refused
from arena.site.guard import Guard, RateLimited
from arena.site.identity import AddressHasher
from blend.roster.settings import Settings

SEAL = AddressHasher("key")
MINE = SEAL.account("1234")


def guard(**told) -> Guard:
    return Guard(Settings().with_values(told, "flag"), SEAL)


def admit(guard: Guard, visitor: str | None, address: str | None = None, *texts: str) -> None:
    asyncio.run(guard.check_message(visitor, address, *texts))


def test_one_visitor_has_a_rate():
    tight = guard(messages_per_minute=2)
    for _ in range(2):
        admit(tight, "v")
    with pytest.raises(RateLimited, match=r"You have sent 2 messages within a minute: wait \d+ s"):
        admit(tight, "v")
    admit(tight, "w")


def test_one_address_has_a_rate_under_any_number_of_ids():
    tight = guard(address_messages_per_minute=2)
    for visitor in ("a", "b"):
        admit(tight, visitor, SEAL("8.8.8.8"))
    with pytest.raises(RateLimited, match="You and your network have sent 2"):
        admit(tight, "c", SEAL("8.8.8.8"))
    admit(tight, "c", SEAL("8.8.4.4"))


@pytest.mark.parametrize("home", ["127.0.0.1", "::1"])
def test_the_hosts_own_machine_is_not_counted_as_one_address(home):
    tight = guard(address_messages_per_minute=1)
    for visitor in "abc":
        admit(tight, visitor, SEAL(home))


def test_an_account_can_be_claimed_by_its_login_only():
    open_to = guard()
    open_to.check_account("a browser's id", None)
    open_to.check_account(MINE, MINE)
    for other in (None, SEAL.account("9")):
        with pytest.raises(Refused, match="Your login has ended"):
            open_to.check_account(MINE, other)


def test_a_vote_may_need_a_login():
    guard().check_vote("a browser's id", None)
    strict = guard(login_to_vote=True)
    with pytest.raises(Refused, match="Voting here needs a login"):
        strict.check_vote("a browser's id", None)
    strict.check_vote(MINE, MINE)


def test_an_accounts_id_is_the_same_in_every_browser_and_tells_nothing():
    assert SEAL.account("1234") == MINE != AddressHasher("other").account("1234")
    assert MINE.startswith("account-") and "1234" not in MINE.removeprefix("account-")
