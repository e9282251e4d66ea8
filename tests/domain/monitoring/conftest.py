"""Records of streams, without a model."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from bini.domain.labels import Match, RiskLevel
from bini.domain.monitoring.record import LogRecord

START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def answer() -> Callable[..., LogRecord]:
    """Makes a record of an answer, a minute after the one before it and sure of its level."""
    number = count()

    def make(level: RiskLevel | None, **changes: object) -> LogRecord:
        fields = {
            "at": START + timedelta(minutes=next(number)),
            "model": "bini-test",
            "adapter": "mine",
            "level": level,
            "rule_level": level,
            "probabilities": {other: float(other is level) for other in RiskLevel} if level else {},
            "confidence": 1.0 if level else None,
            "matches": {Match.YES: 2, Match.UNKNOWN: 1} if level else {},
            "product_chars": 40,
            "korean": 0.9,
            "seconds": 1.5,
        }
        return LogRecord.model_validate(fields | changes)

    return make
