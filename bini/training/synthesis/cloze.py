"""Claim elements made of a product's own words, as the inverse cloze task makes questions (Lee et al. 2019).

The elements of the frame bank are answered by the same sentences again and again: a model that has read them often
knows the sentences and need not compare words. Here any quote of the bank becomes an element, in other order, with
other endings and with some of its words left out, so that only what the two have in common tells what answers what.
"""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from bini.domain.korean import exchange, josa
from bini.domain.labels import Basis
from bini.domain.nouns import content_words
from bini.training.synthesis.names import made_up

QUOTE = re.compile("«(.*?)»")
CLAIM_VERBS = ("하는", "하는", "되는", "된", "한", "하도록 구성된", "하여", "시키는", "")
CLAIM_PARTICLES = ("", "", "", "[을]", "[을]", "[이]", "의", "에", "에 의해", "[와]", "[로]")
CLAIM_NOUNS = ("부", "수단", "단계", "층", "부재", "장치", "모듈", "유닛", "공정", "것", "구조", "구성", "단계", "부분")
CLAIM_JOINS = ("[을] 포함하는", "[을] 구비한", "[이] 형성된", "[이] 배치된", "[을] 수행하는", "에 관한", "")
CLAIM_OPENINGS = (
    "",
    "",
    "a ",
    "an arrangement of ",
    "a step of ",
    "a unit for ",
    "said ",
    "wherein the ",
    "at least one ",
)
DENIED = {
    "ko": (
        "«{w}[은] 적용하지 않았다».",
        "«{w} 없음».",
        "이번 제품에서 «{w}[은] 뺐습니다».",
        "«{w}[은] 쓰지 않는다».",
        "«{w} 미적용».",
        "검토 끝에 «{w}[은] 채택하지 않기로» 했다.",
        "«{w} 대신 {d}[을] 쓴다».",
        "«{w}[은] 넣지 않고 {d}[로] 바꿨어요».",
        "원가 때문에 «{w}[은] 제외»했다.",
        "«{w}[이] 전혀 들어가지 않는» 것이 특징입니다.",
        "«{w} 불포함»",
        "고객 요청으로 «{w}[은] 삭제»되었다.",
    ),
    "en": (
        "«There is no {w}».",
        "«No {w}» in this version.",
        "«{w} is not used».",
        "We dropped «{w}, and use {d} instead».",
        "«{w} was removed» to save cost.",
        "It works «without {w}».",
        "«{d} takes the place of {w}».",
        "«Free of {w}».",
        "The design «does away with {w}».",
        "- «{w}: none»",
    ),
}
OPEN = {
    "ko": (
        "«{w} 적용 여부는 미정»이다.",
        "«{w}[을] 넣을지는 검토 중»입니다.",
        "«{w}[은] 아직 정하지 않았다».",
        "«{w}: 추후 결정»",
        "«{w}에 대해서는 시험 결과를 보고 정한다».",
        "«{w}[이] 들어갈 수도 있다».",
        "일부 시제품에만 «{w}[을] 써 봤고, 양산은 모릅니다».",
        "«{w} 사양은 협력사가 공개하지 않음».",
    ),
    "en": (
        "«Whether {w} goes in is still open».",
        "«{w} is under review».",
        "«{w}: to be decided»",
        "We «may add {w} later».",
        "«The supplier does not disclose {w}».",
        "«{w} was tried in one prototype only», the rest is open.",
    ),
}
KEPT = (0.55, 1.0)
"""Least and greatest chance of a word of the quote to be in the element."""
LEAST = {"ko": 1, "en": 3}
"""Letters that a word must have more than to be exchanged for a name."""
TURNED = 0.3
"""Share of the elements whose words stand in another order."""


@dataclass(frozen=True)
class Cloze:
    """An element made of a sentence.

    Parameters
    ----------
    element
        As a claim might say it.
    sentence
        The product's, « » around the quote; another one than the source if the product lacks the element.
    source
        The sentence that has the element, without marks.
    """

    element: str
    sentence: str
    source: str


