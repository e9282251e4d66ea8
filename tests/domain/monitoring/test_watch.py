"""Windows over a stream, and what raises an alarm and what does not."""

import json
import math
import random
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from bini.domain.labels import Match, RiskLevel
from bini.domain.monitoring.alarms import AlarmName, drift_threshold
from bini.domain.monitoring.record import LogRecord
from bini.domain.monitoring.watch import Stream, watch
from bini.domain.monitoring.windows import Reference, read_reference, window
from bini.domain.schema import Ground
from bini.domain.shares import LARGE, level_shares
from bini.errors import DataError

HIGH, AMBIGUOUS, LOW = RiskLevel
Answer = Callable[..., LogRecord]
USUAL = Reference(level_shares([HIGH] * 60 + [AMBIGUOUS] * 60 + [LOW] * 60), 180)


def watched(records: Sequence[LogRecord | None], reference: Reference | None = None, size: int = 100) -> Stream:
    (stream,) = watch(records, size, reference).streams
    return stream


def names(stream: Stream) -> set[AlarmName]:
    return {alarm.name for alarm in stream.alarms}


def mixed(answer: Answer, count: int, weights: Sequence[float] = (1, 1, 1), review: float = 0.1) -> list[LogRecord]:
    rng = random.Random(0)
    return [
        answer(level, grounds=[Ground.NUMBERS] if rng.random() < review else [])
        for level in rng.choices(list(RiskLevel), weights, k=count)
    ]


# The true story: everything loads, everything parses, every answer is the same.


@pytest.mark.parametrize("reference", [None, USUAL], ids=["alone", "beside a reference"])
@pytest.mark.parametrize(
    "probabilities",
    [{}, {HIGH: 0.0, AMBIGUOUS: 0.0, LOW: 0.0}, {HIGH: 0.3, AMBIGUOUS: 0.3, LOW: 0.4}],
    ids=["none", "0.0", "near a third"],
)
def test_constant_answers_that_all_parse_are_degenerate(
    answer: Answer, reference: Reference | None, probabilities: dict[RiskLevel, float]
) -> None:
    records = [answer(LOW, probabilities=probabilities, confidence=0.0) for _ in range(30)]
    stream = watched(records, reference)
    assert stream.windows[-1].valid == 1
    (alarm,) = [alarm for alarm in stream.current if alarm.name is AlarmName.DEGENERATE]
    assert "bini adapters check" in alarm.todo.ko
    assert "bini adapters check" in alarm.todo.en
    assert (alarm.window.first, alarm.window.last) == (1, 30)


def test_constant_probabilities_are_degenerate_although_levels_differ(answer: Answer) -> None:
    """A tie that noise decides."""
    stream = watched([answer(level, probabilities=dict.fromkeys(RiskLevel, 1 / 3)) for level in [HIGH, LOW] * 20])
    assert names(stream) == {AlarmName.DEGENERATE}


def test_one_level_is_degenerate_although_the_confidence_varies(answer: Answer) -> None:
    records = [
        answer(LOW, probabilities={HIGH: 0.0, AMBIGUOUS: 1 - sure, LOW: sure}, confidence=sure)
        for sure in (0.5, 0.7, 0.99) * 20
    ]
    stream = watched(records)
    assert names(stream) == {AlarmName.DEGENERATE}
    assert (stream.alarms[-1].figure, stream.alarms[-1].threshold) == (1, 1)


def test_an_adapter_that_goes_flat_is_told_from_its_first_whole_window(answer: Answer) -> None:
    stream = watched(mixed(answer, 400) + [answer(HIGH) for _ in range(200)])
    assert {alarm.name for alarm in stream.current} == {AlarmName.DEGENERATE}
    assert stream.alarms[0].window.first == 401


def test_a_flat_adapter_is_not_hidden_by_a_sound_one_beside_it(answer: Answer) -> None:
    sound = mixed(answer, 300)
    flat = [answer(LOW, adapter="flat") for _ in range(300)]
    records = [record for pair in zip(sound, flat, strict=True) for record in pair]
    found = {stream.adapter: names(stream) for stream in watch(records, 100).streams}
    assert found == {"mine": set(), "flat": {AlarmName.DEGENERATE}}


# What is no alarm.


def test_a_steady_stream_raises_nothing(answer: Answer) -> None:
    stream = watched(mixed(answer, 3000), USUAL)
    assert len(stream.windows) == 59
    assert stream.alarms == []


def test_few_answers_raise_nothing(answer: Answer) -> None:
    assert watched([answer(LOW, grounds=[Ground.LEVEL]) for _ in range(29)], USUAL).alarms == []


def test_one_level_is_nothing_odd_where_the_reference_is_like_that(answer: Answer) -> None:
    strange_claims = Reference(level_shares([LOW] * 180), 180)
    assert watched([answer(LOW) for _ in range(200)], strange_claims).alarms == []
    wrong = watched([answer(HIGH) for _ in range(200)], strange_claims)
    assert names(wrong) == {AlarmName.DEGENERATE, AlarmName.DRIFT}


def test_input_refused_is_not_the_model_failing(answer: Answer) -> None:
    records = mixed(answer, 100) + [answer(None, error="InputError") for _ in range(100)]
    stream = watched(records, size=200)
    assert (stream.windows[-1].valid, stream.windows[-1].refused) == (1, 0.5)
    assert stream.alarms == []


# The other alarms.


def test_a_model_that_answers_nothing_raises_an_alarm(answer: Answer) -> None:
    stream = watched(mixed(answer, 100) + [answer(None, error="ModelError") for _ in range(100)], USUAL)
    assert names(stream) == {AlarmName.INVALID}
    assert stream.current[0].figure == 0
    assert stream.outcomes == {"answered": 100, "ModelError": 100}


