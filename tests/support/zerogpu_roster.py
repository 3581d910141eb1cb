"""The text of a roster for ZeroGPU: a member's table, and the blend of oak and elm."""

BLEND = '[[blend]]\nname = "Blended"\nmembers = ["oak", "elm"]\n'


def member(name: str, path: object, options: str = "", tokens: int = 8) -> str:
    """A member that names no engine, as most do."""
    sampling = f"[member.sampling]\ntemperature = 0.0\nmax_tokens = {tokens}"
    return f'[[member]]\nname = "{name}"\npath = "{path}"\n{options}\n{sampling}\n'
