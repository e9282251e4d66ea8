"""Claim set -> claims -> elements, Korean and US; every offset is one into the text that was read."""

from bini.domain.claims.citations import find_citations
from bini.domain.claims.claim_set import Category, Claim, ClaimSet, Kind, Lineage, pieces
from bini.domain.claims.elements import Element, Openness, Parts, Role, split_claim
from bini.domain.claims.reading import parse_claims

__all__ = [
    "Category",
    "Claim",
    "ClaimSet",
    "Element",
    "Kind",
    "Lineage",
    "Openness",
    "Parts",
    "Role",
    "find_citations",
    "parse_claims",
    "pieces",
    "split_claim",
]
