"""The program of a llama.cpp process: it serves one GGUF file until it is ended.

Run as `python -P llama_server.py JSON`, with the request key in LLAMA_API_KEY. It imports nothing
of this project, so that the process holds llama.cpp alone.
"""

import json
import os
import sys
import threading
from typing import Any

POLL = 0
"""How long an idle thread of llama.cpp spins before it sleeps, of 100: members share the cores."""

CHECKPOINTS = 4
"""Copies of a slot's state, for models that cannot go back in it; each takes megabytes."""
BATCH = 512
"""Tokens that are read at once: other replies go on in between."""


def main(
    path: str, port: int, slots: int, window: int, threads: int, writing: int, gpu_layers: int
) -> int:
    """Serve the file on a port of this machine. Returns an exit code where it cannot.

    window: tokens of each slot. threads: for many tokens at once. writing: threads for a single
    one, as in the reply to one conversation. gpu_layers: -1 is all of them, where xllamacpp was
    built for a GPU.
    """
    try:
        import xllamacpp
    except ImportError as error:
        missing = isinstance(error, ModuleNotFoundError)
        mend = "pip install xllamacpp" if missing else "install that library (libgomp1 on Debian)"
        print(f"llama.cpp cannot be loaded: {error}: {mend}")
        return 1
    params = _parameters(path, port, slots, window, gpu_layers)
    params.cpuparams.n_threads, params.cpuparams_batch.n_threads = writing, threads
    try:
        server = xllamacpp.Server(params)
    except RuntimeError:  # it says nothing of why
        hint = f"is it a whole GGUF file, and is there memory for {slots} x {window:,} tokens?"
        print(f"llama.cpp cannot open {path}: {hint}")
        return 1
    print(f"serves at {server.listening_address}", flush=True)
    threading.Event().wait()
    return 0


def _parameters(path: str, port: int, slots: int, window: int, gpu_layers: int) -> Any:
    """xllamacpp's settings of a server, but for its threads."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = path
    devices = xllamacpp.get_device_info() if gpu_layers else []
    gpus = [one["description"] for one in devices if one["type"].name.endswith("GPU")]
    params.model_alias = {gpus[0] if gpus else "CPU"}  # who asks for its name learns where it runs
    params.port = port
    params.api_keys = [os.environ["LLAMA_API_KEY"]]
    params.n_parallel = slots
    params.n_ctx = slots * window
    params.n_gpu_layers = gpu_layers
    params.cpuparams.poll = params.cpuparams_batch.poll = POLL
    # The member says which slot reads what: a cache beside the slots would be found across scopes.
    params.cache_ram_mib, params.cache_idle_slots = 0, False
    params.n_ctx_checkpoints = CHECKPOINTS
    params.n_batch = BATCH
    params.ui = params.endpoint_slots = False
    params.verbosity = 1  # errors
    return params


if __name__ == "__main__":
    sys.exit(main(**json.loads(sys.argv[1])))
