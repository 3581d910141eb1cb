"""A transformers model under the engine that suits it and the machine: paged, else generate."""

from typing import Any

from blend.members import Member, Sampling, devices
from blend.members.generate import Generate
from blend.members.paged import Paged


class TransformersMember:
    """What a member is that names a transformers model and no engine."""

    honours = Generate.honours

    @staticmethod
    def load(name: str, source: str, sampling: Sampling, **how: Any) -> Member:
        """A Paged member on a GPU where the model and its sampling can, else a Generate member.

        how: see their `load`. Raises SamplingError and MemberError.
        """
        place = {key: how.get(key) for key in ("revision", "device", "device_map")}
        paged = devices.default_engine(source, **place) == "paged"
        kind = Paged if paged and sampling.changed() <= Paged.honours else Generate
        return kind.load(name, source, sampling, **how)
