"""What differs between two results of the same request, field by field."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

TOLERANCE = 1e-4
"""Two probabilities that differ by at most this much are the same."""


@dataclass(frozen=True)
class Difference:
    """One field that differs: where it stands, and what stands there, as JSON; `None` where there is no such field."""

    where: str
    stored: str | None
    here: str | None


def differences(stored: Any, here: Any, where: str = "") -> list[Difference]:
    """Every field in which two JSON values differ, in their order; numbers may differ by `TOLERANCE`.

    Parameters
    ----------
    stored, here
        Values as `json.loads` gives them.
    where
        What the two are called.
    """
    return list(_differences(stored, here, where))


def _differences(stored: Any, here: Any, where: str) -> Iterator[Difference]:
    if isinstance(stored, dict) and isinstance(here, dict):
        for key in [*stored, *(key for key in here if key not in stored)]:
            place = f"{where}.{key}" if where else str(key)
            yield from _differences(stored.get(key, _ABSENT), here.get(key, _ABSENT), place)
    elif isinstance(stored, list) and isinstance(here, list) and len(stored) == len(here):
        for number, (one, other) in enumerate(zip(stored, here, strict=True), start=1):
            yield from _differences(one, other, f"{where} {number}")
    elif not _same(stored, here):
        yield Difference(where, _shown(stored), _shown(here))


_ABSENT = object()


def _same(stored: Any, here: Any) -> bool:
    if isinstance(stored, float) and isinstance(here, float):
        return abs(stored - here) <= TOLERANCE  # not so for NaN
    return bool(stored == here)


def _shown(value: Any) -> str | None:
    return None if value is _ABSENT else json.dumps(value, ensure_ascii=False)
