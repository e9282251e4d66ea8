"""Elements made of a sentence's own words: they have words in common with what answers them, and only with that."""

import random
import re

import pytest

from bini.domain.glossary import Glossary
from bini.domain.labels import Basis
from bini.training.synthesis.cases import CaseWriter, Stage
from bini.training.synthesis.cloze import cloze, renamed, share_word

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


def test_a_stage_of_cloze_alone_writes_elements_that_need_no_bank(glossary: Glossary) -> None:
    stage = Stage((2, 4), 4, 0.0, 0.3, prose=0.5, cloze=1.0, topical=0.5)
    writer = CaseWriter(glossary, random.Random(5), stage)
    shared = total = 0
    for _ in range(60):
        case = writer.case()
        for row, basis in zip(case.answer.comparisons[:-1], case.bases, strict=False):
            if basis is Basis.LITERAL and row.user_product_element:
                total += 1
                shared += bool(words(row.patent_element) & words(row.user_product_element))
    assert shared > total / 2


def test_a_name_is_exchanged_in_sentence_and_element_alike() -> None:
    for seed in SEEDS:
        sentence, element = renamed(
            random.Random(seed), SENTENCES["ko"], "ko", ["반도체"], "로듐을 포함하는 겉층을 갖는 촉매"
        )
        assert ("반도체" in sentence) == ("반도체" in element)
        for word in ("로듐", "겉층"):
            assert (word in sentence) == (word in element)
