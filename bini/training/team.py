"""Several processes that train one model on one CPU: each takes a part of every step, and the gradients are averaged.

One process of two threads leaves the second core idle in everything that is not a large matrix product; two processes
of one thread do not (figures in training/README.md). Data parallelism as in PyTorch's DistributedDataParallel, which
wraps the model; here the model stays as it is and the gradients travel as one vector.
"""

import multiprocessing
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import distributed


@dataclass(frozen=True)
class Team:
    """A process among `size` that train together; `rank` 0 also logs and saves."""

    rank: int = 0
    size: int = 1

    def average(self, model: torch.nn.Module) -> None:
        """Replace the gradients of `model` by their mean over the team."""
        if self.size == 1:
            return
        gradients = [p.grad for p in model.parameters() if p.grad is not None]
        vector = torch.cat([g.reshape(-1) for g in gradients])
        distributed.all_reduce(vector)
        for gradient, part in zip(gradients, vector.split([g.numel() for g in gradients]), strict=True):
            gradient.copy_(part.view_as(gradient) / self.size)

    def fewest(self, number: int) -> int:
        """The smallest `number` in the team."""
        if self.size == 1:
            return number
        least = torch.tensor(number)
        distributed.all_reduce(least, distributed.ReduceOp.MIN)
        return int(least)


@contextmanager
def team(size: int, work: Callable[..., None], *arguments: Any) -> Iterator[Team]:
    """Make this process the first of `size`; the others run `work(Team, *arguments)` meanwhile and end with the block.

    Raises
    ------
    RuntimeError
        Out of the block, from torch, when another process of the team has died.
    """
    if size == 1:
        yield Team()
        return
    threads = torch.get_num_threads()
    with tempfile.TemporaryDirectory() as folder:
        meeting = Path(folder) / "meeting"
        context = multiprocessing.get_context("spawn")
        others = [
            context.Process(target=_join, args=(Team(rank, size), meeting, work, arguments), daemon=True)
            for rank in range(1, size)
        ]
        for other in others:
            other.start()
        try:
            with _met(Team(0, size), meeting) as first:
                yield first
        finally:
            torch.set_num_threads(threads)
            for other in others:
                other.terminate()
                other.join()


def _join(member: Team, meeting: Path, work: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    with _met(member, meeting):
        work(member, *arguments)


@contextmanager
def _met(member: Team, meeting: Path) -> Iterator[Team]:
    """`member` in touch with the team, on its share of the cores."""
    os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")  # the team never leaves this machine
    torch.set_num_threads(max(1, torch.get_num_threads() // member.size))
    distributed.init_process_group("gloo", f"file://{meeting}", rank=member.rank, world_size=member.size)
    try:
        yield member
    finally:
        distributed.destroy_process_group()
