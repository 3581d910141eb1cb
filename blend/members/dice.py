"""The dice of a paged member on a CPU: the next token of every conversation, without sorting.

transformers sorts the whole vocabulary twice for every token, once for top-k and once for top-p,
which at 16 conversations is most of a small model's step. Nearly always the tokens that both leave
are among the likeliest few, and those are found without sorting.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

WIDTHS = (64, 1024)
"""How many of the likeliest tokens are looked at first, and then; after that, all of them."""


class Dice:
    """In place of a manager's logits processors and of its sampling: see Service.

    It keeps each conversation's temperature, top_k and top_p from the one call for the other.
    """

    do_processing = True

    def __call__(
        self, ids: "torch.Tensor", logits: "torch.Tensor", settings: "torch.Tensor"
    ) -> "torch.Tensor":
        """The logits as they are. settings: [3, conversations or more], int32 with floats in it."""
        self._settings = settings[:, : len(logits)]
        return logits

    def sample(self, logits: "torch.Tensor", out: "torch.Tensor") -> None:
        """Write into out's first row what is drawn from logits [1, conversations, vocabulary]."""
        import torch

        heat, top_k, top_p = self._settings
        tokens = draw(logits[0], heat.view(torch.float32), top_k, top_p.view(torch.float32))
        out[0, : len(tokens)].copy_(tokens)


def draw(
    logits: "torch.Tensor", heat: "torch.Tensor", top_k: "torch.Tensor", top_p: "torch.Tensor"
) -> "torch.Tensor":
    """A token of each row, [rows]: softmax at a temperature, cut to top_k, then to top_p of that.

    logits: [rows, vocabulary]. heat, top_k, top_p: [rows], heat above 0, top_k at least 1. The same
    distribution as transformers' warpers in that order; top_k 1 is the first of the likeliest.
    Raises RuntimeError where there are no chances to draw by.
    """
    import torch

    if bool((top_k >= logits.shape[-1]).all()):
        found = _of_nuclei(logits / heat[:, None], top_p)
        if found is not None:
            return found
    peaks, tokens = logits.max(-1)
    _check(peaks)
    rows = torch.nonzero(top_k > 1)[:, 0]
    size = logits.shape[-1]
    for width in (*(w for w in WIDTHS if w < size), size):
        if not len(rows):
            break
        scaled = logits[rows] / heat[rows, None]
        best, ids = torch.topk(scaled, width)
        cut = (top_k[rows] <= width) | (width == size)
        kept = torch.arange(width) < top_k[rows, None]
        # Chances are of the top_k, or of the whole vocabulary where top_k is no less than that.
        whole = torch.where(cut, _log_sum(best, kept), scaled.logsumexp(-1))
        _check(whole)
        chance = torch.where(kept, torch.exp(best - whole[:, None]), 0.0)
        below = chance.cumsum(-1)
        kept &= below - chance < top_p[rows, None]
        kept[:, 0] = True
        # All that may be drawn is here: top_k ends within the width, or top_p does.
        found = cut | ((top_k[rows] >= size) & ~kept[:, -1])
        reach = torch.where(kept, chance, 0.0).cumsum(-1)
        dice = torch.rand(len(rows), 1) * reach[:, -1:]
        place = torch.searchsorted(reach, dice, right=True).clamp(max=kept.sum(-1, True) - 1)
        tokens[rows[found]] = ids.gather(1, place)[found, 0]
        rows = rows[~found]
    return tokens


def _of_nuclei(scaled: "torch.Tensor", top_p: "torch.Tensor") -> "torch.Tensor | None":
    """What `draw` does where no row has a top_k, in a third of the steps: the usual case.

    None where a row's nucleus may be wider than the narrowest of WIDTHS.
    """
    import torch

    whole = scaled.logsumexp(-1, keepdim=True)
    _check(whole)
    best, ids = torch.topk(scaled, min(WIDTHS[0], scaled.shape[-1]))
    chance = (best - whole).exp_()
    below = chance.cumsum(-1)
    # The likeliest is always kept; those that are form the beginning of the row.
    count = ((below - chance)[:, 1:] < top_p[:, None]).sum(-1, keepdim=True)
    if below.shape[-1] < scaled.shape[-1] and bool((count == below.shape[-1] - 1).any()):
        return None
    dice = torch.rand(len(scaled), 1) * below.gather(1, count)
    place = torch.searchsorted(below, dice, right=True)
    return ids.gather(1, torch.minimum(place, count))[:, 0]


def _log_sum(values: "torch.Tensor", kept: "torch.Tensor") -> "torch.Tensor":
    import torch

    return torch.where(kept, values, -torch.inf).logsumexp(-1)


def _check(values: "torch.Tensor") -> None:
    if not values.isfinite().all():
        raise RuntimeError("its logits are not finite numbers")
