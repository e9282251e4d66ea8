"""The tokenizer that an adapter was trained with against the one it will be used with."""

import json
from pathlib import Path
from typing import Any

from bini.errors import ModelError
from bini.models.adapters.report import Check, Status, printable
from bini.models.catalog import ModelPlace
from bini.models.loading import load_tokenizer

TRAINER_S = ("padding", "truncation")
"""Parts of a tokenizer that training sets and assessing does not use."""


def check_tokenizer(folder: Path, base: ModelPlace) -> Check:
    """The run folder's tokenizer writes every text as the base's does, and so does its chat template.

    Raises
    ------
    ModelError
        If the base's tokenizer cannot be read.
    """
    if not (folder / "tokenizer.json").is_file():
        return Check("tokenizer", Status.WARN, "the folder holds no tokenizer to compare", "train it again")
    own, todo = _parts(base), "give the base that it was trained on, or train it again"
    try:
        trained = _parts(ModelPlace(folder.name, folder))
    except ModelError as error:
        return Check("tokenizer", Status.FAIL, printable(error.message, 160), todo)
    for part, value in own.items():
        if trained.get(part) != value:
            why = f"it was trained with another tokenizer than that of {base.name}: its {part} differs"
            return Check("tokenizer", Status.FAIL, why, todo)
    return Check("tokenizer", Status.PASS, f"the tokenizer of {base.name}")


def _parts(place: ModelPlace) -> dict[str, Any]:
    """Vocabulary, merges, normalisation and so on, in the form that the tokenizers library writes itself."""
    tokenizer: Any = load_tokenizer(place)
    parts = json.loads(tokenizer.backend_tokenizer.to_str())
    return {
        **{name: part for name, part in parts.items() if name not in TRAINER_S},
        "chat template": tokenizer.chat_template,
    }
