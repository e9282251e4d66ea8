"""The rubric's roll-up of one claim, and what code finds to say against the verdicts."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from bini.domain.labels import DECIDING, Match, RiskLevel, level_probabilities, match_of_numbers, roll_up
from bini.domain.rule_packs import RulePack
from bini.domain.schema import AssessedElement, Equivalents, Ground, NumberCheck, Question, Review
from bini.domain.settling import open_questions, open_ranges, says_nothing_else
from bini.domain.wording import Sentence


class Ruling(NamedTuple):
    """What the rules make of the verdicts on a claim's elements; fields as in `Assessment`."""

    rule_level: RiskLevel
    review: tuple[Review, ...]
    questions: tuple[Question, ...]
    equivalents: Equivalents | None


def rule(
    rows: Sequence[AssessedElement], level: RiskLevel | None, pack: RulePack, possible: Sequence[RiskLevel] = ()
) -> Ruling:
    """Roll up the elements of one claim.

    Parameters
    ----------
    rows
        The elements, in the order of the claim.
    level
        The level that the model wrote; None where answers have overtaken it.
    pack
        The rules to go by.
    possible
        The levels that a calibration does not rule out; none without one, or where answers have overtaken the model.

    Raises
    ------
    ValueError
        If there are no elements.
    """
    rolled = roll_up(row.verdict for row in rows)
    substituted = tuple(n for n, row in enumerate(rows, start=1) if _is_substituted(row))
    return Ruling(
        rolled,
        tuple(_review(rows, level, rolled, possible)),
        open_questions(rows),
        Equivalents(elements=substituted, questions=pack.equivalents) if substituted else None,
    )


def likely_levels(rows: Sequence[AssessedElement]) -> dict[RiskLevel, float]:
    """Probability of each level of one claim: the model's of its elements' matches, by the all-elements rule.

    Where code knows better, no belief is asked. Silence is 판단불가. An element is no 대응 where a number lies outside
    what it claims or straddles it, or the product denies it: what the model gave that goes to the
    match that code finds.

    Parameters
    ----------
    rows
        The elements, in any order.
    """
    return level_probabilities([_chances(row) for row in rows])


def _chances(row: AssessedElement) -> Mapping[Match, float]:
    """The probability of each match of an element, silence and what code finds considered."""
    if not row.user_product_element:
        return {match: float(match is Match.UNKNOWN) for match in Match}
    said = row.computed
    if said in (None, Match.YES):
        return row.probabilities
    return {**row.probabilities, Match.YES: 0.0, said: row.probabilities[said] + row.probabilities[Match.YES]}


def _is_substituted(row: AssessedElement) -> bool:
    """Whether the product may have something else in an element's place, rather than a value that is not known."""
    if not row.user_product_element or says_nothing_else(row.patent_element):
        return False
    return row.verdict is Match.NO or (row.verdict is Match.UNKNOWN and not open_ranges(row))


# Reasons to review -------------------------------------------------------------------------------

