"""Amounts in claims and product texts: found, read with their units, and checked against each other."""

from bini.domain.measures.amounts import Quantity, quantities
from bini.domain.measures.checks import ElementCheck, check_element
from bini.domain.measures.ranges import check

__all__ = ["ElementCheck", "Quantity", "check", "check_element", "quantities"]
