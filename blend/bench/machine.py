"""The machine that is measured: its name, its memory, and how fast a GPU copies."""

import os
import platform
import resource
import sys
from pathlib import Path


def name() -> str:
    """Processor, cores and GPUs, for whoever reads the figures elsewhere."""
    import torch

    parts = [f"{_processor()}, {os.cpu_count()} cores"]
    parts += [torch.cuda.get_device_name(n) for n in range(torch.cuda.device_count())]
    return " · ".join(parts)


def software() -> dict[str, str]:
    """The versions that speed depends on."""
    import torch
    import transformers

    here = {"python": platform.python_version(), "torch": torch.__version__}
    return here | {"transformers": transformers.__version__}


def processor_seconds() -> float:
    """What this process and those of its members have used of the processors, in seconds."""
    import psutil

    this = psutil.Process()
    every = [p.cpu_times() for p in (this, *this.children(recursive=True))]
    return sum(times.user + times.system for times in every)


def peak() -> dict[str, float]:
    """Gigabytes held: of main memory, and at most of each kind of GPU memory.

    Of main memory it is what this process held at most, and what those of its members hold now;
    what they share among them is counted once.
    """
    import psutil
    import torch

    unit = 1 if sys.platform == "darwin" else 1024
    members = [p.memory_full_info() for p in psutil.Process().children(recursive=True)]
    beside = sum(getattr(info, "pss", info.uss) for info in members)
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    held = {"memory": (own + beside) / 1e9}
    if torch.cuda.is_available():
        gpus = range(torch.cuda.device_count())
        held["cuda"] = sum(torch.cuda.max_memory_allocated(n) for n in gpus) / 1e9
    return held


def bandwidth(seconds: float = 0.5) -> float | None:
    """Bytes a second that the first GPU reads and writes when it copies; None without a GPU.

    It is what decoding can be measured against: each token of one conversation reads every weight.
    """
    import time

    import torch

    if not torch.cuda.is_available():
        return None
    size = min(4 << 30, torch.cuda.mem_get_info()[0] // 4)
    source = torch.empty(size, dtype=torch.uint8, device="cuda")
    target = torch.empty_like(source)
    target.copy_(source)
    torch.cuda.synchronize()
    copies, began = 0, time.perf_counter()
    while (took := time.perf_counter() - began) < seconds:
        for _ in range(8):
            target.copy_(source)
        torch.cuda.synchronize()
        copies += 8
    return 2 * copies * size / took


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
