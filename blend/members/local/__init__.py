"""Models of transformers that run in this process, on a GPU or a CPU."""
