"""Where transformers reads a model: a folder or the Hub, safetensors or a GGUF file."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from blend.members import hub_files

if TYPE_CHECKING:
    from transformers import PreTrainedConfig, PreTrainedTokenizerBase

WEIGHTS = ("*.safetensors", "*.bin")
"""Files of weights, by their names; a GGUF file beside them is for others."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """source: a folder, or an id on the Hub, with `revision`. gguf: the file with the weights."""

    source: str
    revision: str | None = None
    gguf: str | None = None

    @classmethod
    def locate(cls, source: str, revision: str | None = None) -> "Checkpoint":
        """The checkpoint of a folder, of a path that ends in .gguf, or of an id on the Hub."""
        file = hub_files.find_gguf(source)
        return cls(str(file.parent), gguf=file.name) if file else cls(source, revision)

    def __str__(self) -> str:
        at = f"@{self.revision}" if self.revision else ""
        return f"{self.source}{f'/{self.gguf}' if self.gguf else ''}{at}"

    def files(self) -> list[Path]:
        """The files of its weights, where it is a folder."""
        kinds = (self.gguf,) if self.gguf else WEIGHTS
        return [path for kind in kinds for path in sorted(Path(self.source).glob(kind))]

    @property
    def folder(self) -> Path | None:
        """The folder of its files, where they are on this machine already."""
        if Path(self.source).is_dir():
            return Path(self.source)
        cached = hub_files.cached_path(self.source, "config.json", self.revision)
        return Path(cached).parent if cached else None

    def config(self) -> "PreTrainedConfig":
        """Its shape, by its config.json where it has one: a GGUF file tells transformers less."""
        from transformers import AutoConfig

        return AutoConfig.from_pretrained(self.source, **self._hub_options("config.json"))

    def tokenizer(self) -> "PreTrainedTokenizerBase":
        """Its tokenizer, by its tokenizer.json where it has one."""
        from transformers import AutoTokenizer

        return AutoTokenizer.from_pretrained(self.source, **self._hub_options("tokenizer.json"))

    def model(self, head: str = "CausalLM", **options: Any) -> Any:
        """The model. head: what transformers calls its kind, after "AutoModelFor"."""
        import transformers

        if self.gguf:
            options |= {"config": self.config()}
        kind = getattr(transformers, f"AutoModelFor{head}")
        return kind.from_pretrained(self.source, **self._hub_options(), **options)

    def _hub_options(self, instead: str = "") -> dict[str, Any]:
        """Where from_pretrained looks. No code that comes with a model is run, and none asked for.

        instead: the file that is read in place of the GGUF file, where it lies beside it.
        """
        options: dict[str, Any] = {
            "revision": self.revision,
            "local_files_only": Path(self.source).is_dir(),
            "trust_remote_code": False,
        }
        if self.gguf and not (instead and Path(self.source, instead).is_file()):
            options["gguf_file"] = self.gguf
        return options
