"""app.py on a machine without torch and what belongs to it: to import one of them is an error."""

import runpy
import sys
from importlib.abc import MetaPathFinder
from pathlib import Path

MISSING = {"torch", "transformers", "accelerate", "safetensors", "tokenizers"}


class Refuse(MetaPathFinder):
    """Finds none of MISSING, and nothing else."""

    def find_spec(self, fullname, path=None, target=None):
        if fullname.partition(".")[0] in MISSING:
            raise ModuleNotFoundError(f"{fullname} is not installed", name=fullname)


if __name__ == "__main__":
    sys.meta_path.insert(0, Refuse())
    sys.path[0] = str(Path(__file__).parents[2])
    runpy.run_path("app.py", run_name="__main__")
