"""Ask every contender of a running site the same tasks of the evaluation harness, one by one.

    python -m assets.harness.run --url http://127.0.0.1:7860 --out logs

A contender's task whose log is there is not asked again, and what was begun goes on.
"""

import argparse
import os
import shutil
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import httpx

from blend.command_line import CommandError, at_least, finish, use_utf8

TASKS = Path(__file__).parent / "tasks"
OUR_TASKS = ("small_facts", "small_sums", "small_instructions", "small_conversations")
INSTALL = 'the evaluation harness is not installed: python -m pip install "lm_eval[api]"'
KEPT = "the logs of finished tasks are kept, and the same command goes on where this one was"

NO_PROBABILITIES = (
    "it compares the probabilities of given answers, which chat completions do not tell: "
    "choose a task that generates its replies"
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run it as the command line asks: 0, 2 where it cannot be done, 130 for Ctrl-C."""
    use_utf8()
    about, *_ = __doc__.split("\n\n")
    parser = argparse.ArgumentParser("python -m assets.harness.run", description=about)
    parser.add_argument(
        "--url",
        type=lambda url: url.rstrip("/"),
        default="http://127.0.0.1:7860",
        help="the site (%(default)s)",
    )
    parser.add_argument("--out", type=Path, default=Path("logs"), help="folder (%(default)s)")
    parser.add_argument("--contenders", nargs="+", metavar="NAME", help="default: all of the site")
    parser.add_argument(
        "--tasks",
        nargs="+",
        default=OUR_TASKS,
        metavar="TASK",
        help="any of the harness's that are generated; default: the four of this folder",
    )
    parser.add_argument(
        "--include",
        default=str(TASKS),
        metavar="FOLDER",
        help="task files of your own; default: those of this folder",
    )
    add, count, concurrent = parser.add_argument, at_least(1), "requests at once (%(default)s)"
    add("--limit", type=count, metavar="N", help="only the first N items of a task")
    add("--concurrent", type=count, default=4, metavar="N", help=concurrent)
    args = parser.parse_args(argv)
    return finish("run", lambda: ask_all(args), (httpx.HTTPError,), KEPT)


def ask_all(args: argparse.Namespace) -> None:
    """Ask every contender every task that has no log yet. Raises CommandError, httpx.HTTPError."""
    if find_spec("lm_eval") is None:
        raise CommandError(INSTALL)
    import aiohttp
    from lm_eval.tasks import TaskManager

    contenders = _contenders(args.url, args.contenders)
    manager = TaskManager(include_path=args.include)
    if missing := [task for task in args.tasks if task not in manager.all_subtasks]:
        said = f"the harness has no single task {missing[0]!r}"
        raise CommandError(f"{said}: `lm_eval ls subtasks` lists those that it brings")
    folders = {name: args.out / _folder_name(name) for name in contenders}
    for contender, folder in folders.items():
        check_identity(contender, contenders[contender], folder)
    for contender, folder in folders.items():
        for task in args.tasks:
            if any(folder.glob(f"samples_{task}_[0-9]*.jsonl")):
                print(f"{contender}, {task}: its log is there", file=sys.stderr)
                continue
            print(f"{contender}, {task}", file=sys.stderr)
            try:
                _ask(contender, task, folder, args, manager)
            except NotImplementedError:  # what the harness raises for all but generated replies
                raise CommandError(f"{task}: {NO_PROBABILITIES}") from None
            except (aiohttp.ClientError, OSError) as error:  # what requests raises is an OSError
                raise CommandError(f"{contender}, {task}: {error}: {KEPT}") from None


def _folder_name(contender: str) -> str:
    """A contender's name as that of a folder, from which `unquote` makes the name again."""
    name = quote(contender, safe=" ")
    return f"%2E{name[1:]}" if name.startswith(".") else name  # `..` is no folder of its own


def check_identity(contender: str, id: str | None, folder: Path) -> None:
    """Keep a contender's id beside its logs. Raises CommandError where they are of another one.

    id: None where the site tells none; then only its name tells it.
    """
    kept = folder / "contender.txt"
    if id and kept.is_file() and kept.read_text(encoding="utf-8") != id:
        raise CommandError(
            f"{contender} is another one than that of the logs in {folder} (its members, their"
            " weights or their settings changed): give another --out, or remove them"
        )
    if id:
        folder.mkdir(parents=True, exist_ok=True)
        kept.write_text(id, encoding="utf-8")


def _contenders(url: str, names: Sequence[str] | None) -> dict[str, str | None]:
    """The contenders to ask, those named, else all of the site, with their ids.

    Raises CommandError, HTTPError.
    """
    key = os.environ.get("OPENAI_API_KEY", "none")  # where the harness looks, too
    answer = httpx.get(f"{url}/v1/models", headers={"Authorization": f"Bearer {key}"})
    answer.raise_for_status()
    there = {model["id"]: model.get("root") for model in answer.json()["data"]}
    if missing := [name for name in names or () if name not in there]:
        raise CommandError(f"the site has no contender {missing[0]!r}: it has {', '.join(there)}")
    return {name: there[name] for name in names or there}


def _ask(contender: str, task: str, folder: Path, args: argparse.Namespace, manager) -> None:
    """Have the harness ask one contender one task, and put its logs into the folder.

    Replies are kept beside the logs until then: a run that was stopped does not ask for them again.
    """
    import lm_eval
    from lm_eval.loggers import EvaluationTracker

    from assets.harness import conversations  # noqa: F401  registers the model

    begun = folder / f"begun_{task}"
    tracker = EvaluationTracker(output_path=str(begun / "logs"))
    results = lm_eval.simple_evaluate(
        model="conversations",
        model_args={
            "model": contender,
            "base_url": f"{args.url}/v1/chat/completions",
            "num_concurrent": args.concurrent,
        },
        tasks=[task],
        task_manager=manager,
        apply_chat_template=True,
        limit=args.limit,
        use_cache=str(begun / "replies"),
        evaluation_tracker=tracker,
    )
    samples = results.pop("samples")
    tracker.save_results_aggregated(results=results, samples=samples)
    for name, rows in samples.items():
        tracker.save_results_samples(task_name=name, samples=rows)
    logs = sorted((begun / "logs").rglob("*.json*"))  # the results first, the samples last
    if not logs or logs[-1].read_bytes().count(b"\n") != sum(map(len, samples.values())):
        raise CommandError(f"{contender}, {task}: its log could not be written whole: {KEPT}")
    for log in logs:
        log.replace(folder / log.name)
    shutil.rmtree(begun)


if __name__ == "__main__":
    raise SystemExit(main())
