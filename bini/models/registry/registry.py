"""Adapters by name and version, in a folder of this project.

It lies under outputs/, beside the runs, because what is in production is a matter of the project and not of the user:
two projects may call different adapters by one name, and who copies the project takes it along.
"""

import getpass
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bini.errors import AdapterError
from bini.files import sha256, sha256_file, write_text
from bini.models.adapters.report import Check, failures
from bini.models.registry.events import NAME, Action, Event, State, check_name, fold, parse_reference
from bini.models.registry.log import append, read_events
from bini.models.registry.objects import copy_files, staging, tree_digest, verified

FOLDER = Path("outputs/registry")


@dataclass(frozen=True)
class Registry:
    """The registered adapters.

    Parameters
    ----------
    folder
        Holds `names/NAME.jsonl`, the events of a name; `objects/DIGEST/NAME@VERSION/`, the files of a version;
        `records/`, what promotions rested on; and `results/NAME@VERSION/`, what was made of a version.
    """

    folder: Path = FOLDER

    def register(
        self, source: Path, name: str, base: str, check: Callable[[Path], Sequence[Check]]
    ) -> tuple[int | None, Sequence[Check]]:
        """Keep a copy of a run folder as the next version of a name.

        Parameters
        ----------
        source
            What `bini train` made.
        name
            What it is to be called.
        base
            Fingerprint of the model that it belongs to.
        check
            Checks the copy, so that what is kept is what was checked.

        Returns
        -------
        tuple of int or None and sequence of Check
            The version; the one that has the same files already, if there is one; None if a check failed. And what the
            checks said.

        Raises
        ------
        AdapterError
            If the name is none, or there is no folder that can be copied.
        """
        check_name(name)
        if not source.is_dir():
            raise AdapterError(f"there is no adapter folder {source}", "train one with: bini train")
        with staging(self._objects) as work:
            staged = work / name
            copy_files(source, staged)
            checks = check(staged)
            if failures(checks):
                return None, checks
            digest = tree_digest(staged)

            def event(state: State) -> Event | None:
                if state.version_of(digest):
                    return None
                version = len(state.registered) + 1
                _put(staged, self._objects / digest / f"{name}@{version}")
                said = {one.name: one.status for one in checks}
                return _event(Action.REGISTERED, version, object=digest, checks=said, base=base)

            return append(self._log(name), event).version_of(digest), checks

    def names(self) -> list[str]:
        """The names that have a version."""
        found = (path.stem for path in sorted((self.folder / "names").glob("*.jsonl")))
        return [name for name in found if NAME.fullmatch(name) and self.events(name)]

    def events(self, name: str) -> list[Event]:
        """What happened to a name, oldest first.

        Raises
        ------
        AdapterError
            If the name is none, or its log is broken.
        """
        return read_events(self._log(check_name(name)))

    def state(self, name: str) -> State:
        """The versions of a name.

        Raises
        ------
        AdapterError
            If no adapter has the name, or its log is broken.
        """
        state = fold(self.events(name))
        if not state.registered:
            raise AdapterError(f"no adapter is registered as {name}", "register one with: bini adapters register")
        return state

    def promote(self, name: str, version: int, over: int | None, record: str, reason: str = "") -> State:
        """Put a version into production.

        Parameters
        ----------
        over
            The version in production that it was compared with.
        record
            Digest of the record of what the promotion rests on.

        Raises
        ------
        AdapterError
            If the version cannot be promoted, or another one is in production by now.
        """
        self.locate(f"{name}@{version}")

        def event(state: State) -> Event:
            if state.production != over:
                now = f"{name}@{state.production}" if state.production else "no version"
                raise AdapterError(f"{now} is in production by now", "promote again, to compare with that")
            return _event(Action.PROMOTED, version, record=record, reason=reason)

        return append(self._log(name), event)

    def roll_back(self, name: str, reason: str = "") -> State:
        """Undo the last promotion: the version before it, if there was one, is in production again.

        Raises
        ------
        AdapterError
            If no version is in production, or the one before was changed on disk.
        """
        self.state(name)

        def event(state: State) -> Event:
            if state.production is None:
                raise AdapterError(f"no version of {name} is in production", "promote one with: bini adapters promote")
            if state.promoted[:-1]:
                self._verified(name, state, state.promoted[-2].version)
            return _event(Action.ROLLED_BACK, state.production, reason=reason)

        return append(self._log(name), event)

    def retire(self, name: str, version: int, reason: str = "") -> State:
        """Let a version be used no more; its files stay.

        Raises
        ------
        AdapterError
            If there is no such version, or it is in production, or retired already.
        """
        self.state(name)
        return append(self._log(name), lambda _: _event(Action.RETIRED, version, reason=reason))

    def locate(self, reference: str) -> Path:
        """The folder of NAME@VERSION, or of the version of NAME that is in production, its files as registered.

        Raises
        ------
        AdapterError
            If there is none, it is retired, or it was changed.
        """
        name, version = parse_reference(reference)
        state = self.state(name)
        wanted = version or state.production
        if wanted is None:
            raise AdapterError(f"no version of {name} is in production", f"name one: {name}@{len(state.registered)}")
        if wanted > len(state.registered):
            raise AdapterError(f"{name} has no version {wanted}", f"see: bini adapters show {name}")
        if wanted in state.retired:
            raise AdapterError(f"{name}@{wanted} is retired", f"see: bini adapters show {name}")
        return self._verified(name, state, wanted)

    def keep_record(self, record: str, told: str = "") -> str:
        """Keep a JSON record, and what it says in Markdown; its digest, which names it."""
        digest = sha256(record)
        if told:
            write_text(self.folder / "records" / f"{digest}.md", told)
        write_text(self.folder / "records" / f"{digest}.json", record)
        return digest

    def record(self, digest: str) -> str:
        """A record that was kept.

        Raises
        ------
        AdapterError
            If it is missing, or was changed.
        """
        path = self.folder / "records" / f"{digest}.json"
        if not path.is_file() or sha256_file(path) != digest:
            raise AdapterError(f"{path} is missing, or was changed", "put the record back as it was")
        return path.read_text(encoding="utf-8")

    def holds(self, folder: Path) -> bool:
        """Whether a folder is that of a registered version."""
        return folder.resolve().parent.parent == self._objects.resolve()

    def results(self, folder: Path) -> Path:
        """Where reports on a registered version, and its calibration if it is made later, go."""
        return self.folder / "results" / folder.resolve().name

    def folders(self) -> list[Path]:
        """The folders of every registered version, retired ones too, as they are on disk."""
        return sorted(self._objects.glob("*/*@*"))

    def _verified(self, name: str, state: State, version: int) -> Path:
        return verified(self._objects, str(state.registered[version - 1].object), f"{name}@{version}")

    @property
    def _objects(self) -> Path:
        return self.folder / "objects"

    def _log(self, name: str) -> Path:
        return self.folder / "names" / f"{name}.jsonl"


def resolve_adapter(text: str) -> Path:
    """The run folder that an argument names: a folder, NAME@VERSION, or NAME for what is in production.

    Raises
    ------
    AdapterError
        If it names none, or both a folder and a registered adapter.
    """
    folder, registry = Path(text), Registry()
    try:
        name, _ = parse_reference(text)
    except AdapterError:
        if "@" in text and not folder.is_dir():
            raise
        return folder
    known = bool(registry.events(name))
    if known and folder.is_dir():
        raise AdapterError(
            f"{text} is a folder and a registered adapter", f"write ./{text} for the folder, or name it otherwise"
        )
    return registry.locate(text) if known or "@" in text else folder


def _put(staged: Path, target: Path) -> None:
    """Move a checked copy into place, instead of what a killed process left there without an event."""
    target.parent.mkdir(exist_ok=True)
    if target.exists():
        shutil.rmtree(target)
    staged.rename(target)


def _event(action: Action, version: int, **fields: Any) -> Event:
    return Event(at=datetime.now(UTC), user=_user(), action=action, version=version, **fields)


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # no name for this user id, as in a container
        return str(os.getuid())
