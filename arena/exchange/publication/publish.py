"""python -m arena publish: push what may be published to a data set on the Hub, as a new version.

Only own blind votes that count, on conversations that the page said may be published and that
nobody keeps private. Texts are searched for personal data by Presidio (an optional install). A
conversation with a finding is held back, or masked with --mask. Visitors have pseudonyms, new ones
in each version. Old versions stay until --prune. It may run beside the app.
"""

import argparse
import os
import secrets
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from huggingface_hub import HfApi, constants, get_token

from arena.command import CommandError, finish
from arena.db import file_lock
from arena.db.repositories.votes.publication import WithdrawnCount
from arena.db.sqlite_errors import check_there
from arena.db.store import Store, open_for_command
from arena.exchange.datasets.dataset import dataset_files
from arena.exchange.datasets.forms import FORMS, DatasetRequest
from arena.exchange.export import check_license, export_dataset, show_reports
from arena.exchange.export_columns import ExportColumns
from arena.exchange.personal_data import PersonalDataFinder
from arena.exchange.publication.dataset_repository import DatasetRepository
from arena.exchange.publication.publication_filter import PublicationFilter
from arena.plural import many

SHOWN = 5
"""Ids that a dry run shows."""


def main(argv: list[str]) -> int:
    """The command; 2 when it cannot be done, and then the data set is as it was."""
    args = _parser().parse_args(argv)
    return finish("publish", lambda: publish(args), "run it again: old versions are as they were")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m arena publish",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--db", default="arena.db", type=Path, help="the site's database; may be in use")
    add("--hub", default="", metavar="OWNER/NAME", help="the data set; made where there is none")
    add(
        "--for",
        dest="forms",
        action="append",
        choices=FORMS,
        help="may be given several times (default: arena)",
    )
    add("--dry-run", action="store_true", help="show what would go out, and send nothing")
    add("--out", type=Path, metavar="DIR", help="keep the files here as well; made where missing")
    add("--force", action="store_true", help="replace files of an earlier run in DIR")
    add("--license", help="as the Hub names it; a push needs one, for instance cc-by-4.0")
    add("--private", action="store_true", help="a data set that not everybody may read")
    add("--prune", action="store_true", help="delete all versions before this one for good")
    search = parser.add_argument_group("personal data")
    search.add_argument(
        "--names", default="", metavar="MODEL", help="a model of spaCy, for names, or its folder"
    )
    search.add_argument("--mask", action="store_true", help="replace what is found")
    search.add_argument("--unchecked", action="store_true", help="do not search; the card tells")
    return parser


def publish(args: argparse.Namespace) -> None:
    """Make the files and, unless it is a dry run, push them. Raises CommandError, StoreError."""
    _check(args)
    finder = None if args.unchecked else PersonalDataFinder(args.names)
    check_there(args.db)
    there = None if args.dry_run else _look(args)
    allow = PublicationFilter(finder, args.mask)
    forms = tuple(dict.fromkeys(args.forms or ["arena"]))
    shown = ExportColumns(secrets.token_bytes(32), texts=True)
    wanted = DatasetRequest(forms, shown, license=args.license or "")
    with _folder(args.out) as folder:
        reports = export_dataset(args.db, folder, wanted, args.force, allow, allow.remarks)
        show_reports(reports, "may be published", texts=True)
        print(allow.summary())
        if not allow.conversations and not args.dry_run:
            raise CommandError("nothing may be published, so nothing was sent")
        with open_for_command(args.db, file_lock.shared) as store:
            if there is None:
                _show_dry_run(args, store, folder, dataset_files(forms), allow)
            else:
                _push(args, store, there, folder, dataset_files(forms), allow)


