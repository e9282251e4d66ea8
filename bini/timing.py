"""Doing the same work in several ways, alternately in one process, and what each way costs."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict


@dataclass(frozen=True)
class Cost:
    """What can be counted exactly, on any machine: passes of the model, and tokens that went through them."""

    calls: int
    tokens: int


@dataclass(frozen=True)
class Way:
    """One way to do a piece of work."""

    name: str
    work: Callable[[], Cost]


class Figure(BaseModel):
    """What one way costs.

    Parameters
    ----------
    suite, way
        What was done, and how.
    seconds, fastest, slowest
        Median, least and most of the runs, by the wall clock.
    calls, tokens
        As `Cost`, of one run.
    peak_mib
        Peak memory of the process while it ran, in MiB; 0 where the system does not tell.
    ratio
        How many times faster than the first way: the median over the runs, each compared with its neighbour.
    """

    model_config = ConfigDict(frozen=True)

    suite: str
    way: str
    seconds: float
    fastest: float
    slowest: float
    calls: int
    tokens: int
    peak_mib: int
    ratio: float


def measure(suite: str, ways: Sequence[Way], runs: int) -> list[Figure]:
    """Run every way `runs` times, in turn.

    Parameters
    ----------
    suite
        What the ways do.
    ways
        The first is what the others are compared with.
    runs
        At least 1.
    """
    seconds: list[list[float]] = [[] for _ in ways]
    costs, peaks = [Cost(0, 0)] * len(ways), [0] * len(ways)
    for _ in range(runs):
        for n, way in enumerate(ways):
            _forget_peak()
            started = time.perf_counter()
            costs[n] = way.work()
            seconds[n].append(time.perf_counter() - started)
            peaks[n] = max(peaks[n], _peak_mib())
    return [
        Figure(
            suite=suite,
            way=way.name,
            seconds=statistics.median(seconds[n]),
            fastest=min(seconds[n]),
            slowest=max(seconds[n]),
            calls=costs[n].calls,
            tokens=costs[n].tokens,
            peak_mib=peaks[n],
            ratio=statistics.median(first / own for first, own in zip(seconds[0], seconds[n], strict=True)),
        )
        for n, way in enumerate(ways)
    ]


def _forget_peak() -> None:
    """Let Linux count the peak from here on."""
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return


def _peak_mib() -> int:
    try:
        status = Path("/proc/self/status").read_text(encoding="utf-8")
    except OSError:
        return 0
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024
