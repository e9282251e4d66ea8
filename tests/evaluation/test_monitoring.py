"""A watched log as people see it: what the table says, and that no name in a log breaks table or picture."""

import io
import random
import warnings
from datetime import UTC, datetime

import numpy as np
import pytest
from matplotlib import image
from rich.console import Console

from bini.domain.labels import Match, RiskLevel
from bini.domain.monitoring.record import LogRecord
from bini.domain.monitoring.watch import Watch, watch
from bini.domain.monitoring.windows import Reference
from bini.domain.shares import level_shares
from bini.evaluation.monitoring.picture import picture
from bini.evaluation.monitoring.tables import tables

HIGH, AMBIGUOUS, LOW = RiskLevel
HOSTILE = "$\\frac{$ [bold]x[/bold] \x1b[31m\x07 \u202e 한글 {} %s"
REFERENCE = Reference(level_shares([HIGH, AMBIGUOUS, LOW] * 60), 180)


def record(level: RiskLevel, adapter: str | None = "mine") -> LogRecord:
    return LogRecord(
        at=datetime(2026, 1, 1, 12, 30, tzinfo=UTC),
        model="bini-test",
        adapter=adapter,
        level=level,
        rule_level=level,
        probabilities={level: 1.0},
        confidence=1.0,
        matches={Match.YES: 1, Match.UNKNOWN: 1},
        product_chars=1234,
        korean=0.5,
    )


def shown(found: Watch, language: str, width: int = 80) -> str:
    console = Console(file=io.StringIO(), width=width)
    console.print(tables(found, language))
    return console.file.getvalue()  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def gone_flat() -> Watch:
    rng = random.Random(0)
    sound = [record(rng.choice(list(RiskLevel))) for _ in range(200)]
    return watch([*sound, *(record(LOW) for _ in range(100)), None], 100, REFERENCE)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "ko",
            [
                "낮음",
                "100.0%",
                "판단불가 구성요소",
                "안정성 지수",
                "검토 필요",
                "50.0%",
                "같은 답만 나옴: 창 5개 중 1개",
                "201–300",
                "1,234",
                "줄 1개",
            ],
        ),
        (
            "en",
            [
                "low",
                "100.0%",
                "left open",
                "50.0%",
                "stability index",
                "needs review",
                "degenerate output: in 1 of 5 windows",
                "201–300",
                "lines: 1",
            ],
        ),
    ],
)
def test_the_table_shows_the_latest_windows_and_every_alarm(gone_flat: Watch, language: str, words: list[str]) -> None:
    text = " ".join(shown(gone_flat, language).split())
    assert [word for word in words if word not in text] == []
    assert "bini adapters check" in text
    assert "1–100" not in text
    assert "침해" not in text


def test_a_calm_log_says_so() -> None:
    assert "경보 없음" in shown(watch([record(HIGH)], 100), "ko")


def test_names_in_a_log_are_shown_as_text() -> None:
    text = shown(watch([record(HIGH, HOSTILE)], 100), "en")
    assert "[bold]x[/bold]" in text
    assert not set(text) & {"\x1b", "\x07"}


def test_the_same_log_gives_the_same_picture(gone_flat: Watch) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a letter without a glyph is a warning
        content = picture(gone_flat, "ko")
    assert content == picture(gone_flat, "ko") != picture(gone_flat, "en")
    pixels = image.imread(io.BytesIO(content))
    assert np.ptp(pixels) > 0.5
    assert b"Matplotlib" not in content


def test_alarms_are_marked_in_red(gone_flat: Watch) -> None:
    def reds(found: Watch) -> int:
        pixels = image.imread(io.BytesIO(picture(found, "en")))
        return int(((pixels[..., 0] > 0.99) & (abs(pixels[..., 1] - 0.8) < 0.02) & (pixels[..., 2] < 0.82)).sum())

    calm = watch([record(level) for level in [HIGH, AMBIGUOUS, LOW] * 100], 100, REFERENCE)
    assert reds(gone_flat) > 100 > reds(calm)


def test_many_systems_and_hostile_names_keep_the_picture_of_a_size() -> None:
    names = [HOSTILE, None, *(f"a{number}" for number in range(60))]
    many = watch([record(HIGH, name) for name in names], 100)
    height, width, _ = image.imread(io.BytesIO(picture(many, "ko"))).shape
    assert height < width < 2000
    assert "other models and adapters: 42" in shown(many, "en")
