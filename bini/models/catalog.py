"""The models Bini knows by name, the roles they play, and where their weights lie.

Nothing here looks further than this machine's disk, except `pull`, which the user asks for.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from bini.errors import ModelError
from bini.files import sha256

EMBEDDED = Path(__file__).parent / "embedded"
"""Folder of the weights that ship with the package."""

SHIPPED = Path("outputs/shipped")
"""Where results on adapters that ship with the package go: the package itself is never written to."""

HUB_FILES = ["*.json", "*.safetensors", "*.jinja", "tokenizer.model"]
"""What is fetched of a repository on the hub, and looked for on this machine."""

HUB_ID = re.compile(r"(?=.{3,96}$)(?!.*(?:--|\.\.|\.git$))\w(?:[\w.-]*\w)?/\w(?:[\w.-]*\w)?", re.ASCII)
"""OWNER/NAME, as the hub's own client allows it."""

SAMPLES, SAMPLE = 16, 65_536
"""How many pieces of a weight file its fingerprint reads, and their length in bytes."""


class Role(StrEnum):
    """What a model is for in the main job."""

    TUNED = "tuned-1b"
    BASE = "base-4b"


@dataclass(frozen=True)
class ModelCard:
    """A model known by name.

    Parameters
    ----------
    name
        What people type.
    role
        The role it plays in its family.
    hub_id
        Repository on the Hugging Face hub, or an empty string for an embedded model.
    licence
        Terms of its weights.
    """

    name: str
    role: Role
    hub_id: str
    licence: str


CATALOG = {
    card.name: card
    for card in (
        ModelCard("gemma-3-1b-it", Role.TUNED, "google/gemma-3-1b-it", "Gemma Terms of Use"),
        ModelCard("gemma-3-4b-it", Role.BASE, "google/gemma-3-4b-it", "Gemma Terms of Use"),
        ModelCard("bini-nano", Role.TUNED, "", "Apache-2.0"),
        ModelCard("bini-nano-4x", Role.BASE, "", "Apache-2.0"),
    )
}


