"""The dataset repository on the Hub that votes are kept in: its files, as of one commit.

It has to be private: its files hold visitors' ids, and who knows an id can speak as that visitor.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from huggingface_hub import CommitOperationAdd, CommitOperationDelete, CommitScheduler, HfApi
from huggingface_hub.errors import HfHubHTTPError

KIND = "dataset"
EVENTS, SNAPSHOTS = "events/", "snapshots/"


class RepositoryError(RuntimeError):
    """The repository cannot be used as it is; one sentence with the mend."""


class MovedError(RuntimeError):
    """Another replica was there first: look again."""


@dataclass(frozen=True, slots=True)
class Listing:
    """Our files in the repository at one commit, `sha`: by path, each with its blob's id."""

    sha: str
    files: Mapping[str, str]


class Repository:
    """A private dataset repository, `owner/name`. Every method asks the Hub and may raise."""

    def __init__(self, name: str, api: HfApi):
        self.name = name
        self._api = api

    def listing(self) -> Listing:
        """Its files as of now. Raises RepositoryError where everybody can read them."""
        info = self._api.repo_info(self.name, repo_type=KIND, files_metadata=True)
        if not info.private:
            raise RepositoryError(
                f"{self.name} is public, and its files hold visitors' ids: make it private"
            )
        ours = (f for f in info.siblings or () if f.rfilename.startswith((EVENTS, SNAPSHOTS)))
        return Listing(info.sha, {file.rfilename: file.blob_id for file in ours})

    def download(self, paths: Iterable[str], sha: str, folder: Path) -> list[Path]:
        """These files as of that commit, under `folder`, in the same order."""
        return [
            Path(
                self._api.hf_hub_download(
                    self.name, path, repo_type=KIND, revision=sha, local_dir=folder
                )
            )
            for path in paths
        ]

    def replace(self, listing: Listing, path: str, snapshot: Path) -> None:
        """One commit: the snapshot as `path`, and no other of our files.

        Raises MovedError where the repository is not as in `listing` any more.
        """
        try:
            # An open file, not its name: it goes as one object that `cleanse` can delete, where
            # Xet would share its pieces; and no progress bar is drawn.
            with open(snapshot, "rb") as file:
                self._api.create_commit(
                    self.name,
                    [
                        CommitOperationAdd(path, file),
                        *(CommitOperationDelete(gone) for gone in listing.files),
                    ],
                    commit_message="Snapshot",
                    repo_type=KIND,
                    parent_commit=listing.sha,
                )
        except HfHubHTTPError as error:
            if error.response is not None and error.response.status_code == 412:
                raise MovedError(f"{self.name} has changed meanwhile") from error
            raise

    def cleanse(self) -> None:
        """Make an end of the history, and of large files that only it still had."""
        self._api.super_squash_history(self.name, repo_type=KIND)
        here = self.listing().files
        gone = [
            file
            for file in self._api.list_lfs_files(self.name, repo_type=KIND)
            if file.filename.startswith((EVENTS, SNAPSHOTS)) and file.filename not in here
        ]
        if gone:
            self._api.permanently_delete_lfs_files(self.name, gone, repo_type=KIND)


class Scheduler(CommitScheduler):
    """Runs `beat` at once, every so many minutes, and when triggered; one at a time."""

    def __init__(self, beat: Callable[["Scheduler"], object], **options):
        self._beat = beat
        super().__init__(**options)

    def push_to_hub(self):
        return self._beat(self)

    def push(self):
        """Upload what has changed in the folder."""
        return super().push_to_hub()
