"""A stand-in of the Hub on loopback, for the real client: datasets, and files of models."""

import base64
import hashlib
import json
import re
import socket
import sys
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit


@dataclass
class Repo:
    """One repository: its commits, oldest first, each (sha, {path: bytes}), their titles by sha,
    and what each tag names; a tag keeps its commit when the history is cut."""

    private: bool
    commits: list[tuple[str, dict[str, bytes]]] = field(default_factory=list)
    large: dict[str, str] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    tags: dict[str, tuple[str, dict[str, bytes]]] = field(default_factory=dict)

    @property
    def sha(self) -> str:
        return self.commits[-1][0]

    @property
    def files(self) -> dict[str, bytes]:
        return self.commits[-1][1]

    def commit(self, files: dict[str, bytes], title: str = "initial commit") -> str:
        seed = json.dumps([len(self.commits), sorted(files)]) + ((self.commits and self.sha) or "")
        self.commits.append((hashlib.sha1(seed.encode()).hexdigest(), files))
        self.titles[self.sha] = title
        return self.sha


class Server(ThreadingHTTPServer):
    """`failing`: the status that every request gets; 0 for none. `busy`: so many commits are
    refused, since another one is in progress. `forbidden`: nobody may write. `cut`: answer commits
    with a closed connection once they are made. `before_commit` is called before each commit is
    made. `models`: the files of each model by path. `flowing`: while it is cleared, no file of a
    model goes past its middle."""

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