def _check(args: argparse.Namespace) -> None:
    check_license(args.license)
    if args.unchecked and (args.mask or args.names):
        raise CommandError("--unchecked searches nothing: leave it out, or --mask and --names")
    if not args.dry_run and not args.hub:
        raise CommandError("say where to: --hub OWNER/NAME, or --dry-run to see what would go out")
    if not args.dry_run and not args.license:
        raise CommandError(
            "say under which terms: --license cc-by-4.0, or what vote_licence of the site says"
        )


def _look(args: argparse.Namespace) -> DatasetRepository:
    """The data set as it is now."""
    if constants.HF_HUB_OFFLINE:
        raise CommandError("HF_HUB_OFFLINE is set, so nothing can be published: unset it")
    if not (token := get_token()):
        raise CommandError("there is no token that may write: set HF_TOKEN, or `hf auth login`")
    return DatasetRepository.look(args.hub, HfApi(constants.ENDPOINT, token=token), args.private)


@contextmanager
def _folder(out: Path | None) -> Iterator[Path]:
    """Where the files are made: `out`, or a folder that goes afterwards."""
    if out is not None:
        yield out
        return
    with tempfile.TemporaryDirectory(prefix="arena-publish-") as place:
        yield Path(place, "dataset")


def _show_dry_run(
    args: argparse.Namespace,
    store: Store,
    folder: Path,
    names: Sequence[str],
    allow: PublicationFilter,
) -> None:
    for name in names:
        print(f"  {name}: {os.path.getsize(folder / name):,} bytes")
    if allow.judged:
        print(f"  the first of {len(allow.judged):,} ids: {', '.join(islice(allow.judged, SHOWN))}")
    if args.hub:
        _show_withdrawn(store, args, store.publication.versions(args.hub), allow)
    print("dry run: nothing was sent")


def _push(
    args: argparse.Namespace,
    store: Store,
    there: DatasetRepository,
    folder: Path,
    names: Sequence[str],
    allow: PublicationFilter,
) -> None:
    known = store.publication.versions(args.hub)
    unknown = [version for version in there.versions if version not in known]
    _show_withdrawn(store, args, [*there.versions], allow)
    if unknown:
        print(f"{_listed(unknown)} came from another database: what they hold is not known here")
    version = there.next_version
    # Before the push: where its answer is lost, what may have gone out is noted.
    store.publication.record(args.hub, version, allow.conversations)
    print(f"pushing {many(len(names), 'file')} to {args.hub}", flush=True)
    there.push(folder, names)
    kind = "private" if there.private else "public"
    print(f"{args.hub}: v{version} is there, a {kind} data set")
    if args.prune:
        there.prune()
        print(
            f"{_listed(there.versions) or 'no version'} deleted, with the history. Not reached:"
            " copies that others have downloaded or made on the Hub"
        )


def _show_withdrawn(
    store: Store, args: argparse.Namespace, versions: Sequence[int], allow: PublicationFilter
) -> None:
    """Say how much of these versions is not in this one, and how it is reached."""
    gone = store.publication.gone(args.hub, versions, allow.conversations)
    if not sum(gone.counts):
        return
    mend = (
        "--prune deletes them"
        if args.prune
        else f"{_listed(gone.versions)} still hold{'s' * (len(gone.versions) == 1)} them: --prune"
        f" deletes {'this version' if len(gone.versions) == 1 else 'these versions'}"
    )
    print(f"{many(sum(gone.counts), 'conversation')} of earlier versions {_became(gone)}; {mend}")


def _became(gone: WithdrawnCount) -> str:
    parts = {"deleted": gone.erased, "kept private": gone.withdrawn, "left out": gone.other}
    counts = ", ".join(f"{n:,} {what}" for what, n in parts.items() if n)
    return f"{'is' if sum(gone.counts) == 1 else 'are'} not in this one ({counts})"


def _listed(versions: Sequence[int]) -> str:
    """v1, v2 and v5."""
    *rest, last = [f"v{version}" for version in sorted(versions)] or [""]
    return f"{', '.join(rest)} and {last}" if rest else last
