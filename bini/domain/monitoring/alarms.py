"""What is wrong with a window; `eval/experiments/monitor_alarms.py` measures how often an alarm is false."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import NormalDist

from bini.domain.labels import RiskLevel
from bini.domain.monitoring.record import LogRecord
from bini.domain.monitoring.windows import ENOUGH, Reference, Span, Window
from bini.domain.shares import FLAT, LARGE
from bini.domain.wording import Sentence

CHANCE = 0.001
"""How often a window of independent requests may raise an alarm although nothing has changed, at most about."""

ANSWERED = 0.95
"""Share of requests that the model has to answer. Decoding is constrained, so that every failure is a defect."""

JUMP = 0.1
"""By how much the review rate has to rise to be worth a person's time, however sure the rise is."""


class AlarmName(StrEnum):
    """What is wrong."""

    DEGENERATE = "degenerate"  # the same answer to everything
    INVALID = "invalid"  # requests without an answer
    DRIFT = "drift"  # other levels than the reference's
    REVIEW = "review"  # suddenly more to review than before


@dataclass(frozen=True)
class Alarm:
    """One alarm.

    Parameters
    ----------
    window
        Where it was raised.
    measure
        What `figure` and `threshold` are.
    todo
        What to do about it.
    """

    name: AlarmName
    window: Span
    measure: Sentence
    figure: float
    threshold: float
    todo: Sentence


def alarms(seen: Window, past: Sequence[LogRecord] = (), reference: Reference | None = None) -> list[Alarm]:
    """Everything that is wrong with a window.

    Parameters
    ----------
    seen
        Its figures.
    past
        The requests before it.
    reference
        What is normal; without one there is no drift, and a window of one level is always an alarm.
    """
    found = [_degenerate(seen, reference), _invalid(seen), _drift(seen, reference), _review(seen, past)]
    return [alarm for alarm in found if alarm]


def drift_threshold(answers: int, reference: int) -> float:
    """Stability index from which the levels of a window have drifted: large, and larger than chance makes it.

    Of two samples of n and m draws from one distribution over k levels the index is about χ²(k - 1) · (1/n + 1/m)
    (Yurdakul, Statistical Properties of Population Stability Index, 2018). For three levels that χ² has a closed form.
    """
    quantile = -2 * math.log(CHANCE)  # of χ² with 2 degrees of freedom
    return max(LARGE, quantile * (1 / answers + 1 / reference))


def _degenerate(seen: Window, reference: Reference | None) -> Alarm | None:
    commonest = max(seen.levels, key=lambda level: seen.levels[level])
    flat, one_level = seen.spread is not None and seen.spread < FLAT, seen.levels[commonest] == 1
    if seen.answers < ENOUGH or not (flat or one_level) or (one_level and _likely(commonest, seen.answers, reference)):
        return None
    measure, figure, threshold = (_SPREAD, seen.spread or 0.0, FLAT) if flat else (_COMMONEST, 1.0, 1.0)
    return Alarm(AlarmName.DEGENERATE, seen.span, measure, figure, threshold, _SAME)


def _likely(level: RiskLevel, answers: int, reference: Reference | None) -> bool:
    """Whether so many answers of one level are nothing unusual, as where one product is held against strange claims."""
    return reference is not None and float(reference.shares[level] ** answers) > CHANCE


def _invalid(seen: Window) -> Alarm | None:
    if seen.valid is None or seen.valid >= ANSWERED or seen.asked < ENOUGH:
        return None
    return Alarm(AlarmName.INVALID, seen.span, _VALID, seen.valid, ANSWERED, _UNANSWERED)


def _drift(seen: Window, reference: Reference | None) -> Alarm | None:
    if reference is None or seen.drift is None or seen.answers < ENOUGH:
        return None
    threshold = drift_threshold(seen.answers, reference.size)
    if seen.drift <= threshold:
        return None
    return Alarm(AlarmName.DRIFT, seen.span, _INDEX, seen.drift, threshold, _MOVED)


def _review(seen: Window, past: Sequence[LogRecord]) -> Alarm | None:
    """One-sided test of two shares (pooled, normal approximation), and a rise that matters."""
    before = [record.needs_review for record in past if record.level]
    if seen.review is None or min(seen.answers, len(before)) < ENOUGH:
        return None
    usual = sum(before) / len(before)
    pooled = (sum(before) + seen.review * seen.answers) / (len(before) + seen.answers)
    error = math.sqrt(pooled * (1 - pooled) * (1 / seen.answers + 1 / len(before)))
    threshold = usual + max(JUMP, NormalDist().inv_cdf(1 - CHANCE) * error)
    if seen.review <= threshold:
        return None
    return Alarm(AlarmName.REVIEW, seen.span, _RATE, seen.review, threshold, _LOOK)


_SPREAD = Sentence(ko="수준 확률의 표준편차", en="standard deviation of a level's probability")
_COMMONEST = Sentence(ko="가장 잦은 수준의 비율", en="share of the commonest level")
_VALID = Sentence(ko="모델이 답한 요청의 비율", en="share of requests that the model answered")
_INDEX = Sentence(
    ko="기준에 대한 위험 수준의 안정성 지수 (PSI)", en="stability index of the levels against the reference"
)
_RATE = Sentence(ko="검토가 필요한 답의 비율", en="share of answers that need review")

_SAME = Sentence(
    ko="무엇을 물어도 답이 같습니다. 프롬프트보다 어댑터를 먼저 보십시오: bini adapters check. "
    "그런 요청만 오는 것이라면 그때의 로그를 --reference로 주십시오.",
    en="It says the same whatever it is asked. Look at the adapter before the prompt: bini adapters check. "
    "If such requests are all that come, give a log of them with --reference.",
)
_UNANSWERED = Sentence(
    ko="로그의 오류 종류를 보고, 모델과 어댑터의 가중치를 검사하십시오: bini adapters check.",
    en="See the kinds of error in the log, and check the weights of model and adapter: bini adapters check.",
)
_MOVED = Sentence(
    ko="요청(언어, 길이, 분야)이나 모델, 어댑터가 바뀌었는지 보고, 지금 오는 것과 같은 사례로 재십시오: bini eval.",
    en="See whether requests (language, length, field), model or adapter have changed, and measure again on cases like "
    "those that come now: bini eval.",
)
_LOOK = Sentence(
    ko="어느 검토 사유가 늘었는지 보고, 그중 몇 건의 차트를 읽으십시오.",
    en="See which ground for review has grown, and read some of those charts.",
)
