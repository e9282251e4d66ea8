"""What a calibration makes of an answer, and which files are refused."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bini.domain.calibration import CALIBRATION, Calibration, load_calibration, temper
from bini.domain.labels import RiskLevel
from bini.errors import AdapterError

HIGH, AMBIGUOUS, LOW = RiskLevel
HASH = "a" * 64
GOOD: dict[str, Any] = {
    "version": 2,
    "source": "held_out",
    "alpha": 0.1,
    "temperature": 2.0,
    "thresholds": {"높음": 0.1, "애매": 0.2, "낮음": 0.3},
    "patents": [f"10-{n}" for n in range(20)],
    "patents_with": {"높음": 20, "애매": 20, "낮음": 9},
    "cases": 200,
    "raw": {"ece": 0.3, "brier": 0.9},
    "calibrated": {"ece": 0.1, "brier": 0.6},
    "adapter_sha256": HASH,
    "data_sha256": "b" * 64,
}


def made(**changes: Any) -> Calibration:
    return Calibration.model_validate_json(json.dumps(GOOD | changes))


def answer(high: float, ambiguous: float, low: float) -> dict[RiskLevel, float]:
    return dict(zip(RiskLevel, (high, ambiguous, low), strict=True))


probabilities = st.lists(st.floats(0, 1), min_size=3, max_size=3).filter(lambda p: sum(p) > 0.01)
answers = probabilities.map(lambda p: answer(*(x / sum(p) for x in p)))
temperatures = st.floats(0.05, 20)


@settings(deadline=None)
@given(raw=answers, temperature=temperatures)
def test_calibrated_probabilities_sum_to_one_and_keep_their_order(raw: dict, temperature: float) -> None:
    scaled = made(temperature=temperature).probabilities(raw)
    assert sum(scaled.values()) == pytest.approx(1)
    for one in RiskLevel:
        for other in RiskLevel:
            if raw[one] <= raw[other]:
                assert scaled[one] <= scaled[other]


@settings(deadline=None)
@given(raw=answers, one=temperatures, other=temperatures)
def test_a_higher_temperature_is_never_surer(raw: dict, one: float, other: float) -> None:
    cool, warm = sorted((one, other))
    assert max(made(temperature=warm).probabilities(raw).values()) <= (
        max(made(temperature=cool).probabilities(raw).values()) + 1e-9
    )


def test_temperature_one_changes_nothing_and_two_takes_square_roots() -> None:
    rows = np.array([[0.64, 0.32, 0.04], [1.0, 0.0, 0.0]])
    assert temper(rows, 1.0) == pytest.approx(rows, abs=1e-6)
    roots = np.sqrt(rows[0])
    assert temper(rows, 2.0)[0] == pytest.approx(roots / roots.sum())


@pytest.mark.parametrize(
    ("raw", "level", "possible"),
    [
        (answer(0.95, 0.04, 0.01), HIGH, (HIGH,)),
        (answer(0.1, 0.2, 0.7), LOW, (HIGH, AMBIGUOUS, LOW)),  # on its threshold a level is kept
        (answer(0.09, 0.11, 0.8), LOW, (LOW,)),
        (answer(0.5, 0.45, 0.05), LOW, (HIGH, AMBIGUOUS, LOW)),  # the model's own level stays
        (answer(0.05, 0.15, 0.8), LOW, (LOW,)),
    ],
)
def test_levels_below_their_threshold_are_ruled_out(raw: dict, level: RiskLevel, possible: tuple) -> None:
    assert made().possible_levels(raw, level) == possible


def test_an_answer_that_fits_no_level_keeps_all() -> None:
    strict = made(thresholds={"높음": 0.9, "애매": 0.9, "낮음": 0.9})
    assert strict.possible_levels(answer(0.4, 0.35, 0.25), HIGH) == (HIGH, AMBIGUOUS, LOW)


@settings(deadline=None)
@given(raw=answers, level=st.sampled_from(list(RiskLevel)))
def test_what_is_not_ruled_out_is_kept(raw: dict, level: RiskLevel) -> None:
    """The promise is about thresholds: a level at or over its own is never left out."""
    calibration = made()
    possible = calibration.possible_levels(raw, level)
    assert level in possible
    assert {each for each in RiskLevel if raw[each] >= calibration.thresholds[each]} <= set(possible)
    assert list(possible) == [each for each in RiskLevel if each in possible]


# the file


def stored(folder: Path, content: str | bytes) -> Path:
    (folder / CALIBRATION).write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def test_a_calibration_comes_back_from_its_file(tmp_path: Path) -> None:
    calibration = made()
    assert load_calibration(stored(tmp_path, calibration.model_dump_json()), HASH) == calibration


def test_an_adapter_without_one_is_not_calibrated(tmp_path: Path) -> None:
    assert load_calibration(tmp_path, HASH) is None


HOSTILE = {
    "no JSON": "calibration",
    "no UTF-8": b"\xff\xfe{}",
    "a list": "[]",
    "empty": "",
    "nested without end": "[" * 100_000,
    "another version": GOOD | {"version": 1},
    "an unknown key": GOOD | {"\x1b[31mred": 1},
    "a missing key": {key: value for key, value in GOOD.items() if key != "thresholds"},
    "temperature nought": GOOD | {"temperature": 0},
    "temperature below nought": GOOD | {"temperature": -1.0},
    "temperature no number": json.dumps(GOOD).replace("2.0", "NaN"),
    "temperature without end": json.dumps(GOOD).replace("2.0", "1e999"),
    "temperature as text": GOOD | {"temperature": "2.0"},
    "alpha one": GOOD | {"alpha": 1.0},
    "alpha nought": GOOD | {"alpha": 0.0},
    "a threshold over one": GOOD | {"thresholds": GOOD["thresholds"] | {"높음": 1.5}},
    "a threshold below nought": GOOD | {"thresholds": GOOD["thresholds"] | {"높음": -0.5}},
    "a threshold missing": GOOD | {"thresholds": {"높음": 0.1, "애매": 0.2}},
    "an unknown level": GOOD | {"thresholds": GOOD["thresholds"] | {"매우 높음": 0.1}},
    "a promise on too few patents": GOOD | {"patents_with": GOOD["patents_with"] | {"높음": 8}},
    "more patents than there are": GOOD | {"patents_with": GOOD["patents_with"] | {"높음": 21}},
    "a patent twice": GOOD | {"patents": ["10-1"] * 20},
    "a hash that is none": GOOD | {"adapter_sha256": "a" * 63 + "\n"},
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_hostile_files_are_refused_in_one_plain_line(tmp_path: Path, content: Any) -> None:
    folder = stored(tmp_path, json.dumps(content) if isinstance(content, dict) else content)
    with pytest.raises(AdapterError) as caught:
        load_calibration(folder, HASH)
    assert str(folder / CALIBRATION) in caught.value.message
    assert caught.value.message.isprintable()
    assert "bini calibrate" in caught.value.hint


def test_a_calibration_of_another_adapter_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AdapterError, match="another adapter"):
        load_calibration(stored(tmp_path, json.dumps(GOOD)), "c" * 64)


def test_a_folder_in_its_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / CALIBRATION).mkdir()
    with pytest.raises(AdapterError, match="cannot be read"):
        load_calibration(tmp_path, HASH)
