"""The repository of the votes on the stand-in of the Hub, and a process that ends at once."""

from fake_hub import Server

from arena.exchange.hub import Hub

NAME = "me/votes"


def kept(server: Server) -> list[str]:
    return [path for path in server.repos[NAME].files if path.startswith(("events/", "snapshots/"))]


def killed(hub: Hub) -> None:
    """As if its process had ended at once: there is no last push."""
    hub.stop()
