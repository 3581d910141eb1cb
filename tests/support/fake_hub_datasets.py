"""What the stand-in of the Hub does with datasets: their files, their history and their tags."""

import base64
import json
import socket
from http.server import BaseHTTPRequestHandler

from fake_hub_repo import Repo, is_large, oid


class Datasets(BaseHTTPRequestHandler):
    """What ROUTES of fake_hub names for datasets. body: what came with the request."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_) -> None:
        pass

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

    def large(self, name: str) -> None:
        every = {"pushedAt": "2026-01-01T00:00:00.000Z", "ref": "main", "size": 1}
        large = self.repo(name).large.items()
        self.say(200, [{"fileOid": id, "filename": path, "oid": id, **every} for id, path in large])

    def delete_large(self, name: str) -> None:
        for id in json.loads(self.body)["deletions"]["sha"]:
            self.repo(name).large.pop(id, None)
            self.server.blobs.pop(id, None)
        self.say(200, {})
