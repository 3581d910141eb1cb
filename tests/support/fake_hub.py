"""A stand-in of the Hub on loopback, for the real client: datasets, and files of models."""

import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

import pytest
from fake_hub_datasets import Datasets
from fake_hub_repo import Repo, oid
from huggingface_hub import constants


class Server(ThreadingHTTPServer):
    """`failing`: the status that every request gets; 0 for none. `busy`: so many commits are
    refused, since another one is in progress. `forbidden`: nobody may write. `cut`: answer commits
    with a closed connection once they are made. `before_commit` is called before each commit is
    made. `models`: the files of each model by path. `gated`: those whose terms must be
    accepted. `flowing`: while it is cleared, no file of a model goes past its middle."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answer)
        self.repos: dict[str, Repo] = {}
        self.blobs: dict[str, bytes] = {}
        self.failing = 0
        self.busy = 0
        self.forbidden = False
        self.cut = False
        self.before_commit = lambda: None
        self.models: dict[str, dict[str, bytes]] = {}
        self.gated: set[str] = set()
        self.flowing = threading.Event()
        self.flowing.set()
        self.lock = threading.RLock()
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.thread = threading.Thread(target=self.serve_forever, args=(0.05,))

    def __enter__(self) -> "Server":
        self.thread.start()
        return self

    def __exit__(self, *_) -> None:
        self.shutdown()
        self.thread.join()
        self.server_close()

    def handle_error(self, request, client_address) -> None:
        """A client that was killed in the middle is what some tests are about."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    def everything(self, name: str) -> bytes:
        """All bytes of a repository's files, of now and of its history, and of its large files."""
        repo = self.repos[name]
        held = [self.blobs[oid] for oid in repo.large if oid in self.blobs]
        kept = [*repo.commits, *repo.tags.values()]
        return b"".join([*(b for _, files in kept for b in files.values()), *held])


class Answer(Datasets):
    """One request; ROUTES says which method answers it."""

    def handle_any(self) -> None:
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.headers.get("Transfer-Encoding") == "chunked":
            self.body = self._chunks()
        path = unquote(urlsplit(self.path).path)
        server: Server = self.server
        if server.failing:
            return self.say(server.failing, {"error": "the stand-in is down"})
        if found := re.fullmatch(MODEL_FILE, f"{self.command} {path}"):
            return self.model_file(*found.groups())  # anybody may have it, and it may take long
        if self.headers.get("Authorization") != "Bearer hf_test" and not path.startswith("/lfs/"):
            return self.say(401, {"error": "Invalid credentials"})
        if server.forbidden and self.command in ("POST", "PUT", "DELETE"):
            return self.say(403, {"error": "Forbidden"})
        for pattern, name in ROUTES:
            if found := re.fullmatch(pattern, f"{self.command} {path}"):
                with server.lock:
                    return getattr(self, name)(*found.groups())
        return self.say(404, {"error": f"no route {self.command} {path}"})

    do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = handle_any

    def model_file(self, name: str, revision: str, path: str) -> None:
        if name in self.server.gated:
            return self.say(403, {"error": "gated"}, X_Error_Code="GatedRepo")
        if name not in self.server.models:
            return self.say(404, {"error": "not found"}, X_Error_Code="RepoNotFound")
        if revision != "main" and len(revision) != 40:
            return self.say(404, {"error": "not found"}, X_Error_Code="RevisionNotFound")
        if path not in self.server.models[name]:
            return self.say(404, {"error": "Entry not found"}, X_Error_Code="EntryNotFound")
        data = self.server.models[name][path]
        sha = revision if len(revision) == 40 else oid(name.encode())[:40]
        self.head(200, len(data), ETag=f'"{oid(data)}"', X_Repo_Commit=sha)
        if self.command != "HEAD":
            self.wfile.write(data[: len(data) // 2])
            self.wfile.flush()
            self.server.flowing.wait(30)
            self.wfile.write(data[len(data) // 2 :])

    def other_kind(self, kind: str, name: str) -> None:
        if name in self.server.models and kind == "models":
            return self.say(200, {"id": name, "modelId": name})
        self.say(404, {"error": "not found"}, X_Error_Code="RepoNotFound")


NAME = r"([\w.-]+/[\w.-]+)"
MODEL_FILE = rf"(?:GET|HEAD) /{NAME}/resolve/(\w+)/(.+)"
ROUTES = (
    (r"POST /api/repos/create", "create"),
    (r"POST /api/validate-yaml", "validate"),
    (rf"GET /api/datasets/{NAME}(?:/revision/\w+)?", "info"),
    (rf"POST /api/datasets/{NAME}/preupload/main", "preupload"),
    (rf"POST /datasets/{NAME}\.git/info/lfs/objects/batch", "batch"),
    (r"PUT /lfs/(\w+)", "upload"),
    (rf"POST /api/datasets/{NAME}/commit/main", "commit"),
    (rf"(?:GET|HEAD) /datasets/{NAME}/resolve/(\w+)/(.+)", "resolve"),
    (rf"POST /api/datasets/{NAME}/super-squash/main", "squash"),
    (rf"GET /api/datasets/{NAME}/lfs-files", "large"),
    (rf"GET /api/datasets/{NAME}/refs", "refs"),
    (rf"GET /api/datasets/{NAME}/commits/main", "history"),
    (rf"POST /api/datasets/{NAME}/tag/(\w+)", "tag"),
    (rf"DELETE /api/datasets/{NAME}/tag/(\w+)", "untag"),
    (rf"GET /api/(models|spaces)/{NAME}", "other_kind"),
    (rf"POST /api/datasets/{NAME}/lfs-files/batch", "delete_large"),
)


@contextmanager
def connected(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A Hub of our own, and the client told of it as by its variables."""
    with Server() as server:
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        monkeypatch.setattr(constants, "ENDPOINT", server.url)
        monkeypatch.setenv("HF_TOKEN", "hf_test")
        yield server
