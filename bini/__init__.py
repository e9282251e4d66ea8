"""Bini: patent-infringement screening on your own machine.

>>> from bini import assess
>>> assess("TBC 성분이 들어간 미백 크림을 만들었어", claim).level  # doctest: +SKIP
<RiskLevel.HIGH: '높음'>
"""

import gc
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bini.domain.claims import ClaimSet, parse_claims
    from bini.domain.labels import Match, RiskLevel
    from bini.domain.schema import Assessment
    from bini.domain.verdict import Verdict
    from bini.errors import BiniError
    from bini.inference.assessor import Assessor, assess, assess_verdict
    from bini.inference.many import assess_many

__version__ = "0.1.0"
__all__ = [
    "Assessment",
    "Assessor",
    "BiniError",
    "ClaimSet",
    "Match",
    "RiskLevel",
    "Verdict",
    "assess",
    "assess_many",
    "assess_verdict",
    "parse_claims",
]

_HOMES = {
    "Assessment": "bini.domain.schema",
    "Assessor": "bini.inference.assessor",
    "BiniError": "bini.errors",
    "ClaimSet": "bini.domain.claims",
    "Match": "bini.domain.labels",
    "RiskLevel": "bini.domain.labels",
    "Verdict": "bini.domain.verdict",
    "assess": "bini.inference.assessor",
    "assess_many": "bini.inference.many",
    "assess_verdict": "bini.inference.assessor",
    "parse_claims": "bini.domain.claims",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for, so that `import bini` stays light."""
    if name not in _HOMES:
        raise AttributeError(f"module 'bini' has no attribute {name!r}")
    if _HOMES[name] not in sys.modules:
        _load(_HOMES[name])
    return getattr(import_module(_HOMES[name]), name)  # which waits for a thread that is importing it


def _load(module: str) -> None:
    """Import without collecting garbage, and keep what is then there out of later collections.

    torch and transformers make a million objects that stay. To look for garbage among them, while they are imported and
    when Python ends, takes a third of the time of a first assessment.
    """
    collects = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        import_module(module)
    finally:
        gc.freeze()
        if collects:
            gc.enable()


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
