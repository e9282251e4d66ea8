"""Recording an assessment in a bundle, and running a bundle again.

A bundle names its model and its adapter, and may lie. So neither name is ever looked up: what is loaded is a model of
the catalog or an adapter trained here that has the hash the bundle gives, or what the user names.
"""

import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import torch

from bini.domain.bundle import Bundle, Environment
from bini.domain.claims import ClaimSet, split_claim
from bini.domain.differences import Difference, differences
from bini.domain.patents import PatentAssessment, own_elements
from bini.domain.schema import Assessment, Provenance
from bini.domain.untrusted import clean_text
from bini.errors import AdapterError, ModelError
from bini.files import sha256_file
from bini.inference.assessor import Assessor
from bini.models.adapters.files import ADAPTER_CONFIG, ADAPTER_WEIGHTS
from bini.models.catalog import CATALOG, HUB_FILES, ModelPlace, find, resolve
from bini.models.registry.registry import Registry
from bini.models.runs import adapters_of

LIBRARIES = ("torch", "transformers", "tokenizers", "outlines", "llguidance", "peft", "numpy")
"""What the numbers of an answer are computed with."""

_NAMES = ("provenance.model", "provenance.adapter")
"""Where model and adapter lie and what they are called there; what they are, their hashes say."""


@dataclass(frozen=True)
class Replay:
    """What came out when a bundle was run again.

    Parameters
    ----------
    result
        The assessment made here.
    differences
        Between what the bundle holds and what is here: elements, result, provenance, files of the model. Without any,
        the two are identical.
    surroundings
        What else is different: libraries, device, threads. It may explain a difference and is none itself.
    """

    result: Assessment | PatentAssessment
    differences: tuple[Difference, ...]
    surroundings: tuple[Difference, ...]

    @property
    def elements(self) -> int:
        """How many elements were assessed."""
        return len(_elements(self.result))


def record(assessor: Assessor, product: str, claim: str | ClaimSet, result: Assessment | PatentAssessment) -> Bundle:
    """The bundle of an assessment that `assessor` has just made of this product and this claim or claim set."""
    return Bundle(product, claim, result, environment(assessor))


def environment(assessor: Assessor) -> Environment:
    """Where an assessor runs."""
    found = {
        path.name: path
        for pattern in HUB_FILES
        for path in assessor.place.path.glob(pattern)
        if path.suffix != ".safetensors"
    }
    if assessor.adapter:
        found[ADAPTER_CONFIG] = assessor.adapter / ADAPTER_CONFIG
    model = assessor.decoder.model
    cuda = model.device.type == "cuda"
    return Environment(
        files={name: sha256_file(found[name]) for name in sorted(found)},
        libraries={name: version(name) for name in LIBRARIES},
        python=platform.python_version(),
        device=torch.cuda.get_device_name() if cuda else f"cpu {torch.backends.cpu.get_cpu_capability()}",
        dtype=str(model.dtype).removeprefix("torch."),
        threads=torch.get_num_threads(),
    )


def replay(
    bundle: Bundle,
    model: str | None,
    adapter: Path | None,
    notice: Callable[[str], None],
    advance: Callable[[int, int], None] = lambda _done, _total: None,
    force: bool = False,
) -> Replay:
    """Assess a bundle's texts again and compare.

    One claim is asked about with the elements that the bundle holds; that it would be split otherwise here is a
    difference of its own. The claims of a patent are divided again.

    Parameters
    ----------
    bundle
        From `bini.domain.bundle.read_bundle`.
    model
        A role, a name or a folder; None for the model of the catalog that has the bundle's fingerprint.
    adapter
        A run folder; None for the one under ./outputs, or among those that ship, that has the bundle's hash.
    notice
        Told which model and which adapter run, and which checks the adapter does not pass.
    advance
        Told how many claims are done, and of how many.
    force
        Load an adapter whose checks fail. A bundle of a forced result does not force it by itself: it may lie.

    Raises
    ------
    ModelError, AdapterError
        If no model or no adapter with the bundle's hash is here and the user named none; else as `Assessor`.
    InputError
        If the bundle's texts cannot be assessed.
    """
    origin = bundle.result.provenance
    split = _split(bundle)  # bad texts are told before a model is loaded
    place = resolve(model, lambda _: None) if model else _model_of(origin)
    chosen = adapter or _adapter_of(origin, place)
    notice(f"model: {place.name}; adapter: {chosen or 'none'}")
    assessor = Assessor(model or place.name, chosen, notice, force)
    made: Assessment | PatentAssessment
    if isinstance(bundle.claim, str):
        advance(0, 1)
        made = assessor.assess(bundle.product, bundle.claim, _elements(bundle.result))
        advance(1, 1)
    else:
        made = assessor.assess_patent(bundle.product, bundle.claim, advance)
    return _compared(bundle, made, split, environment(assessor))


def _split(bundle: Bundle) -> list[str]:
    """The elements of a bundle's claims as they are divided here."""
    if isinstance(bundle.claim, str):
        return [element.text for element in split_claim(clean_text(bundle.claim, "claim"))]
    return [element for claim in bundle.claim.in_force() for element in own_elements(claim)]


def _elements(result: Assessment | PatentAssessment) -> list[str]:
    """The elements as they were asked."""
    single = [result] if isinstance(result, Assessment) else [claim.assessment for claim in result.claims]
    return [row.patent_element for assessment in single for row in assessment.comparisons]


def _compared(
    stored: Bundle, made: Assessment | PatentAssessment, split: Sequence[str], environment: Environment
) -> Replay:
    around = differences(stored.environment.model_dump(), environment.model_dump())
    files = [found for found in around if found.where.startswith("files.")]
    results = differences(stored.result.model_dump(mode="json"), made.model_dump(mode="json"))
    counted = [
        *differences(_elements(stored.result), list(split), "elements"),
        *(found for found in results if not found.where.endswith(_NAMES)),
        *files,
    ]
    return Replay(made, tuple(counted), tuple(found for found in around if found not in files))


def _model_of(origin: Provenance) -> ModelPlace:
    for card in CATALOG.values():
        place = find(card)
        if place and place.fingerprint() == origin.model_fingerprint:
            return place
    raise ModelError(
        f"no model that Bini knows has the fingerprint that the bundle names, {origin.model_fingerprint[:16]!r}…",
        "name the model's folder with --model, or fetch it with: bini models pull",
    )


def _adapter_of(origin: Provenance, place: ModelPlace) -> Path | None:
    if origin.adapter_sha256 is None:
        return None
    for folder in (*adapters_of(place), *Registry().folders()):
        weights = folder / ADAPTER_WEIGHTS
        if weights.is_file() and sha256_file(weights) == origin.adapter_sha256:
            return folder
    raise AdapterError(
        f"no adapter of {place.name} under ./outputs, registered ones too, nor one that ships, has the SHA-256 that "
        f"the bundle names, {origin.adapter_sha256[:16]!r}…",
        "name the folder of its run with --adapter",
    )
