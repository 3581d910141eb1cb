"""The dataset repository on the Hub that votes are kept in: its files, as of one commit.

It has to be private: its files hold visitors' ids, and who knows an id can speak as that visitor.
"""

from collections.abc import Iterable, Iterator, Mapping, Set
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi
from huggingface_hub.errors import HfHubHTTPError

if TYPE_CHECKING:
    from huggingface_hub.hf_api import LFSFileInfo

KIND = "dataset"
EVENTS, SNAPSHOTS = OURS = ("events/", "snapshots/")

CONFLICTS = (404, 409, 412)
"""What the Hub answers while others use the repository: the commit that was read is not there any
more; another commit is in progress, and the head has not moved; a commit has happened since."""


def delete_large(api: HfApi, name: str, large: Iterable["LFSFileInfo"], kept: Set[str]) -> None:
    """Delete these large files of a dataset for good, but those whose ids are in `kept`."""
    gone = [file for file in large if kept.isdisjoint((file.oid, file.file_oid))]
    if gone:
        api.permanently_delete_lfs_files(name, gone, repo_type=KIND)


def first_line(error: BaseException) -> str:
    """The first line of what an error says, without its end."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".: ")


class RepositoryError(RuntimeError):
    """The repository cannot be used as it is; one sentence with the mend."""


class ConflictError(RuntimeError):
    """Another replica was there first, or is there now: look again."""


@dataclass(frozen=True, slots=True)
class HubListing:
    """Our files in the repository at one commit, `sha`: by path, each with its blob's id.

    large: the ids of the large ones among all that are there.
    """

    sha: str
    files: Mapping[str, str]
    large: frozenset[str]


class HubRepository:
    """A private dataset repository, `owner/name`. Every method asks the Hub and may raise."""

    def __init__(self, name: str, api: HfApi):
        self.name = name
        self._api = api

    @classmethod
    def create(cls, name: str, api: HfApi) -> Self:
        """The repository, which is made where there is none."""
        api.create_repo(name, repo_type=KIND, private=True, exist_ok=True)
        return cls(name, api)

    def listing(self) -> HubListing:
        """Its files as of now. Raises RepositoryError where everybody can read them."""
        info = self._api.repo_info(self.name, repo_type=KIND, files_metadata=True)
        if not info.private:
            raise RepositoryError(
                f"{self.name} is public, and its files hold visitors' ids: make it private"
            )
        files = info.siblings or []
        return HubListing(
            info.sha,
            {f.rfilename: f.blob_id for f in files if f.rfilename.startswith(OURS)},
            frozenset(f.lfs.sha256 for f in files if f.lfs),
        )

    def download(self, paths: Iterable[str], sha: str, folder: Path) -> list[Path]:
        """Load these files as of that commit into `folder`, in order. Raises ConflictError."""
        options = {"repo_type": KIND, "revision": sha, "local_dir": folder}
        with self._raise_conflicts():
            return [Path(self._api.hf_hub_download(self.name, path, **options)) for path in paths]

    def push(self, listing: HubListing, replaced: Iterable[str], path: str, snapshot: Path) -> None:
        """One commit: the snapshot as `path` in the place of the files `replaced`.

        Raises ConflictError where the repository is not as in `listing` any more, or is in use.
        """
        # An open file, not its name: it goes as one object that `purge_history` can delete, where
        # Xet would share its pieces; and no progress bar is drawn.
        with self._raise_conflicts(), open(snapshot, "rb") as file:
            self._api.create_commit(
                self.name,
                [CommitOperationAdd(path, file), *map(CommitOperationDelete, replaced)],
                commit_message="Snapshot",
                repo_type=KIND,
                parent_commit=listing.sha,
            )

    def purge_history(self) -> None:
        """Make an end of the history, and of large files that only it still had."""
        with self._raise_conflicts():
            self._api.super_squash_history(self.name, repo_type=KIND)
            # Listed before what is there now: what another replica pushes meanwhile is not gone.
            large = list(self._api.list_lfs_files(self.name, repo_type=KIND))
            here = self.listing()
            gone = [
                file
                for file in large
                if file.filename.startswith(OURS) and file.filename not in here.files
            ]
            delete_large(self._api, self.name, gone, here.large)

    @contextmanager
    def _raise_conflicts(self) -> Iterator[None]:
        try:
            yield
        except HfHubHTTPError as error:
            if error.response is not None and error.response.status_code in CONFLICTS:
                raise ConflictError(f"{self.name} is in use by another replica") from error
            raise
