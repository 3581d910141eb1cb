"""Memory that is all zeros, given back to the system until it is written."""

import ctypes
import mmap
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


def give_back(zeros: "torch.Tensor") -> None:
    """Let go of the pages of a tensor on a CPU that holds zeros; each comes back when it is used.

    A cache is made for the most that may ever be asked, and filled with zeros: a hundred megabytes
    of each small model, which most sites never need. Linux only; elsewhere nothing is done.
    """
    if sys.platform != "linux":
        return
    page = mmap.PAGESIZE
    begin = -(-zeros.data_ptr() // page) * page
    end = (zeros.data_ptr() + zeros.untyped_storage().nbytes()) // page * page
    if end > begin:
        libc = ctypes.CDLL(None)
        libc.madvise(ctypes.c_void_p(begin), ctypes.c_size_t(end - begin), mmap.MADV_DONTNEED)
