"""The machine that is measured: its name, its memory, and how fast a GPU copies."""

import os
import platform
import subprocess
import sys
import time
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path


def name() -> str:
    """Processor, cores and NVIDIA's GPUs, for whoever reads the figures elsewhere."""
    about = Path("/proc/cpuinfo")
    lines = about.read_text(encoding="utf-8").splitlines() if about.is_file() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    processor = (models or [platform.processor() or platform.machine()])[0]
    return " · ".join([f"{processor}, {os.cpu_count()} cores", *_gpus("name")])


def software() -> dict[str, str]:
    """The versions that speed depends on."""
    here = (name for name in ("xllamacpp", "torch", "transformers") if find_spec(name))
    return {"python": platform.python_version()} | {name: version(name) for name in here}


def memory() -> dict[str, float]:
    """Gigabytes held now: by this process and its members', and on all GPUs by whomever.

    Of main memory, what the processes share is counted once.
    """
    import psutil

    this = psutil.Process()
    infos = [p.memory_full_info() for p in (this, *this.children(recursive=True))]
    held = {"memory": sum(getattr(info, "pss", info.uss) for info in infos) / 1e9}
    used = _gpus("memory.used")
    return held | ({"gpu": sum(map(float, used)) * 2**20 / 1e9} if used else {})


def bandwidth() -> float | None:
    """Bytes a second that torch's first GPU reads and writes when it copies; None without one.

    It is what decoding can be measured against: each token of one conversation reads every weight.
    """
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_available():
        return None
    size = min(4 << 30, torch.cuda.mem_get_info()[0] // 4)
    source = torch.empty(size, dtype=torch.uint8, device="cuda")
    target = source.clone()
    torch.cuda.synchronize()
    copies, began = 0, time.perf_counter()
    while (took := time.perf_counter() - began) < 0.5:
        target.copy_(source)
        torch.cuda.synchronize()
        copies += 1
    return 2 * copies * size / took


def _gpus(what: str) -> list[str]:
    """One property of each GPU from nvidia-smi; empty where there is none."""
    command = ["nvidia-smi", f"--query-gpu={what}", "--format=csv,noheader,nounits"]
    try:
        ended = subprocess.run(command, capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return []
    return ended.stdout.splitlines() if ended.returncode == 0 else []
