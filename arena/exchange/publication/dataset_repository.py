"""A data set on the Hub that is made of published versions: v1, v2 and so on, each a tag."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi
from huggingface_hub.errors import (
    HfHubHTTPError,
    HFValidationError,
    RepositoryNotFoundError,
)

from arena.command import CommandError
from arena.exchange.datasets.dataset import dataset_files
from arena.exchange.datasets.forms import FORMS
from arena.exchange.hub_repository import KIND, delete_large, first_line

OURS = {*dataset_files(FORMS), ".gitattributes"}
TAG = re.compile(r"v([1-9][0-9]*)")


@dataclass(frozen=True, slots=True)
class DatasetRepository:
    """One data set as it is now; every method asks the Hub, and raises CommandError in one line.

    sha: its head; empty where there is no such data set yet. files: of the head. versions: the
    commit that each tag names, by number.
    """

    name: str
    api: HfApi
    private: bool
    sha: str = ""
    files: frozenset[str] = frozenset()
    versions: Mapping[int, str] = field(default_factory=dict)

    @classmethod
    def look(cls, name: str, api: HfApi, private: bool) -> Self:
        """It as it is now. private: whether it must be one that not everybody reads.

        A version whose push was stopped before its tag gets the tag now. Refuses what is no data
        set, and one that holds other files than a publication's.
        """
        with _one_line(name):
            try:
                info = api.repo_info(name, repo_type=KIND)
            except RepositoryNotFoundError as error:
                if error.response is not None and error.response.status_code != 404:
                    raise
                for kind in ("model", "space"):
                    if api.repo_exists(name, repo_type=kind):
                        raise CommandError(
                            f"{name} is a {kind} and not a data set: name another one"
                        ) from None
                return cls(name, api, private)
            files = frozenset(file.rfilename for file in info.siblings or [])
            if foreign := sorted(files - OURS):
                raise CommandError(
                    f"{name} holds {foreign[0]}, which publish did not make: name a data set of its"
                    " own"
                )
            if private and not info.private:
                raise CommandError(
                    f"{name} is public: make it private in its settings, or leave --private out"
                )
            tags = api.list_repo_refs(name, repo_type=KIND).tags
            versions = {
                int(found[1]): tag.target_commit
                for tag in tags
                if (found := TAG.fullmatch(tag.name))
            }
            here = cls(name, api, info.private, info.sha, files, versions)
            return here._with_tag()

    def _with_tag(self) -> Self:
        """With the tag of a version that is the head and has none."""
        newest = self.api.list_repo_commits(self.name, repo_type=KIND)[0]
        found = TAG.fullmatch(newest.title)
        if not found or int(found[1]) in self.versions:
            return self
        self._tag(int(found[1]), newest.commit_id)
        versions = {**self.versions, int(found[1]): newest.commit_id}
        return replace(self, versions=versions)

    @property
    def next_version(self) -> int:
        """The number of the version to come."""
        return max(self.versions, default=0) + 1

    def push(self, folder: Path, names: Sequence[str]) -> None:
        """One commit with these files of the folder, in the place of all that is there, and its
        tag."""
        version = self.next_version
        with _one_line(self.name):
            if not self.sha:
                self.api.create_repo(self.name, repo_type=KIND, private=self.private)
            # An open file, not its name: it goes as one object that `prune` can delete.
            with ExitStack() as stack:
                opened = [stack.enter_context(open(folder / name, "rb")) for name in names]
                made = self.api.create_commit(
                    self.name,
                    [
                        *map(CommitOperationAdd, names, opened),
                        *map(CommitOperationDelete, sorted(self._left(names))),
                    ],
                    commit_message=f"v{version}",
                    repo_type=KIND,
                    parent_commit=self.sha or None,
                )
            self._tag(version, made.oid)

    def _left(self, names: Sequence[str]) -> frozenset[str]:
        """Files of the last version that the next one has no more."""
        return self.files - {*names, ".gitattributes"}

    def prune(self) -> None:
        """After a push: delete the tags of all versions before, the history, and the large files
        that only these had."""
        version = self.next_version
        with _one_line(self.name):
            for number in (*sorted(self.versions), version):
                self.api.delete_tag(self.name, tag=f"v{number}", repo_type=KIND)
            self.api.super_squash_history(self.name, repo_type=KIND, commit_message=f"v{version}")
            info = self.api.repo_info(self.name, repo_type=KIND, files_metadata=True)
            self._tag(version, info.sha)
            large = list(self.api.list_lfs_files(self.name, repo_type=KIND))
            kept = frozenset(file.lfs.sha256 for file in info.siblings or [] if file.lfs)
            delete_large(self.api, self.name, large, kept)

    def _tag(self, version: int, sha: str) -> None:
        self.api.create_tag(
            self.name, tag=f"v{version}", revision=sha, repo_type=KIND, exist_ok=True
        )


@contextmanager
def _one_line(name: str) -> Iterator[None]:
    """What the Hub's client raises, as one line with the mend."""
    try:
        yield
    except HFValidationError:
        raise CommandError(f"{name!r} names no data set: write OWNER/NAME") from None
    except HfHubHTTPError as error:
        status = error.response.status_code if error.response is not None else 0
        raise CommandError(_sentence(name, status, error)) from error
    except CommandError:
        raise
    except Exception as error:  # which HTTP library the client uses is its own matter
        raise CommandError(
            f"the Hub cannot be reached ({type(error).__name__}): try again later"
        ) from error


def _sentence(name: str, status: int, error: HfHubHTTPError) -> str:
    if status == 401:
        return "the Hub does not know the token: make a new one, and give it as HF_TOKEN"
    if status == 403:
        return f"the token may not write to {name}: give HF_TOKEN one that may, or name another one"
    if status in (409, 412):  # see CONFLICTS of hub_repository
        return f"{name} was changed by somebody else meanwhile: run publish again"
    return f"the Hub refused: {first_line(error)}"
