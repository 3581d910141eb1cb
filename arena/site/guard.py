"""The guard: what a message must pass before anything is drawn or stored for it."""

from arena.models import Refused
from arena.site.identity import ACCOUNT, AddressHasher
from arena.site.limiter import SlidingWindow
from arena.site.moderation import UNCHECKED, Moderation
from blend.roster.settings import Settings


class RateLimited(Refused):
    """More messages within a minute than a visitor or an address may send. seconds: to wait."""

    def __init__(self, name: str, limit: int, seconds: int):
        super().__init__(name, n=limit, seconds=seconds)
        self.seconds = seconds


class Guard:
    """Rate limits, moderation and the login, over one site."""

    def __init__(self, settings: Settings, hasher: AddressHasher):
        self.moderation = Moderation.named(settings.moderation)
        self.login_to_vote = settings.login_to_vote
        self._visitors = SlidingWindow(settings.messages_per_minute)
        self._addresses = SlidingWindow(settings.address_messages_per_minute)
        self._home = {hasher("127.0.0.1"), hasher("::1")}

    async def check_message(self, visitor: str | None, address: str | None, *texts: str) -> None:
        """Let a message with its texts in. Raises Refused; then it was not sent.

        address: hashed. A message that is refused for its texts counts against the rates as well.
        """
        for window, key, name in (
            (self._visitors, visitor, "refusals.too_many"),
            (self._addresses, self.client_key(address), "refusals.too_many_here"),
        ):
            if wait := window.enter(key):
                raise RateLimited(name, window.limit, wait)
        for text in texts:
            if refusal := await self.moderation.refusal(text, "user"):
                if refusal == UNCHECKED["user"]:
                    raise Refused("refusals.unchecked")
                raise Refused("refusals.by_the_host", text=refusal)

    def client_key(self, address: str | None) -> str | None:
        """The address, where it is one caller's; None for the host's own machine: what runs there,
        a load test say, stands for many."""
        return None if address in self._home else address

    def check_account(self, visitor: str, account: str | None) -> None:
        """Raise Refused where the visitor claims an account that is not theirs.

        account: that of the login behind the request. A browser's own id is a claim, too, but a
        random one; an account's id is the same in every browser that was ever logged in.
        """
        if visitor.startswith(ACCOUNT) and visitor != account:
            raise Refused("refusals.login_ended")

    def needs_login(self, account: str | None) -> bool:
        """Whether a visitor with this account (None: without a login) must log in to vote."""
        return self.login_to_vote and account is None

    def check_vote(self, visitor: str, account: str | None) -> None:
        """Raise Refused where the visitor may not vote as they are."""
        self.check_account(visitor, account)
        if self.needs_login(account):
            raise Refused("refusals.login_to_vote")
