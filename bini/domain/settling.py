"""What would settle an assessment: a question for every element that is 판단불가, and what each answer would do."""

import re
from collections.abc import Sequence

from bini.domain.labels import Match, RangeCheck, RiskLevel, roll_up
from bini.domain.schema import AssessedElement, Question
from bini.domain.wording import Sentence

_NOTHING_ELSE = re.compile(
    r"만?(?:으로|로)만?\s*(?:(?:본질적|필수적|실질적)으로\s*)?(?:이루어|구성)\S*"
    r"|consist(?:ing|s)\s+(?:essentially\s+)?of",
    re.IGNORECASE,
)
_HAS_IT = Sentence(ko="제품에 '{element}' 구성이 있습니까?", en="Does the product have '{element}'?")
_SAME = Sentence(
    ko="제품의 '{quote}' 부분이 '{element}' 구성에 해당합니까?",
    en="Is the product's '{quote}' what is claimed: '{element}'?",
)
_WITHIN = Sentence(
    ko="'{element}': 제품의 값이 '{ranges}' 안에 있습니까?",
    en="'{element}': does the product's value lie within '{ranges}'?",
)
_ALONE = Sentence(
    ko="청구항에 적힌 것 말고는 제품에 아무것도 없습니까? ('{element}')",
    en="Does the product hold nothing but what the claim names ('{element}')?",
)
_STAYS = Sentence(ko="{now} 그대로", en="it stays {now}")
_BECOMES = Sentence(ko="{now} → {then}", en="{now} becomes {then}")
_TOGETHER = Sentence(
    ko="{stays} (다른 물음도 모두 대응이면 높음)", en="{stays} (high if all the others are answered so)"
)
_EFFECT = Sentence(ko="대응이면 {yes}, 미대응이면 {no}", en="if it corresponds, {yes}; if not, {no}")
_NO_EFFECT = Sentence(
    ko="어느 답이든 {now} 그대로 (미대응인 구성요소: {others})",
    en="{now} whatever the answer (elements that do not correspond: {others})",
)
_MOVEMENT = Sentence(
    ko="{effect}; 기대 변화 {movement}단계 (두 답 가운데 모델이 보는 대응 확률 {chance})",
    en="{effect}; expected to move it by {movement} levels (of the two answers the model gives the first {chance})",
)


def says_nothing_else(element: str) -> bool:
    """Whether an element is a transition that closes the claim ('만으로 이루어진', 'consisting of')."""
    return bool(_NOTHING_ELSE.fullmatch(element))


def open_ranges(row: AssessedElement) -> list[str]:
    """The claimed quantities of an element that the product does not meet, or not for certain."""
    return [n.claimed for n in row.numbers if n.result not in (RangeCheck.IN, RangeCheck.EDGE)]


def open_questions(rows: Sequence[AssessedElement]) -> tuple[Question, ...]:
    """A question for every element that is 판단불가, the one whose answer is expected to move the risk most first.

    Parameters
    ----------
    rows
        The elements of one claim, in its order.
    """
    asked = [_question(rows, place) for place, row in enumerate(rows) if row.verdict is Match.UNKNOWN]
    return tuple(sorted(asked, key=lambda question: (-question.movement, question.element)))


def _question(rows: Sequence[AssessedElement], place: int) -> Question:
    now, yes, no = (_level_with(rows, place, match) for match in (Match.UNKNOWN, Match.YES, Match.NO))
    chance = _chance_of_yes(rows[place])
    movement = chance * abs(yes.rank - now.rank) + (1 - chance) * abs(no.rank - now.rank)
    return Question(
        element=place + 1,
        question=_asked(rows[place]),
        if_yes=yes,
        if_no=no,
        movement=movement,
        effect=_moved(_effect(rows, now, yes, no), movement, chance),
    )


def _moved(effect: Sentence, movement: float, chance: float) -> Sentence:
    """The effect and how far it is expected to go, if anywhere."""
    return _MOVEMENT.filled(effect=effect, movement=f"{movement:.2f}", chance=f"{chance:.0%}") if movement else effect


def _level_with(rows: Sequence[AssessedElement], place: int, match: Match) -> RiskLevel:
    return roll_up(match if n == place else row.verdict for n, row in enumerate(rows))


def _chance_of_yes(row: AssessedElement) -> float:
    """The model's probability of 대응 as a share of 대응 and 미대응; even if it gives neither any."""
    yes, no = row.probabilities[Match.YES], row.probabilities[Match.NO]
    return yes / (yes + no) if yes + no else 0.5


def _asked(row: AssessedElement) -> Sentence:
    element, quote = row.patent_element, row.user_product_element
    if says_nothing_else(element):
        return _ALONE.filled(element=element)
    if ranges := open_ranges(row):
        return _WITHIN.filled(element=element, ranges="', '".join(ranges))
    return _SAME.filled(element=element, quote=quote) if quote else _HAS_IT.filled(element=element)


def _effect(rows: Sequence[AssessedElement], now: RiskLevel, yes: RiskLevel, no: RiskLevel) -> Sentence:
    if now is yes is no:
        others = [n for n, row in enumerate(rows, start=1) if row.verdict is Match.NO]
        return _NO_EFFECT.filled(now=now, others=others)
    if_yes = _BECOMES.filled(now=now, then=yes) if yes is not now else _TOGETHER.filled(stays=_STAYS.filled(now=now))
    return _EFFECT.filled(yes=if_yes, no=_BECOMES.filled(now=now, then=no))
