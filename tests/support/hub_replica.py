"""A replica that votes without end and says so, until it is killed: DB URL FIRST.

`voted ID` once a vote is on the disk, `pushed` once the Hub has all that was said before.
"""

import sys
import time
from contextlib import closing, suppress
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from stored import fill

from arena.db.store import Store
from arena.exchange.hub import Hub


def main(db: str, url: str, first: str) -> None:
    with closing(Store.open(db)) as store:
        hub = Hub(store, "me/votes", every=0.002, endpoint=url)
        hub.start()
        number = int(first)
        while True:
            for _ in range(3):
                (id,) = fill(store, 1, visitors=7, first=number)
                number += 1
                print("voted", id, flush=True)
            begun = time.monotonic()
            if hub.flush():
                print("pushed", flush=True)
            # Else nobody slower could commit, ever: each push is to be merged before the next one.
            time.sleep(2 * (time.monotonic() - begun))


if __name__ == "__main__":
    with suppress(BrokenPipeError):
        main(*sys.argv[1:])