def test_other_levels_are_drift(answer: Answer) -> None:
    stream = watched(mixed(answer, 200) + mixed(answer, 100, (8, 1, 1)), USUAL)
    assert names(stream) == {AlarmName.DRIFT}
    assert stream.alarms[-1].window.last == 300
    assert stream.alarms[-1].figure == stream.windows[-1].drift > stream.alarms[-1].threshold
    assert names(watched(mixed(answer, 200) + mixed(answer, 100, (8, 1, 1)))) == set()


def test_a_drift_has_to_be_large_and_more_than_chance() -> None:
    assert drift_threshold(10_000, 10_000) == LARGE
    # χ² with 2 degrees of freedom exceeds 13.816 once in a thousand times
    assert drift_threshold(30, 180) == pytest.approx(13.816 * (1 / 30 + 1 / 180), rel=1e-4)


def test_a_sudden_rise_of_reviews_is_an_alarm_and_a_constant_high_rate_is_none(answer: Answer) -> None:
    stream = watched(mixed(answer, 400) + mixed(answer, 100, review=0.5))
    assert names(stream) == {AlarmName.REVIEW}
    assert stream.current[0].figure > stream.current[0].threshold > 0.1
    assert watched(mixed(answer, 500, review=0.6)).alarms == []
    assert watched(mixed(answer, 400, review=0.6) + mixed(answer, 100, review=0.1)).alarms == []


# Windows.


@pytest.mark.parametrize(
    ("count", "spans"),
    [
        (1, [(1, 1)]),
        (40, [(1, 40)]),
        (41, [(1, 40), (2, 41)]),
        (80, [(1, 40), (21, 60), (41, 80)]),
        (99, [(1, 40), (21, 60), (41, 80), (60, 99)]),
    ],
)
def test_windows_roll_by_half_and_the_last_one_ends_with_the_log(
    answer: Answer, count: int, spans: list[tuple[int, int]]
) -> None:
    stream = watched([answer(HIGH) for _ in range(count)], size=40)
    assert [(seen.span.first, seen.span.last) for seen in stream.windows] == spans


def test_figures_of_a_window(answer: Answer) -> None:
    records = [
        answer(HIGH, confidence=0.8, probabilities={HIGH: 0.8, AMBIGUOUS: 0.1, LOW: 0.1}, grounds=["numbers", "level"]),
        answer(LOW, rule_level=HIGH, confidence=0.6, probabilities={LOW: 0.6, HIGH: 0.2, AMBIGUOUS: 0.2}),
        answer(None, error="ModelError", seconds=None, product_chars=100, korean=0),
        answer(None, error="InputError", seconds=None, product_chars=100, korean=0),
    ]
    seen = window(records, 14, USUAL)
    assert (seen.span.first, seen.span.last) == (11, 14)
    assert (seen.span.since, seen.span.until) == (records[0].at, records[3].at)
    assert (seen.asked, seen.answers) == (3, 2)
    assert seen.levels == {HIGH: 0.5, AMBIGUOUS: 0, LOW: 0.5}
    assert (seen.confidence, seen.confidence_spread) == (pytest.approx(0.7), pytest.approx(0.1))
    assert seen.spread == pytest.approx(0.3)  # of 높음: 0.8 and 0.2
    assert (seen.valid, seen.refused, seen.disagreement) == (pytest.approx(2 / 3), 0.25, 0.5)
    assert (seen.abstention, seen.review) == (pytest.approx(1 / 3), 0.5)
    assert seen.grounds == {ground: 0.5 if ground in ("numbers", "level") else 0 for ground in Ground}
    assert (seen.product_chars, seen.korean, seen.seconds) == (70, 0.45, 1.5)
    given = [1.5 / 3.5, 0.5 / 3.5, 1.5 / 3.5]  # 1, 0 and 1 answers, a half added to each
    assert seen.drift == pytest.approx(sum((p - 1 / 3) * math.log(3 * p) for p in given))


def test_what_nothing_tells_is_none(answer: Answer) -> None:
    seen = window([answer(None, error="InputError", seconds=None)], 1, USUAL)
    assert (seen.valid, seen.confidence, seen.spread, seen.disagreement, seen.abstention) == (None,) * 5
    assert (seen.review, seen.seconds, seen.drift) == (None,) * 3


def test_unreadable_lines_are_counted(answer: Answer) -> None:
    assert watch([None, answer(HIGH), None], 100).unreadable == 2


# References.


def test_predictions_and_logs_are_references(answer: Answer, tmp_path: Path) -> None:
    predictions = tmp_path / "predictions.jsonl"
    rows = [
        {"case_id": "c", "gold": {"level": "낮음"}, "level": level} for level in ["높음"] * 20 + ["낮음"] * 15 + [None]
    ]
    predictions.write_text("".join(json.dumps(row) + "\n" for row in rows) + '{"level": "높', encoding="utf-8")
    log = tmp_path / "log.jsonl"
    records = [answer(level, matches={Match.YES: 1}) for level in [HIGH] * 20 + [LOW] * 15]
    log.write_text("".join(record.model_dump_json() + "\n" for record in records), encoding="utf-8")
    assert read_reference(predictions) == read_reference(log) == Reference(level_shares([HIGH] * 20 + [LOW] * 15), 35)


def test_a_reference_of_few_answers_is_refused(tmp_path: Path) -> None:
    (tmp_path / "few").write_text('{"level": "높음"}\n' * 29, encoding="utf-8")
    with pytest.raises(DataError, match="holds 29 levels, a reference needs 30"):
        read_reference(tmp_path / "few")
    with pytest.raises(DataError, match="cannot be read"):
        read_reference(tmp_path)