def oid(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def is_large(path: str) -> bool:
    return path.endswith((".db", ".parquet"))


class Answer(BaseHTTPRequestHandler):
    """One request; ROUTES says which method answers it."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_) -> None:
        pass

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

    def _chunks(self) -> bytes:
        data = b""
        while size := int(self.rfile.readline(), 16):
            data += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return data

    def say(self, status: int, told: object = None, **headers: str) -> None:
        body = told if isinstance(told, bytes) else json.dumps(told).encode()
        self.head(status, len(body), **headers)
        if self.command != "HEAD":
            self.wfile.write(body)

    def head(self, status: int, length: int, **headers: str) -> None:
        self.send_response(status)
        for key, value in {**headers, "Content_Length": str(length)}.items():
            self.send_header(key.replace("_", "-"), value)
        self.end_headers()

    def repo(self, name: str) -> Repo:
        return self.server.repos[name]

    def create(self) -> None:
        told = json.loads(self.body)
        name = f"{told.get('organization') or 'me'}/{told['name']}"
        made = {"url": f"{self.server.url}/datasets/{name}", "name": name}
        if name in self.server.repos:
            return self.say(409, made | {"error": "You already created this dataset repo"})
        private = told.get("visibility") == "private" or bool(told.get("private"))
        repo = self.server.repos[name] = Repo(private)
        repo.commit({".gitattributes": b"*.db filter=lfs\n"})
        self.say(200, made)

    def validate(self) -> None:
        self.say(200, {"errors": [], "warnings": []})

    def info(self, name: str) -> None:
        if name not in self.server.repos:
            return self.say(404, {"error": "not found"}, X_Error_Code="RepoNotFound")
        repo = self.repo(name)
        siblings = []
        for path, data in repo.files.items():
            file = {"rfilename": path, "size": len(data), "blobId": oid(data)[:40]}
            if is_large(path):
                file["lfs"] = {"size": 1, "sha256": oid(data), "pointerSize": 1}
            siblings.append(file)
        self.say(200, {"id": name, "sha": repo.sha, "private": repo.private, "siblings": siblings})

    def preupload(self, name: str) -> None:
        paths = [file["path"] for file in json.loads(self.body)["files"]]
        modes = {path: "lfs" if is_large(path) else "regular" for path in paths}
        files = [{"path": p, "uploadMode": m, "shouldIgnore": False} for p, m in modes.items()]
        self.say(200, {"files": files})

    def batch(self, name: str) -> None:
        objects = json.loads(self.body)["objects"]
        for wanted in objects:
            wanted["actions"] = {"upload": {"href": f"{self.server.url}/lfs/{wanted['oid']}"}}
        self.say(200, {"transfer": "basic", "objects": objects})

    def upload(self, name: str) -> None:
        self.server.blobs[name] = self.body
        self.say(200, b"")

    def commit(self, name: str) -> None:
        lines = [json.loads(line) for line in self.body.splitlines() if line]
        if not lines:
            return self.say(400, {"error": "the request was cut off"})
        if self.refused():
            return
        self.server.before_commit()
        repo, header = self.repo(name), lines[0]["value"]
        if header.get("parentCommit", repo.sha) != repo.sha:
            return self.say(412, {"error": "A commit has happened since."})
        files = dict(repo.files)
        for line in lines[1:]:
            value = line["value"]
            if line["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif line["key"] == "lfsFile":
                files[value["path"]] = self.server.blobs[value["oid"]]
                repo.large[value["oid"]] = value["path"]
            elif line["key"] == "deletedFile":
                if value["path"] not in files:
                    return self.say(404, {"error": "A file with this name doesn't exist"})
                del files[value["path"]]
        sha = repo.commit(files, header["summary"])
        if self.server.cut:
            self.close_connection = True
            return self.connection.shutdown(socket.SHUT_RDWR)
        url = f"{self.server.url}/datasets/{name}/commit/{sha}"
        self.say(200, {"success": True, "commitOid": sha, "commitUrl": url})

    def refused(self) -> bool:
        if not self.server.busy:
            return False
        self.server.busy -= 1
        self.say(409, {"error": "Another commit operation is in progress. Please retry later."})
        return True

    def resolve(self, name: str, revision: str, path: str) -> None:
        repo = self.repo(name)
        tagged = [(tag, *each) for tag, each in repo.tags.items()]
        for tag, sha, files in [*tagged, *(("main", *each) for each in reversed(repo.commits))]:
            if revision in (sha, tag) and path in files:
                etag = f'"{oid(files[path])[:40]}"'
                return self.say(200, files[path], ETag=etag, X_Repo_Commit=sha)
        self.say(404, {"error": "Entry not found"}, X_Error_Code="EntryNotFound")

    def model_file(self, name: str, revision: str, path: str) -> None:
        if name not in self.server.models:
            return self.say(404, {"error": "not found"}, X_Error_Code="RepoNotFound")
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

    def squash(self, name: str) -> None:
        if self.refused():
            return
        repo = self.repo(name)
        repo.commits = repo.commits[-1:]
        title = json.loads(self.body or b"{}").get("message", "Super-squash branch 'main'")
        repo.commit(repo.commits.pop()[1], title)
        self.say(200, {})

    def refs(self, name: str) -> None:
        repo = self.repo(name)
        tags = [
            {"name": tag, "ref": f"refs/tags/{tag}", "targetCommit": sha}
            for tag, (sha, _) in repo.tags.items()
        ]
        main = {"name": "main", "ref": "refs/heads/main", "targetCommit": repo.sha}
        self.say(200, {"branches": [main], "tags": tags, "converts": []})

    def history(self, name: str) -> None:
        repo, date = self.repo(name), "2026-01-01T00:00:00.000Z"
        told = [
            {"id": sha, "title": repo.titles[sha], "message": "", "authors": [], "date": date}
            for sha, _ in reversed(repo.commits)
        ]
        self.say(200, told)

    def tag(self, name: str, revision: str) -> None:
        repo, tag = self.repo(name), json.loads(self.body)["tag"]
        if tag in repo.tags:
            return self.say(409, {"error": "Tag exists already"})
        repo.tags[tag] = next(each for each in repo.commits if each[0] == revision)
        self.say(200, {})

    def untag(self, name: str, tag: str) -> None:
        del self.repo(name).tags[tag]
        self.say(200, {})

    def other_kind(self, kind: str, name: str) -> None:
        if name in self.server.models and kind == "models":
            return self.say(200, {"id": name, "modelId": name})
        self.say(404, {"error": "not found"}, X_Error_Code="RepoNotFound")

    def large(self, name: str) -> None:
        every = {"pushedAt": "2026-01-01T00:00:00.000Z", "ref": "main", "size": 1}
        large = self.repo(name).large.items()
        self.say(200, [{"fileOid": id, "filename": path, "oid": id, **every} for id, path in large])

    def delete_large(self, name: str) -> None:
        for id in json.loads(self.body)["deletions"]["sha"]:
            self.repo(name).large.pop(id, None)
            self.server.blobs.pop(id, None)
        self.say(200, {})


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
