"""A repository of the stand-in of the Hub: its commits, its tags and its large files."""

import hashlib
import json
from dataclasses import dataclass, field


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


def oid(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def is_large(path: str) -> bool:
    return path.endswith((".db", ".parquet"))
