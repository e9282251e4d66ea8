"""Metrics as Prometheus reads them."""

from datetime import UTC, datetime

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bini.domain.labels import Match, RiskLevel
from bini.domain.monitoring.record import LogRecord
from bini.domain.monitoring.watch import watch
from bini.domain.schema import Ground
from bini.serving.metrics import metrics

HOSTILE = 'runs/"a"\\b\nbini_alarm 7 #한글{}'


def record(level: RiskLevel | None, adapter: str | None, **changes: object) -> LogRecord:
    fields = {
        "at": datetime(2026, 1, 1, tzinfo=UTC),
        "model": "m",
        "adapter": adapter,
        "level": level,
        "rule_level": level,
        "probabilities": {level: 0.75} if level else {},
        "confidence": 0.75 if level else None,
        "matches": {Match.YES: 1, Match.UNKNOWN: 3} if level else {},
        "product_chars": 10,
        "korean": 1,
    }
    return LogRecord.model_validate(fields | changes)


def samples(streams) -> dict[tuple[str, str, str], float]:
    """Value by metric, adapter and the label that is neither model nor adapter."""
    text = metrics(streams).decode()
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = dict(sample.labels)
            assert labels.pop("model") == "m"
            found[sample.name, labels.pop("adapter"), "".join(labels.values())] = sample.value
    return found


def test_counters_run_over_the_whole_log_and_gauges_over_the_last_window() -> None:
    early = [record(RiskLevel.HIGH, None) for _ in range(60)]
    late = [record(RiskLevel.LOW, None, grounds=[Ground.LEVEL]) for _ in range(36)]
    broken = [record(None, None, error="ModelError") for _ in range(4)]
    found = samples(watch(early + late + broken, 40).streams)
    assert found["bini_requests_total", "", "answered"] == 96
    assert found["bini_requests_total", "", "ModelError"] == 4
    assert (found["bini_answers_total", "", "높음"], found["bini_answers_total", "", "낮음"]) == (60, 36)
    assert found["bini_window_requests", "", ""] == 40
    assert (found["bini_window_level_ratio", "", "높음"], found["bini_window_level_ratio", "", "낮음"]) == (0, 1)
    assert found["bini_window_valid_ratio", "", ""] == pytest.approx(0.9)
    assert found["bini_window_confidence_mean", "", ""] == 0.75
    assert found["bini_window_abstention_ratio", "", ""] == 0.75
    assert found["bini_window_review_ground_ratio", "", "level"] == 1
    raised = {name: found["bini_alarm", "", name] for name in ("degenerate", "invalid", "drift", "review")}
    assert raised == {"degenerate": 1, "invalid": 1, "drift": 0, "review": 1}


def test_what_is_not_known_has_no_line() -> None:
    found = samples(watch([record(None, None, error="InputError")], 40).streams)
    assert found["bini_window_refused_ratio", "", ""] == 1
    assert not {name for name, *_ in found} & {"bini_window_valid_ratio", "bini_window_seconds_mean"}


def test_names_of_adapters_stay_names() -> None:
    found = samples(watch([record(RiskLevel.HIGH, HOSTILE), record(RiskLevel.LOW, "b")], 40).streams)
    assert {adapter for _, adapter, _ in found} == {HOSTILE, "b"}
    assert found["bini_alarm", HOSTILE, "drift"] == 0
