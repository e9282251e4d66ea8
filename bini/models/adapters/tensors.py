"""Checks of an adapter's tensors: against its configuration, against the base's real shapes, and as numbers.

A LoRA of rank r on a layer with an (out, in) matrix W adds s·B·A to it, A being (r, in) and B (out, r); s is
`Lora.scaling`. peft stores them as `base_model.model.LAYER.lora_A.weight` and `.lora_B.weight`.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open

from bini.errors import AdapterError
from bini.models.adapters.config import Lora, is_target
from bini.models.adapters.files import ADAPTER_WEIGHTS
from bini.models.adapters.record import RETRAIN
from bini.models.adapters.report import Check, Status, printable
from bini.models.outline import Outline

Shapes = Mapping[str, tuple[int, ...]]

FLOATS = {"F32", "F16", "BF16"}
NAME = re.compile(r"base_model\.model\.(?P<layer>.+)\.lora_(?P<side>[AB])\.weight")

STRONG, HUGE = 3.0, 30.0
"""Gains from which an adapter is suspicious, and broken. The gain is the Frobenius norm of s·B·A over √out: how much
longer it makes an input of independent unit entries. The matrices of a trained model have gains of about 1 to 4
(bini-nano: 2.6 to 4.0), and the 21 adapters trained on it while Bini was written had at most 0.96 in any layer: one
of 30 drowns the layer that it was to adjust."""


def read_shapes(folder: Path) -> dict[str, tuple[int, ...]]:
    """Shape of each tensor, from the header.

    Raises
    ------
    AdapterError
        If the file is no safetensors file, is cut off, is empty, or holds something else than floating-point numbers.
    """
    try:
        with safe_open(folder / ADAPTER_WEIGHTS, "pt") as file:
            slices = {name: file.get_slice(name) for name in file.keys()}  # noqa: SIM118 - no mapping
            kinds = {name: str(piece.get_dtype()) for name, piece in slices.items()}
            shapes = {name: tuple(piece.get_shape()) for name, piece in slices.items()}
    except (OSError, ValueError, SafetensorError) as error:
        raise AdapterError(f"{ADAPTER_WEIGHTS} is broken: {printable(error, 160)}", RETRAIN) from error
    if not shapes:
        raise AdapterError(f"{ADAPTER_WEIGHTS} is broken: it holds no tensors", RETRAIN)
    for name, kind in kinds.items():
        if kind not in FLOATS:
            raise AdapterError(f"{ADAPTER_WEIGHTS} is broken: {printable(name)} is of type {kind}", RETRAIN)
    return shapes


def check_config(config: Lora, shapes: Shapes) -> Check:
    """Every tensor has the rank that the configuration claims, and the layers are those that it names."""
    for name, shape in shapes.items():
        found = NAME.fullmatch(name)
        if not found:
            return Check("config", Status.FAIL, f"{printable(name)} is no tensor of a LoRA", RETRAIN)
        rank = shape[0 if found["side"] == "A" else -1] if shape else None
        if rank != config.rank:
            why = f"{_short(name)} is {shape}, but the configuration says rank {config.rank}"
            return Check("config", Status.FAIL, why, RETRAIN)
    layers = {NAME.fullmatch(name)["layer"] for name in shapes}  # type: ignore[index]  # all matched above
    odd = [layer for layer in layers if not config.adapts(layer)]
    unused = [t for t in config.targets if not any(is_target(layer, t) for layer in layers)]
    if odd or unused:
        why = f"{printable(min(odd))} is no target" if odd else f"there is no tensor for {printable(unused[0])}"
        return Check("config", Status.FAIL, f"{why} of the configuration", RETRAIN)
    return Check("config", Status.PASS, f"rank {config.rank} on {', '.join(map(printable, config.targets))}")


def check_shapes(config: Lora, shapes: Shapes, outline: Outline, base: str) -> Check:
    """Every target layer of the base has an A and a B of the shapes that its matrix asks for, and nothing is left."""
    expected = dict(_expected(config, outline))
    wrong = [name for name, shape in shapes.items() if name in expected and shape != expected[name]]
    strange, missing = sorted(shapes.keys() - expected.keys()), sorted(expected.keys() - shapes.keys())
    if not (wrong or strange or missing):
        return Check("shapes", Status.PASS, f"all {len(shapes)} tensors fit {base}")
    if wrong:
        why = f"{_short(wrong[0])} is {shapes[wrong[0]]}, but {base} asks for {expected[wrong[0]]}"
    elif strange:
        why = f"{base} has no layer for {_short(strange[0])}"
    else:
        why = f"{_short(missing[0])} is missing for a layer of {base}"
    counted = f"{len({*wrong, *strange, *missing})} of {len(shapes.keys() | expected.keys())} tensors do not fit: "
    return Check("shapes", Status.FAIL, counted + why, "give the base that it was trained on, or train it again")


@dataclass(frozen=True)
class Measured:
    """What the numbers of an adapter are like.

    Parameters
    ----------
    broken
        Tensors with a NaN or an infinity.
    silent
        Layers whose A or B is all zero, so that the adapter leaves them as they are.
    gains
        By layer; see `HUGE`.
    """

    broken: list[str]
    silent: list[str]
    gains: dict[str, float]


def measure(folder: Path, factor: float) -> Measured:
    """Read the tensors of an adapter whose shapes were checked, one layer at a time.

    Parameters
    ----------
    folder
        The run folder.
    factor
        `Lora.scaling` of its configuration.
    """
    measured = Measured([], [], {})
    with safe_open(folder / ADAPTER_WEIGHTS, "pt") as file:
        for name in sorted(name for name in file.keys() if ".lora_A." in name):  # noqa: SIM118 - no mapping
            a, b = file.get_tensor(name), file.get_tensor(name.replace(".lora_A.", ".lora_B."))
            layer = _short(name).removesuffix(".lora_A.weight")
            if not (torch.isfinite(a).all() and torch.isfinite(b).all()):
                measured.broken.append(layer)
            elif not (a.any() and b.any()):
                measured.silent.append(layer)
            else:
                measured.gains[layer] = _gain(a.double(), b.double(), factor)
    return measured


def _gain(a: torch.Tensor, b: torch.Tensor, factor: float) -> float:
    """||s·B·A|| / √out without making the product: ||BA||² is the trace of (BᵀB)(AAᵀ), (r, r) each."""
    squared = float(((b.T @ b) * (a @ a.T)).sum())
    return factor * math.sqrt(max(squared, 0.0) / b.shape[0])


def check_finite(measured: Measured) -> Check:
    """No tensor holds a NaN or an infinity."""
    if measured.broken:
        why = f"values that are no numbers in {len(measured.broken)} layers, the first {measured.broken[0]}"
        return Check("finite", Status.FAIL, why, "train it again with a lower learning rate")
    return Check("finite", Status.PASS, "every value is a number")


def check_zero(measured: Measured) -> Check:
    """The tensors are not all zero, as those of an adapter that was never trained are."""
    silent, every = len(measured.silent), len(measured.silent) + len(measured.gains) + len(measured.broken)
    if silent == every:
        why = "A or B is all zero in every layer: the adapter does nothing"
        return Check("zero", Status.FAIL, why, "train it again, for more steps")
    if silent:
        why = f"A or B is all zero in {silent} of {every} layers, the first {measured.silent[0]}"
        return Check("zero", Status.WARN, why, "see whether training was cut short")
    return Check("zero", Status.PASS, f"all {every} layers are adapted")


def check_scale(measured: Measured) -> Check:
    """No layer is changed beyond what training does; the bounds are `STRONG` and `HUGE`."""
    if not measured.gains:
        return Check("scale", Status.PASS, "nothing to measure")
    layer, gain = max(measured.gains.items(), key=lambda item: item[1])
    if gain < STRONG:
        return Check("scale", Status.PASS, f"largest gain {gain:.2g}, below {STRONG:g}")
    status, bound = (Status.FAIL, HUGE) if not gain < HUGE else (Status.WARN, STRONG)
    why = f"{layer} has a gain of {gain:.3g}, over {bound:g}; a trained model's own layers have about 1 to 4"
    return Check("scale", status, why, "see lora_alpha and the learning rate, and train it again")


def _expected(config: Lora, outline: Outline) -> Iterator[tuple[str, tuple[int, int]]]:
    for layer, (rows, columns) in outline.linear.items():
        if config.adapts(layer):
            yield f"base_model.model.{layer}.lora_A.weight", (config.rank, columns)
            yield f"base_model.model.{layer}.lora_B.weight", (rows, config.rank)


def _short(name: str) -> str:
    return printable(name.removeprefix("base_model.model."))
