"""How long a start takes on an empty disk.

`python tests/support/hub_start.py 100000` makes so many votes,
pushes them to the stand-in of the Hub, and starts another replica."""

import os
import sys
import time
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ |= {"HF_TOKEN": "hf_test", "HF_HUB_OFFLINE": "0", "HF_HUB_DISABLE_TELEMETRY": "1"}
sys.path.insert(0, str(Path(__file__).parents[2]))

from fake_hub import Server
from stored import filled

from arena.db.database import Database
from arena.db.introspection import tables
from arena.db.store import Store
from arena.exchange.hub import Hub

KEYS = ("id", "visitor", "conversation", "left_conversation", "right_conversation", "battle")
FEW = 1_000


def multiply(path: Path, times: int) -> None:
    """Each row of the database so many times, under other ids; contenders stay."""
    with closing(Database.open(path)) as file, file.transaction():
        file.connection.execute("PRAGMA defer_foreign_keys = ON")
        for name, columns, _ in tables(file).values():
            if name != "contenders":
                new = ", ".join(f"{c} || '-' || ?" if c in KEYS else f'"{c}"' for c in columns)
                last = file.query_one(f"SELECT max(rowid) FROM {name}")[0]
                for n in range(1, times):
                    values = (n,) * sum(c in KEYS for c in columns)
                    file.execute(
                        f"INSERT INTO {name} SELECT {new} FROM {name} WHERE rowid <= {last or 0}",
                        values,
                    )


def main(votes: int) -> None:
    with TemporaryDirectory() as folder, Server() as server:
        first = filled(Path(folder, "a.db"), FEW, visitors=FEW // 10)
        multiply(first, votes // FEW)
        megabytes = first.stat().st_size / 2**20
        for path, doing in ((first, "pushed"), (Path(folder, "b.db"), "back")):
            with closing(Store.open(path)) as store:
                hub, begun = Hub(store, "me/votes", every=60, endpoint=server.url), time.monotonic()
                hub.start(patience=600)
                took = f"{doing} in {time.monotonic() - begun:.1f} s. {hub.status()}"
                print(
                    f"{store.votes.counts().votes:,} votes, {megabytes:.0f} MB: {took}", flush=True
                )
                hub.close()


if __name__ == "__main__":
    main(int(sys.argv[1]))