def cloze(rng: random.Random, sentence: str, language: str, basis: Basis, other: str) -> Cloze | None:
    """Make an element of what a product that has it would say.

    Parameters
    ----------
    rng
        Source of chance.
    sentence
        With « » around the words that answer.
    language
        "ko" or "en", of the sentence and of the element.
    basis
        Why the product has the element, lacks it, or leaves it open.
    other
        Name of another thing, that may stand in its place.

    Returns
    -------
    Cloze or None
        None if the quote has too few words that say something.
    """
    nouns = _quoted(sentence, language)
    if not nouns:
        return None
    share = rng.uniform(*KEPT)
    kept = [noun for noun in nouns if rng.random() < share]
    if len(kept) < 2:
        kept = nouns[:2]
    if rng.random() < TURNED:
        rng.shuffle(kept)
    element = _claimed(rng, kept) if language == "ko" else rng.choice(CLAIM_OPENINGS) + _with_small(rng, kept)
    said = rng.sample(kept, min(len(kept), rng.choice((1, 2, 2, 3))))
    words = " ".join(noun for noun in kept if noun in said)
    answers = {Basis.ABSENT: DENIED, Basis.PARTIAL: OPEN}.get(basis)
    answer = josa(rng.choice(answers[language]).format(w=words, d=other)) if answers else sentence
    return Cloze(element, "" if basis is Basis.SILENT else answer, re.sub("[«»]", "", sentence))


def renamed(
    rng: random.Random, sentence: str, language: str, names: Sequence[str], element: str = ""
) -> tuple[str, str]:
    """A sentence with one or two words of its quote exchanged for `names`, and the element that it answers likewise."""
    nouns = [noun for noun in nameable(sentence, language) if noun in element or not element]
    for noun in rng.sample(nouns, min(len(nouns), rng.choice((1, 1, 2)))):
        name = rng.choice(names)
        sentence, element = exchange(sentence, noun, name), exchange(element, noun, name)
    return sentence, element


def mixed(rng: random.Random, sentence: str, language: str, words: Sequence[str]) -> str:
    """A sentence with every word of its quote that may be exchanged taken from `words`: grammatical, and nonsense."""
    for noun in nameable(sentence, language):
        sentence = exchange(sentence, noun, rng.choice(words))
    return sentence


def nameable(sentence: str, language: str) -> list[str]:
    """The words of a sentence's quote that another name may stand for: no numbers, no short ones."""
    return [noun for noun in _quoted(sentence, language) if noun.isalpha() and len(noun) > LEAST[language]]


def fresh_names(rng: random.Random, language: str, count: int) -> list[str]:
    """Names of things that nobody has seen."""
    return [made_up(rng, "component").names(language)[0] for _ in range(count)]


def _quoted(sentence: str, language: str) -> list[str]:
    found = QUOTE.search(sentence)
    return content_words(found[1], language) if found else []


def _claimed(rng: random.Random, nouns: list[str]) -> str:
    """Korean nouns as a claim joins them."""
    parts = []
    for place, noun in enumerate(nouns):
        last = place == len(nouns) - 1
        ending = "" if last else rng.choice(CLAIM_VERBS if rng.random() < 0.3 else CLAIM_PARTICLES)
        parts.append(noun + ending)
    text = rng.choice(("", "", "", "상기 ")) + " ".join(parts)
    if rng.random() < 0.5:
        text += rng.choice((*CLAIM_JOINS, *CLAIM_VERBS)) + " " + rng.choice(CLAIM_NOUNS)
    return josa(text)


def _with_small(rng: random.Random, nouns: list[str]) -> str:
    """English words as a claim joins them."""
    joins = ("", "", "", "the ", "of ", "of the ", "with ", "for ", "and ", "configured to ", "comprising ", "being ")
    return " ".join((rng.choice(joins) if place else "") + noun for place, noun in enumerate(nouns))


def share_word(rng: random.Random, sentence: str, element: str, language: str) -> str:
    """A sentence, without marks, in which a word of `element` stands for one of its own."""
    mine, theirs = content_words(element, language), content_words(QUOTE.sub(r"\1", sentence), language)
    plain = re.sub("[«»]", "", sentence)
    return plain.replace(rng.choice(theirs), rng.choice(mine), 1) if mine and theirs else plain
