"""What differs between the rules of two countries, as data.

The all-elements rule is the same in Korea and the United States (`bini.domain.rules`); what a lawyer asks about
equivalents is not. Whether a patent is in force, free-working defences and estoppel are no part of a level.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bini.domain.wording import Sentence


class Jurisdiction(StrEnum):
    """Whose law the questions are of."""

    KR = "KR"
    US = "US"


@dataclass(frozen=True)
class RulePack:
    """The rules of one jurisdiction.

    Parameters
    ----------
    version
        Raised whenever the same matches could lead to another level, reason or question.
    equivalents
        The questions that decide whether a substitute is an equivalent, in plain words.
    """

    jurisdiction: Jurisdiction
    version: int
    equivalents: tuple[Sentence, ...]

    @property
    def name(self) -> str:
        """Jurisdiction and version, as provenance holds them."""
        return f"{self.jurisdiction} {self.version}"


# Supreme Court of Korea, 97Hu2200 (28 July 2000) and 2014Hu2788 (14 May 2015).
_KR = RulePack(
    Jurisdiction.KR,
    1,
    (
        Sentence(
            ko="바뀐 구성을 써도 과제의 해결원리, 곧 그 발명에 특유한 해결수단의 핵심이 그대로입니까?",
            en="Does the change leave the principle of the solution, the core of what is peculiar to it, as it is?",
        ),
        Sentence(
            ko="바뀐 구성으로도 특허발명과 실질적으로 같은 작용효과가 납니까?",
            en="Does the product still work with substantially the same effect as the patented invention?",
        ),
        Sentence(
            ko="그렇게 바꾸는 것은 그 기술분야에서 통상의 지식을 가진 사람이면 누구나 쉽게 생각해 낼 수 있습니까?",
            en="Could anyone of ordinary skill in the art easily have thought of the change?",
        ),
        Sentence(
            ko="제품이 출원 때의 공지기술이거나 그로부터 쉽게 발명할 수 있던 것입니까? (그렇다면 균등 아님)",
            en="Was the product known at filing, or easily made from what was known? (If so, no equivalent.)",
        ),
        Sentence(
            ko="출원 절차에서 바뀐 구성을 청구범위에서 의식적으로 제외하였습니까? (그렇다면 균등 아님)",
            en="Was the substitute knowingly left out of the claims in prosecution? (If so, no equivalent.)",
        ),
    ),
)
# Graver Tank, 339 U.S. 605 (1950); Warner-Jenkinson, 520 U.S. 17 (1997); Festo, 535 U.S. 722 (2002);
# Wilson Sporting Goods, 904 F.2d 677 (Fed. Cir. 1990).
_US = RulePack(
    Jurisdiction.US,
    1,
    (
        Sentence(
            ko="기능: 바뀐 구성이 청구된 구성과 실질적으로 같은 기능을 합니까?",
            en="Function: does the substitute do substantially what the claimed element does?",
        ),
        Sentence(
            ko="방식: 실질적으로 같은 방식으로 그 기능을 합니까?",
            en="Way: does it do so in substantially the same way?",
        ),
        Sentence(
            ko="결과: 실질적으로 같은 결과를 얻습니까?",
            en="Result: does it obtain substantially the same result?",
        ),
        Sentence(
            ko="차이가 비본질적입니까, 예컨대 통상의 기술자가 둘을 서로 바꾸어 쓸 수 있다고 알고 있었습니까?",
            en="Are the differences insubstantial, say because a skilled person knew that the two interchange?",
        ),
        Sentence(
            ko="출원 절차에서 청구항을 좁히면서 바뀐 구성을 포기하였습니까? (그렇다면 균등 아님)",
            en="Was the substitute given up when the claim was narrowed in prosecution? (If so, no equivalent.)",
        ),
        Sentence(
            ko="제품까지 문언에 포함하는 청구항이었다면 선행기술 때문에 특허받지 못했겠습니까? (그렇다면 균등 아님)",
            en="Would a claim that covers the product literally have failed over prior art? (If so, no equivalent.)",
        ),
    ),
)

RULE_PACKS = {pack.name: pack for pack in (_KR, _US)}
"""Every pack by its name."""


def pack_for(elements: Sequence[str]) -> RulePack:
    """The pack of the country whose language a claim is written in."""
    return _KR if any(re.search("[가-힣]", element) for element in elements) else _US
