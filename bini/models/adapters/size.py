"""A size in a name against the size of the base."""

import re
from collections.abc import Iterable

from bini.models.adapters.report import Check, Status, printable
from bini.models.catalog import Role

SIZE = re.compile(r"(?<![a-z0-9.])(?:(\d+(?:\.\d+)?)b|(\d{2,})m)(?![a-z0-9])", re.IGNORECASE)
"""1b, 1.5B, 270m; not 4m, which may mean anything."""

TOLERANCE = 1.5
"""Names round: gemma-2-2b has 2.6 billion parameters (1.3 times), gemma-7b has 8.5. The next sizes of a family are at
least twice each other."""


def check_size(names: Iterable[str], base: str, parameters: int) -> Check:
    """No name of an adapter, or of what it says it was trained on, claims a size that the base does not have.

    A role such as tuned-1b is no claim: the embedded models play it too.
    """
    sized = f"{parameters / 1e9:.2g} billion" if parameters >= 1e8 else f"{parameters / 1e6:.2g} million"
    for name in names:
        for billions, millions in SIZE.findall(_without_roles(name)):
            claimed = float(billions) * 1e9 if billions else float(millions) * 1e6
            if not 1 / TOLERANCE <= claimed / parameters <= TOLERANCE:
                why = f"the name {printable(name)} says {billions or millions}{'B' if billions else 'M'}"
                todo = "give the base that it was trained on, or a name without a size"
                return Check("size", Status.FAIL, f"{why}, but {base} has {sized} parameters", todo)
    return Check("size", Status.PASS, f"no name contradicts the {sized} parameters of {base}")


def _without_roles(name: str) -> str:
    for role in Role:
        name = name.replace(role, "")
    return name