_OTHER_LEVEL = Sentence(
    ko="모델은 {model}, 구성요소 완비의 원칙은 {rule} ({why}): 검토가 필요합니다",
    en="The model says {model}, the all-elements rule {rule} ({why}): needs review",
)
_WHY = {
    RiskLevel.LOW: Sentence(ko="미대응인 구성요소: {elements}", en="elements that do not correspond: {elements}"),
    RiskLevel.AMBIGUOUS: Sentence(ko="판단불가인 구성요소: {elements}", en="elements that cannot be told: {elements}"),
    RiskLevel.HIGH: Sentence(ko="모든 구성요소가 대응", en="every element corresponds"),
}
_LIKELIER = Sentence(
    ko="판정을 합치면 {level}({chosen})이나 구성요소별 확률을 합치면 {likeliest}({share})이 더 그럴듯합니다. "
    "먼저 볼 구성요소: {element}",
    en="The matches make {level} ({chosen}), but their probabilities together make {likeliest} likelier ({share}): "
    "look at element {element} first",
)
_POSSIBLE = Sentence(
    ko="보정으로 배제되지 않은 위험이 둘 이상 ({levels}): 검토가 필요합니다",
    en="The calibration leaves more than one level possible ({levels}): needs review",
)
_NO_WORDS = Sentence(
    ko="구성요소 {element}: 제품의 말 없이 내린 판정({match})이므로 원칙은 판단불가로 봅니다",
    en="Element {element}: '{match}' without any words of the product, so the rule takes it as one that cannot be told",
)
_NUMBERS = Sentence(
    ko="구성요소 {element}: 청구된 '{claimed}', 제품의 '{said}'. 계산 결과는 {result}, 판정은 {match}입니다",
    en="Element {element}: against the claimed '{claimed}' the product's '{said}' is {result} as computed, "
    "yet the verdict is '{match}'",
)
_OVERRULED = Sentence(
    ko="{words}. 원칙은 계산을 따릅니다 ({verdict})", en="{words}; the rule goes by the number ('{verdict}')"
)
_DENIED = Sentence(
    ko="구성요소 {element}: 제품에 '{said}'라는 말이 있으나 판정은 {match}입니다. "
    "원칙은 제품의 말을 따릅니다 ({verdict})",
    en="Element {element}: the product says '{said}', yet the verdict is '{match}'; the rule goes by these words "
    "('{verdict}')",
)


def _review(
    rows: Sequence[AssessedElement], level: RiskLevel | None, rolled: RiskLevel, possible: Sequence[RiskLevel]
) -> Iterator[Review]:
    believed = roll_up(row.believed for row in rows)
    if level and level not in (believed, rolled):
        elements = tuple(n for n, row in enumerate(rows, start=1) if row.verdict is DECIDING[rolled])
        why = _WHY[rolled].filled(elements=elements)
        words = _OTHER_LEVEL.filled(model=level, rule=rolled, why=why)
        yield Review(ground=Ground.LEVEL, elements=elements, words=words)
    if level:
        yield from _likelier(rows, rolled)
    if len(possible) > 1:
        yield Review(ground=Ground.POSSIBLE, elements=(), words=_POSSIBLE.filled(levels=possible))
    for number, row in enumerate(rows, start=1):
        if not row.answered_match and row.supported is not row.match:
            words = _NO_WORDS.filled(element=[number], match=row.match)
            yield Review(ground=Ground.NO_WORDS, elements=(number,), words=words)
        elif row.denied and row.verdict is row.denied.match is not row.believed:
            said = {"said": row.denied.said, "match": row.believed, "verdict": row.verdict}
            yield Review(ground=Ground.DENIED, elements=(number,), words=_DENIED.filled(element=[number], **said))
        elif found := _contradiction(row):
            told = {"claimed": found.claimed, "said": found.said or "", "result": found.result}
            words = _NUMBERS.filled(element=[number], match=row.believed, **told)
            if row.verdict is not row.believed:
                words = _OVERRULED.filled(words=words, verdict=row.verdict)
            yield Review(ground=Ground.NUMBERS, elements=(number,), words=words)


def _likelier(rows: Sequence[AssessedElement], level: RiskLevel) -> Iterator[Review]:
    """Another level than the one given is the most probable."""
    shares = likely_levels(rows)
    likeliest = max(shares, key=shares.__getitem__)
    if likeliest is not level:
        shown = {"share": f"{shares[likeliest]:.0%}", "chosen": f"{shares[level]:.0%}"}
        first = 1 + max(range(len(rows)), key=lambda n: _chances(rows[n])[DECIDING[likeliest]])
        words = _LIKELIER.filled(likeliest=likeliest, level=level, element=[first], **shown)
        yield Review(ground=Ground.LIKELIER, elements=(first,), words=words)


def _contradiction(row: AssessedElement) -> NumberCheck | None:
    """The number that speaks against the match; a value in range does not settle what else an element says."""
    expected = match_of_numbers([found.result for found in row.numbers])
    if expected in (None, row.believed) or (expected is Match.YES and row.believed is Match.UNKNOWN):
        return None
    return next(found for found in row.numbers if match_of_numbers([found.result]) is expected)
