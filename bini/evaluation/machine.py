"""What predictions are made on: the machine in words, and the memory that they take."""

import os
import platform
import re
from contextlib import suppress
from pathlib import Path

import torch

_PROCESS = Path("/proc/self")


def machine() -> str:
    """Processor, GPU where models run on one, and versions; nothing that names the computer or its user."""
    parts = [f"{os.cpu_count()} cores of {_processor()}"]
    if torch.cuda.is_available():
        parts.append(torch.cuda.get_device_name())
    return ", ".join([*parts, f"Python {platform.python_version()}", f"torch {torch.__version__}"])


def _processor() -> str:
    with suppress(OSError):
        found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
        if found:
            return found[1].strip()
    return platform.processor() or platform.machine()


def forget_peak() -> None:
    """Let `peak_memory` count from now on; where Linux does not allow it, from the start of the process."""
    if torch.cuda.is_available():
        torch.cuda.reset_peak_memory_stats()
    with suppress(OSError):
        (_PROCESS / "clear_refs").write_text("5")  # proc(5): resets the peak resident set size


def peak_memory() -> int | None:
    """Most memory since `forget_peak`, in bytes, or None where the system does not tell.

    Of the GPU where models run on one, else resident memory of the process.
    """
    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated()
    with suppress(OSError):
        found = re.search(r"^VmHWM:\s*(\d+) kB$", (_PROCESS / "status").read_text(), re.MULTILINE)
        if found:
            return 1024 * int(found[1])
    return None