@dataclass(frozen=True)
class ModelPlace:
    """A model on this disk: its name for reports and the folder that holds it."""

    name: str
    path: Path

    @property
    def size(self) -> int:
        """Bytes of its weight files."""
        return sum(file.stat().st_size for file in self.path.glob("*.safetensors"))

    def fingerprint(self) -> str:
        """Digest of the configuration and of the weights' names, shapes and samples: tells base models apart.

        Weight files can be gigabytes: of each, the header and sixteen samples spread over it are read. Training moves
        every weight, so other weights show; a change of single bytes between the samples does not.
        """
        parts = []
        for file in sorted(self.path.glob("*.safetensors")):
            with file.open("rb") as stream:
                length = int.from_bytes(stream.read(8), "little")
                if length > file.stat().st_size:
                    raise ModelError(f"{self.name}: {file.name} is no safetensors file", "fetch the model again")
                content = [stream.read(length)]
                last = max(0, file.stat().st_size - SAMPLE)
                for number in range(SAMPLES):
                    stream.seek(last * number // (SAMPLES - 1))
                    content.append(stream.read(SAMPLE))
                parts.append(sha256(b"".join(content)))
        try:
            config = dict(json.loads((self.path / "config.json").read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise ModelError(f"{self.name}: config.json cannot be read", "fetch the model again") from error
        for volatile in ("_name_or_path", "transformers_version"):
            config.pop(volatile, None)
        return sha256(json.dumps([config, parts], sort_keys=True))


def ships(folder: Path) -> bool:
    """Whether a folder is one of those that ship with the package."""
    return folder.resolve().parent == EMBEDDED.resolve()


def _is_model(path: Path) -> bool:
    return (path / "config.json").is_file() and any(path.glob("*.safetensors"))


def find(card: ModelCard) -> ModelPlace | None:
    """Where the weights of `card` lie on this machine, or None; never asks the network."""
    path = _cached(card.hub_id) if card.hub_id else EMBEDDED / card.name
    return ModelPlace(card.name, path) if path and _is_model(path) else None


def hub_id(name: str) -> str:
    """The repository on the hub that a name of `CATALOG`, or OWNER/NAME itself, means; empty if none can be meant."""
    if name in CATALOG:
        return CATALOG[name].hub_id
    return name if HUB_ID.fullmatch(name) else ""


def _cached(repository: str) -> Path | None:
    """Where a repository of the hub lies on this machine."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        return Path(snapshot_download(repository, allow_patterns=HUB_FILES, local_files_only=True))
    except LocalEntryNotFoundError:
        return None


def resolve(wanted: str, notice: Callable[[str], None]) -> ModelPlace:
    """Find the model that a role, a name or a path stands for.

    Parameters
    ----------
    wanted
        "tuned-1b" or "base-4b", a name of `CATALOG`, a folder with config and safetensors, or OWNER/NAME of a model
        that was pulled from the hub.
    notice
        Told, in one line, which model takes a role.

    Raises
    ------
    ModelError
        If nothing on this machine is meant by `wanted`.
    """
    if wanted in list(Role):
        members = [card for card in CATALOG.values() if card.role == wanted]
        for card in members:
            place = find(card)
            if place is not None:
                larger = f"; {members[0].name} is not on this machine" if card is not members[0] else ""
                notice(f"{wanted}: using {card.name}{larger}")
                return place
        raise ModelError(
            f"no model for the role {wanted} is on this machine", "reinstall bini, or run: bini models pull"
        )
    if wanted in CATALOG:
        place = find(CATALOG[wanted])
        if place is None:
            hint = f"fetch it with: bini models pull {wanted}" if CATALOG[wanted].hub_id else "reinstall bini"
            raise ModelError(f"{wanted} is not on this machine", hint)
        return place
    path = Path(wanted)
    if not path.is_dir():
        pulled = _cached(wanted) if hub_id(wanted) else None
        if pulled and _is_model(pulled):
            return ModelPlace(path.name, pulled)
        raise ModelError(
            f"unknown model: {wanted}",
            f"give a folder, a role or one of: {', '.join([*Role, *CATALOG])}; "
            "a model of the hub is fetched with: bini models pull OWNER/NAME",
        )
    if not _is_model(path):
        raise ModelError(
            f"{wanted} holds no model", "a model folder has config.json and *.safetensors (pickles are not loaded)"
        )
    return ModelPlace(path.resolve().name, path)


def pull(name: str) -> Path:
    """Download a model of the catalog, or any by OWNER/NAME, from the hub, with the hub's own progress bars.

    Raises
    ------
    ModelError
        If the name is unknown or embedded, the licence was not accepted, or the hub cannot be reached.
    """
    repository = hub_id(name)
    if not repository:
        remote = ", ".join(c.name for c in CATALOG.values() if c.hub_id)
        problem = f"{name} ships with bini; there is nothing to pull" if name in CATALOG else f"unknown model: {name}"
        raise ModelError(problem, f"models to pull: {remote}, or any of the hub as OWNER/NAME")
    from httpx2 import TransportError
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, LocalEntryNotFoundError

    without = "the embedded family (bini-nano, bini-nano-4x) works without it"
    try:
        return Path(snapshot_download(repository, allow_patterns=HUB_FILES))
    except GatedRepoError as error:
        licence = f" ({CATALOG[name].licence})" if name in CATALOG else ""
        raise ModelError(
            f"{repository} is gated{licence}",
            f"accept the licence at https://huggingface.co/{repository}, log in with: hf auth login; {without}",
        ) from error
    except (HfHubHTTPError, LocalEntryNotFoundError, TransportError, OSError) as error:
        raise ModelError(
            f"the hub could not be reached for {repository} ({type(error).__name__})",
            f"check the connection; the licence is accepted at https://huggingface.co/{repository} and "
            f"`hf auth login` logs in; {without}",
        ) from error
