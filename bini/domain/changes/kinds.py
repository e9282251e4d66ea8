"""Changes of a product text that leave its meaning as it is."""

from enum import StrEnum

from bini.domain.changes.endings import restyle
from bini.domain.changes.sentences import reorder
from bini.domain.changes.spaces import respace
from bini.domain.changes.synonyms import rename
from bini.domain.changes.units import convert_units
from bini.domain.glossary import Glossary


class Kind(StrEnum):
    """What is changed."""

    ORDER = "sentence order"
    UNITS = "units"
    SYNONYMS = "synonyms"
    ENDINGS = "endings"
    SPACES = "white space"


def changed(text: str, kind: Kind, glossary: Glossary, seed: int = 0) -> str | None:
    """`text` with one kind of change, or None where the text gives no occasion for it.

    Parameters
    ----------
    text
        A product description, Korean or English.
    kind
        What to change.
    glossary
        Names of the same thing.
    seed
        The same text and seed give the same change.
    """
    match kind:
        case Kind.ORDER:
            return reorder(text, seed)
        case Kind.UNITS:
            return convert_units(text, seed)
        case Kind.SYNONYMS:
            return rename(text, seed, glossary)
        case Kind.ENDINGS:
            return restyle(text, seed)
        case Kind.SPACES:
            return respace(text, seed)
