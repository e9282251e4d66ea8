"""What a model looks like, without its weights."""

from dataclasses import dataclass

import torch
from safetensors import SafetensorError, safe_open
from transformers.pytorch_utils import Conv1D

from bini.errors import ModelError
from bini.models.catalog import ModelPlace
from bini.models.loading import architecture, first_line


@dataclass(frozen=True)
class Outline:
    """The shapes of a model.

    Parameters
    ----------
    linear
        (out, in) of each linear layer, by its name in the model.
    parameters
        How many numbers the weights are; tied ones count once.
    """

    linear: dict[str, tuple[int, int]]
    parameters: int


def outline(place: ModelPlace) -> Outline:
    """The real shapes of a model of any architecture: its class is built without memory, and no weight is read.

    Raises
    ------
    ModelError
        If its config.json or a header of its weights cannot be read, or the two contradict each other.
    """
    config, loader = architecture(place)
    stored = stored_shapes(place)
    try:
        with torch.device("meta"):
            model = loader.from_config(config, trust_remote_code=False)
    except (OSError, ValueError, RuntimeError, KeyError, TypeError, AttributeError, ImportError) as error:
        raise ModelError(
            f"{place.name}: no model of its config.json ({first_line(error)})", "fetch it again"
        ) from error
    for name, parameter in model.named_parameters():
        if name in stored and stored[name] != tuple(parameter.shape):
            raise ModelError(
                f"{place.name}: {name} is {stored[name]}, but its config.json asks for {tuple(parameter.shape)}",
                "its config.json is another model's: fetch the model again",
            )
    linear: dict[str, tuple[int, int]] = {}
    for name, module in model.named_modules():
        if isinstance(module, torch.nn.Linear):
            linear[name] = (module.out_features, module.in_features)
        elif isinstance(module, Conv1D):  # GPT-2's linear layer, its matrix the other way round
            linear[name] = (module.nf, module.nx)
    return Outline(linear, sum(parameter.numel() for parameter in model.parameters()))


def stored_shapes(place: ModelPlace) -> dict[str, tuple[int, ...]]:
    """Shape of each tensor in a model's weight files, from their headers.

    Raises
    ------
    ModelError
        If a file is no safetensors file or is cut off.
    """
    shapes: dict[str, tuple[int, ...]] = {}
    for path in sorted(place.path.glob("*.safetensors")):
        try:
            with safe_open(path, "pt") as file:
                shapes |= {name: tuple(file.get_slice(name).get_shape()) for name in file.keys()}  # noqa: SIM118
        except (OSError, ValueError, SafetensorError) as error:
            raise ModelError(f"{place.name}: {path.name} is broken ({first_line(error)})", "fetch it again") from error
    return shapes
