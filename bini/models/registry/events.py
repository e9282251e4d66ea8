"""What happened to the versions of a name, and the state that follows from it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import groupby
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from bini.errors import AdapterError
from bini.models.adapters.report import Status, printable

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}")
"""ASCII alone, so that no two names look alike and none leads out of the folder."""

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Text = Annotated[str, Field(max_length=10_000)]


class Action(StrEnum):
    """What was done."""

    REGISTERED = "registered"
    PROMOTED = "promoted"
    ROLLED_BACK = "rolled back"
    RETIRED = "retired"


class Event(BaseModel):
    """One line of a name's log.

    Fields that are not known are passed over, so that a log outlives the version that wrote it.

    Parameters
    ----------
    at, user
        When (UTC) and who.
    action, version
        What was done to which version; what is rolled back is the version that leaves production.
    reason
        Why, in the user's words.
    object
        Digest of the version's files, where it was registered.
    checks
        What its checks said then.
    base
        Fingerprint of the model it was checked on.
    record
        Digest of the record of its promotion.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    at: AwareDatetime
    user: Text
    action: Action
    version: Annotated[int, Field(ge=1)]
    reason: Text = ""
    object: Digest | None = None
    checks: dict[str, Status] = {}
    base: Text | None = None
    record: Digest | None = None


@dataclass(frozen=True)
class State:
    """The versions of a name.

    Parameters
    ----------
    registered
        The event of each version, version 1 first.
    promoted
        The promotions of versions that were not rolled back or retired since, that of the one in production last.
    retired
        The versions that are no longer to be used.
    """

    registered: tuple[Event, ...] = ()
    promoted: tuple[Event, ...] = ()
    retired: frozenset[int] = frozenset()

    @property
    def production(self) -> int | None:
        """The version in production, if one is."""
        return self.promoted[-1].version if self.promoted else None

    def version_of(self, digest: str) -> int | None:
        """The version in use that has these files, if one does."""
        found = (e.version for e in self.registered if e.object == digest and e.version not in self.retired)
        return next(found, None)


def fold(events: Iterable[Event]) -> State:
    """The state after `events`.

    Raises
    ------
    AdapterError
        If one of them cannot follow those before it.
    """
    state = State()
    for event in events:
        state = step(state, event)
    return state


def step(state: State, event: Event) -> State:
    """The state after one more event.

    Raises
    ------
    AdapterError
        If it cannot follow.
    """
    version = event.version
    if event.action is Action.REGISTERED:
        if version != len(state.registered) + 1 or event.object is None:
            raise AdapterError(f"version {version} cannot be registered now", "register the adapter again")
        return replace(state, registered=(*state.registered, event))
    refuse_impossible(state, event.action, version)
    if event.action is Action.PROMOTED:
        return replace(state, promoted=(*state.promoted, event))
    if event.action is Action.ROLLED_BACK:
        return replace(state, promoted=state.promoted[:-1])
    left = groupby((one for one in state.promoted if one.version != version), key=lambda one: one.version)
    once = tuple(next(same) for _, same in left)  # 1, 2, 1 without 2 is 1
    return replace(state, promoted=once, retired=state.retired | {version})


def refuse_impossible(state: State, action: Action, version: int) -> None:
    """Raise AdapterError if a registered version cannot be promoted, rolled back or retired now."""
    if version > len(state.registered):
        raise AdapterError(f"there is no version {version}", "see: bini adapters list")
    if version in state.retired:
        raise AdapterError(f"version {version} is retired", "take another version, or register the adapter again")
    if action is Action.ROLLED_BACK and version != state.production:
        raise AdapterError(f"version {version} is not in production", "see: bini adapters list")
    if action is not Action.ROLLED_BACK and version == state.production:
        raise AdapterError(
            f"version {version} is in production",
            "promote another one, or take it back with: bini adapters rollback",
        )


def check_name(name: str) -> str:
    """`name`, if it is one that an adapter may have.

    Raises
    ------
    AdapterError
        If it is none.
    """
    if not NAME.fullmatch(name):
        raise AdapterError(
            f"{printable(name)!r} is no name for an adapter", "use up to 64 letters a-z, digits and dashes"
        )
    return name


def parse_reference(text: str) -> tuple[str, int | None]:
    """Name and version of NAME@VERSION; NAME alone has none.

    Raises
    ------
    AdapterError
        If it is neither.
    """
    name, at, version = text.partition("@")
    check_name(name)
    if at and not re.fullmatch(r"[1-9][0-9]{0,8}", version):
        raise AdapterError(f"{printable(text)!r} names no version", "write it as NAME@1")
    return name, int(version) if at else None
