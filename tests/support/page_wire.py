"""A visitor of the page without a browser: raw HTTP."""

import json
import time
import urllib.error
import urllib.request
from itertools import zip_longest


class Wire:
    """A visitor without a browser: raw HTTP, as somebody would try who reads the page's config.

    query: of the page's address, which comes with every event.
    """

    def __init__(self, url: str, cookie: str = "", query: str = ""):
        self.url, self.query = url, query
        self._cookie = {"Cookie": cookie} if cookie else {}
        self.session, self.given = f"s{time.time_ns():x}", {}
        with urllib.request.urlopen(f"{url}/config", timeout=60) as answer:
            self.config = json.load(answer)

    def event(self, elem_id: str, kind: str) -> dict:
        """The dependency behind an event of the component with that id; where the browser acts
        alone first, the one that follows."""
        component = next(
            c["id"] for c in self.config["components"] if c["props"].get("elem_id") == elem_id
        )
        every = self.config["dependencies"]
        own = [d for d in every if [component, kind] in d["targets"]]
        after = {d["id"] for d in own}
        own += [d for d in every if d["trigger_after"] in after]
        return next(d for d in own if d["backend_fn"])

    def call(self, elem_id: str, kind: str, *data: object) -> list[str]:
        """Fire the event, and those that follow it; every line of the answering streams.

        The components that were given `data` keep it for the events that follow, and get the texts
        that an event puts into them; those that come after the last of `data` are empty.
        """
        event = self.event(elem_id, kind)
        given, lines = dict(zip_longest(event["inputs"], data)), []
        while event:
            answer = self._fire(event, [given.get(part) for part in event["inputs"]])
            given |= texts_put(event, answer)
            lines += answer
            event = next((d for d in self.config["dependencies"] if follows(d, event)), None)
        self.given = given
        return lines

    def _fire(self, event: dict, data: list) -> list[str]:
        body = {"data": data, "fn_index": event["id"], "session_hash": self.session}
        queued = event["queue"] is not False
        request = urllib.request.Request(
            f"{self.url}/gradio_api/{'queue/join' if queued else 'run/predict'}?{self.query}",
            json.dumps(body).encode(),
            {"Content-Type": "application/json", **self._cookie},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            if not queued:
                return [answer.read().decode()]
        lines = []
        stream = f"{self.url}/gradio_api/queue/data?session_hash={self.session}"
        with urllib.request.urlopen(stream, timeout=60) as answer:
            for line in answer:
                lines.append(line.decode())
                if '"process_completed"' in lines[-1]:
                    return lines
        return lines


def texts_put(event: dict, lines: list[str]) -> dict[int, str]:
    """The texts that an event puts into components, by the last line of its answer."""
    last = lines[-1].removeprefix("data: ") if lines and '"data":' in lines[-1] else "{}"
    answer = json.loads(last)
    put = zip(event["outputs"], (answer.get("output") or answer).get("data", []), strict=False)
    return {part: value for part, value in put if isinstance(value, str)}


def follows(later: dict, event: dict) -> bool:
    """Whether the server is asked for it as soon as the event is complete."""
    return later["trigger_after"] == event["id"] and later["backend_fn"]
