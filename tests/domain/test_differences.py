"""What differs is named by its field; numbers that are nearly the same are the same, and NaN is not."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bini.domain.differences import TOLERANCE, Difference, differences

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=10,
)


@settings(deadline=None)
@given(VALUES)
def test_a_value_does_not_differ_from_itself(value: object) -> None:
    assert differences(value, json.loads(json.dumps(value))) == []


@settings(deadline=None)
@given(VALUES, VALUES)
def test_differences_are_the_same_seen_from_either_side(one: object, other: object) -> None:
    swapped = [Difference(d.where, d.here, d.stored) for d in differences(other, one)]
    assert sorted(map(repr, differences(one, other))) == sorted(map(repr, swapped))


def test_fields_are_named() -> None:
    stored = {"level": "높음", "rows": [{"match": "대응"}, {"match": "대응"}], "old": 1}
    here = {"level": "높음", "rows": [{"match": "대응"}, {"match": "미대응"}], "new": None}
    assert differences(stored, here) == [
        Difference("rows 2.match", '"대응"', '"미대응"'),
        Difference("old", "1", None),
        Difference("new", None, "null"),
    ]


def test_lists_of_other_lengths_differ_whole() -> None:
    assert differences(["a"], ["a", "b"], "elements") == [Difference("elements", '["a"]', '["a", "b"]')]


@pytest.mark.parametrize(
    ("stored", "here", "same"),
    [
        (0.5, 0.5 + TOLERANCE / 2, True),
        (0.5, 0.5 + TOLERANCE * 2, False),
        (float("nan"), 0.5, False),
        (float("nan"), float("nan"), False),
        (float("inf"), 1.0, False),
        (1, 2, False),
        ("0.5", 0.5, False),
    ],
)
def test_numbers_within_the_tolerance_are_the_same(stored: object, here: object, same: bool) -> None:
    assert (differences({"p": stored}, {"p": here}) == []) is same
