"""A transformers model under the engine that suits it and the machine: paged, else generate."""

import logging
from typing import Any

from blend.members import Member, MemberError, Sampling
from blend.members.local import devices, weights
from blend.members.local.generate import Generate
from blend.members.local.paged import Paged

log = logging.getLogger(__name__)


class TransformersMember:
    """What a member is that names a transformers model and no engine."""

    honours = Generate.honours

    @staticmethod
    def load(name: str, source: str, sampling: Sampling, **how: Any) -> Member:
        """A Paged member on a GPU where the model and its sampling can, else a Generate member.

        Some releases of transformers fail to batch a model that they say they can: generate has
        those. how: see `ModelMember.load`. Raises SamplingError and MemberError.
        """
        place = {key: how.get(key) for key in ("revision", "device", "device_map")}
        paged = devices.paged_by_default(source, **place)
        if not (paged and sampling.changed() <= Paged.honours):
            return Generate.load(name, source, sampling, **how)
        memory = how.pop("memory", None)
        loaded = weights.load(name, source, sampling, **how)
        try:
            return Paged.over(name, loaded, sampling, memory)
        except MemberError as error:
            log.warning("%s; it has that now", error)
        return Generate.over(name, loaded, sampling, memory)
