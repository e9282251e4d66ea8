"""One model to screen: found on this disk or fetched, and named even after its weights were dropped."""

import gc
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import torch
from pydantic import BaseModel, ConfigDict

from bini.errors import ModelError
from bini.evaluation.predict import System
from bini.files import write_text
from bini.inference.assessor import Assessor
from bini.inference.prompt import Prompt
from bini.models.catalog import ModelPlace, hub_id, resolve
from bini.models.downloads import drop, fetch


class Known(BaseModel):
    """Which model the predictions beside this note are of."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    fingerprint: str


@dataclass
class Candidate:
    """A model of the plan.

    Parameters
    ----------
    wanted
        A role, name, folder, or OWNER/NAME of the hub.
    folder
        Where its notes and predictions lie.
    pull
        Whether it may be fetched.
    notice
        Told which model takes a role, what is fetched and what is removed.
    """

    wanted: str
    folder: Path
    pull: bool
    notice: Callable[[str], None]
    _loaded: Assessor | None = field(default=None, init=False)

    def refuse_unknown(self) -> None:
        """Raise ModelError if it is not here, was not screened before, and may or can not be fetched."""
        if not self._note.is_file() and not (self.pull and hub_id(self.wanted)):
            resolve(self.wanted, lambda _: None)

    def known(self) -> Known:
        """Its name and fingerprint: of the weights here, else as noted before they were dropped, else it is fetched."""
        try:
            place = resolve(self.wanted, self.notice)
        except ModelError:
            if self._note.is_file():
                return Known.model_validate_json(self._note.read_bytes())
            place = self._fetched()
        known = Known(name=place.name, fingerprint=place.fingerprint())
        write_text(self._note, known.model_dump_json() + "\n")
        return known

    def system(self, name: str, known: Known, prompt: Prompt) -> System:
        """The model asked with one prompt; it is loaded once for all of them."""
        return System(
            name=name,
            open=lambda: self._open(known).asking(prompt),
            identity={"model": known.fingerprint, "adapter": None, "prompt": prompt.sha256},
        )

    def release(self) -> None:
        """Free its memory."""
        self._loaded = None
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    def drop(self) -> None:
        """Remove from this disk what was fetched for it, and nothing else."""
        if self._ledger.is_file():
            freed = drop(self.wanted, self._ledger)
            self.notice(f"{self.wanted}: removed what was fetched, {freed / 1e6:,.1f} MB")

    @property
    def _note(self) -> Path:
        return self.folder / "model.json"

    @property
    def _ledger(self) -> Path:
        return self.folder / "fetched.json"

    def _open(self, known: Known) -> Assessor:
        if self._loaded is None:
            try:
                place = resolve(self.wanted, lambda _: None)
            except ModelError:
                place = self._fetched()
            if place.fingerprint() != known.fingerprint:
                raise ModelError(f"{self.wanted} is not the model that was begun with", "screen into another --out")
            self._loaded = Assessor(str(place.path))
        return self._loaded

    def _fetched(self) -> ModelPlace:
        if self.pull:
            self.notice(f"{self.wanted}: fetching")
            fetch(self.wanted, self._ledger)
        return resolve(self.wanted, lambda _: None)
