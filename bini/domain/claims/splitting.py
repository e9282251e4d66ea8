"""Where one patent claim (Korean or US English) is cut into elements."""

import re
from dataclasses import dataclass

from bini.domain.claims.english import cut_english, english_transition
from bini.domain.claims.korean import cut_korean, last_transition
from bini.domain.claims.mask import Span, mask_claim, trim

_NUMBER = re.compile(
    r"\s*(?:(?:what\s+is\s+claimed\s+is|(?:i|we)\s+claim|청구\s*범위|특허청구범위)\s*:?\s*)?"
    r"(?:[\[【]\s*(?:청구항|claim)\s*\d+\s*[\]】][\s.:]*|(?:청구항|claim)\s*\d+\s*(?:[.:)][\s.:]*|\n\s*|\s+(?![가-힣]*"
    r"(?:또는|내지|및|중|의|에|항))(?!or\b|to\b|and\b))|\d{1,3}\s*[.:]\s*(?=[^\W\d]))?",
    re.IGNORECASE,
)
_DELETED = re.compile(r"(?:삭제|deleted|cancell?ed)", re.IGNORECASE)


@dataclass(frozen=True)
class Cuts:
    """A claim's mask and the spans of its elements.

    Parameters
    ----------
    mask
        The claim with brackets, inner commas and list markers blotted out; as long as the claim.
    korean
        Whether the claim is read as Korean (head-final) or as English.
    spans
        Start and end of every element, in order and without overlap.
    """

    mask: str
    korean: bool
    spans: tuple[Span, ...]


def cut_claim(claim: str) -> Cuts:
    """Find the elements of one claim; a claim number at its start is passed over.

    Parameters
    ----------
    claim
        The text of one claim.
    """
    number = _NUMBER.match(claim)
    begin = number.end() if number else 0
    mask = mask_claim(claim, begin)
    korean = 5 * len(re.findall("[가-힣]", claim)) > len(re.findall("[A-Za-z]", claim))
    spans = cut_korean(mask, begin) if korean else cut_english(mask, begin)
    trimmed = (trim(mask, span) for span in spans)
    return Cuts(mask, korean, tuple((a, b) for a, b in trimmed if _is_element(claim[a:b])))


def _is_element(text: str) -> bool:
    return any(c.isalnum() for c in text) and not _DELETED.fullmatch(text)


def transition_span(cuts: Cuts, subject: int) -> Span:
    """Where the transition stands; an empty span where the claim has none.

    Parameters
    ----------
    cuts
        The claim as `cut_claim` read it.
    subject
        Where a Korean claim names the thing claimed: its transition stands before.
    """
    if cuts.korean:
        found = last_transition(cuts.mask, (cuts.spans[0][0], subject), False)
    else:
        found = english_transition(cuts.mask, cuts.spans[0][0])
    return found.span() if found else (0, 0)
