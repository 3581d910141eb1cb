"""A GGUF file of a member: where it lies on this machine, or how it comes from the Hub."""

import hashlib
import re
from collections.abc import Callable
from mmap import ACCESS_READ, mmap
from pathlib import Path

from blend.members import MemberError

PART = re.compile(r"-(\d{5})-of-(\d{5})\.gguf$")
"""The end of a part's name. llama.cpp opens the first part and finds the others beside it."""
TEMPLATE, HEADER = b"tokenizer.chat_template\x08\0\0\0", 2**26
"""The key of a chat template with its type, text; and the bytes of a file that may hold it."""


def fetch_gguf(
    name: str,
    source: str,
    file: str = "",
    revision: str | None = None,
    arrived: Callable[[int], None] = lambda count: None,
) -> Path:
    """The file itself, fetched where it is not here yet. Blocks. Raises MemberError.

    name: of the member, for its errors. source: a file, a folder with one file, or an id on the Hub
    that has `file`, which may be any part of a split file. arrived: called with the number of new
    bytes.
    """
    if not file:
        path = find_gguf(source)
        if path is None or not path.is_file():
            raise MemberError(name, f"no GGUF file in {source}: correct its `path`")
        return path.with_name(parts(path.name)[0])
    from huggingface_hub import hf_hub_download

    how = {"revision": revision, "tqdm_class": _bar(arrived)}
    try:
        paths = [
            cached_path(source, part, revision) or hf_hub_download(source, part, **how)
            for part in parts(file)
        ]
    except Exception as error:  # of the network, the Hub or the disk
        at = f"@{revision}" if revision else ""
        raise MemberError(name, f"{file} of {source}{at} cannot be had: {_why(error)}") from error
    return Path(paths[0])


def find_gguf(path: str) -> Path | None:
    """The GGUF file that a path means: itself, or the only one of a folder without safetensors."""
    if path.endswith(".gguf"):
        return Path(path)
    files = [file for end in ("gguf", "safetensors") for file in Path(path).glob(f"*.{end}")]
    return files[0] if path and len(files) == 1 and files[0].suffix == ".gguf" else None


def bytes_to_fetch(source: str, file: str, revision: str | None = None) -> int | None:
    """How much of a file on the Hub is still to be fetched; None where the Hub cannot tell."""
    from huggingface_hub import get_hf_file_metadata, hf_hub_url

    total = 0
    for part in parts(file):
        try:
            if cached_path(source, part, revision):
                continue
            size = get_hf_file_metadata(hf_hub_url(source, part, revision=revision)).size
        except Exception:  # whoever fetches the file says why
            return None
        if size is None:
            return None
        total += size
    return total


def cached_path(source: str, part: str, revision: str | None) -> str | None:
    """Its path in huggingface_hub's cache, if it is there: nobody is asked for a newer one."""
    from huggingface_hub import try_to_load_from_cache

    path = try_to_load_from_cache(source, part, revision=revision)
    return path if isinstance(path, str) else None


def _bar(arrived: Callable[[int], None]) -> type:
    """huggingface_hub's own progress bar, which also reports new bytes."""
    from huggingface_hub.utils import tqdm

    class Bar(tqdm):
        def __init__(self, *args: object, initial: int = 0, **options: object):
            super().__init__(*args, initial=initial, **options)
            arrived(initial)  # of a fetch that was interrupted

        def update(self, n: float | None = 1) -> bool | None:
            arrived(int(n or 0))
            return super().update(n)

    return Bar


def parts(file: str) -> list[str]:
    """The names of a split file's parts in order; of another file, its own."""
    found = PART.search(file)
    if not found:
        return [file]
    return [
        f"{file[: found.start()]}-{number:05}-of-{found[2]}.gguf"
        for number in range(1, int(found[2]) + 1)
    ]


def has_template(path: Path) -> bool:
    """Whether a GGUF file has a chat template; without one llama.cpp uses one of its own."""
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as read:
        return read.find(TEMPLATE, 0, HEADER) >= 0


def digest(path: Path) -> str:
    """The hash of a file with all its parts. Blocks: half a second a gigabyte.

    In the Hub's cache the files are named by their hashes, and are not read.
    """
    hashes = [_sha256(path.with_name(part)) for part in parts(path.name)]
    one = len(hashes) == 1
    return hashes[0] if one else hashlib.sha256("".join(hashes).encode()).hexdigest()


def _sha256(path: Path) -> str:
    blob = path.resolve().name
    if path.is_symlink() and re.fullmatch("[0-9a-f]{64}", blob):
        return blob
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _why(error: Exception) -> str:
    """The reason and the mend, in one line."""
    from huggingface_hub import errors

    if isinstance(error, errors.GatedRepoError):
        return "accept its terms on its page, and log in by `hf auth login` or HF_TOKEN"
    if isinstance(error, errors.LocalEntryNotFoundError):
        return "it is not in the cache, and the Hub does not answer: fetch it once while online"
    if isinstance(error, errors.RevisionNotFoundError):
        return "no such revision: correct its `revision`"
    if isinstance(error, errors.RepositoryNotFoundError | errors.HFValidationError):
        return "no such model on the Hub, or a private one: correct its `model`, or set HF_TOKEN"
    if isinstance(error, errors.EntryNotFoundError):
        return "the model has no such file: correct its `file`"
    return f"{type(error).__name__}: {error}"
