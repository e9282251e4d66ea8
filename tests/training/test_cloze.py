"""Elements made of a sentence's own words: they have words in common with what answers them, and only with that."""

import random
import re

import pytest

from bini.domain.glossary import Glossary
from bini.domain.labels import Basis
from bini.training.synthesis.cases import CaseWriter, Stage
from bini.training.synthesis.cloze import cloze, mixed, renamed, share_word

SENTENCES = {
    "ko": "배기가 먼저 닿는 «겉층에 로듐을, 그 아래 촉매층에 팔라듐을 적용»했습니다.",
    "en": "In this model «the outer layer carries rhodium and the inner layer palladium», as agreed.",
}
SEEDS = range(60)


def words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


@pytest.mark.parametrize("language", SENTENCES)
@pytest.mark.parametrize("seed", SEEDS)
def test_an_element_is_answered_by_words_that_it_shares_with_its_quote(language: str, seed: int) -> None:
    made = cloze(random.Random(seed), SENTENCES[language], language, Basis.LITERAL, "Z")
    assert made is not None
    (quote,) = re.findall("«(.*?)»", made.sentence)
    assert any(word[:2] in quote.lower() for word in words(made.element) if len(word) > 1)  # particles hang on words
    assert made.source == re.sub("[«»]", "", made.sentence)
    assert not re.search(r"[{}«»]|\[[가-힣]\]", made.element)


@pytest.mark.parametrize("language", SENTENCES)
@pytest.mark.parametrize("basis", [Basis.ABSENT, Basis.PARTIAL])
def test_a_product_without_the_element_names_it_and_says_so(language: str, basis: Basis) -> None:
    for seed in SEEDS:
        made = cloze(random.Random(seed), SENTENCES[language], language, basis, "Z")
        assert made is not None
        assert made.source not in made.sentence
        assert len(re.findall("«(.*?)»", made.sentence)) == 1
        assert any(word[:2] in made.element.lower() for word in words(made.sentence) if len(word) > 1)


@pytest.mark.parametrize("seed", range(20))
def test_a_mixed_sentence_keeps_its_grammar_and_numbers_alone(seed: int) -> None:
    sentence = "배기가 먼저 닿는 «겉층에 로듐을, 그 아래 3.5 g의 팔라듐을 도포»했습니다."
    made = mixed(random.Random(seed), sentence, "ko", ["구름", "나무토막"])
    assert re.fullmatch(r"배기가 먼저 닿는 «(구름|나무토막)에 (구름|나무토막)을, 그 (구름|나무토막) 3.5 g의 "
                        r"(구름|나무토막)을 (구름|나무토막)»했습니다.", made)  # fmt: skip


def test_a_silent_product_has_no_sentence_on_it() -> None:
    made = cloze(random.Random(1), SENTENCES["ko"], "ko", Basis.SILENT, "Z")
    assert made is not None
    assert made.sentence == ""


def test_a_quote_of_small_words_alone_makes_no_element() -> None:
    assert cloze(random.Random(1), "It «is what it is».", "en", Basis.LITERAL, "Z") is None


def test_a_sentence_beside_shares_one_word_with_the_element() -> None:
    for seed in SEEDS:
        sentence = share_word(random.Random(seed), "우리는 «덮개를 강판으로» 만든다.", "로듐을 포함하는 촉매층", "ko")
        assert sum(word in sentence for word in ("로듐", "포함", "촉매층")) == 1
        assert "«" not in sentence


def test_elements_of_a_cloze_stage_are_made_of_their_quotes_words(glossary: Glossary) -> None:
    """By their first two letters, which endings leave alone; the bank's own wordings rarely have so much in common."""

    def alike(cloze_share: float) -> float:
        writer = CaseWriter(
            glossary, random.Random(5), Stage((2, 4), 4, 0.0, 0.3, prose=1.0, cloze=cloze_share, topical=0.5)
        )
        shares = []
        for case in (writer.case() for _ in range(60)):
            for row, basis in zip(case.answer.comparisons, case.bases, strict=True):
                said = [word for word in words(row.patent_element) if len(word) > 1]
                if basis is Basis.LITERAL and row.user_product_element and len(said) > 2:
                    quote = row.user_product_element.lower()
                    shares.append(sum(word[:2] in quote for word in said) / len(said) >= 0.6)
        return sum(shares) / len(shares)

    assert alike(1.0) > 0.6
    assert alike(0.0) < 0.25


def test_a_name_is_exchanged_in_sentence_and_element_alike() -> None:
    for seed in SEEDS:
        sentence, element = renamed(
            random.Random(seed), SENTENCES["ko"], "ko", ["반도체"], "로듐을 포함하는 겉층을 갖는 촉매"
        )
        assert ("반도체" in sentence) == ("반도체" in element)
        for word in ("로듐", "겉층"):
            assert (word in sentence) == (word in element)
