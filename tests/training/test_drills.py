"""Drills: every element's words are in the product, and several sentences share a name."""

import random
import re
from collections import Counter

import pytest

from bini.domain.glossary import Glossary
from bini.training.synthesis.cases import CaseWriter, Stage
from bini.training.synthesis.drills import Drill, drill


def drills(glossary: Glossary, mixed: float = 0.0, topical: float = 0.7) -> list[Drill]:
    writer = CaseWriter(glossary, random.Random(8), Stage((2, 4), 4, 0.0, 0.45, topical=topical, mixed=mixed))
    return [drill(writer) for _ in range(60)]


@pytest.mark.parametrize("mixed", [0.0, 1.0])
def test_every_quote_is_in_the_product_and_no_mark_is_left(glossary: Glossary, mixed: float) -> None:
    for made in drills(glossary, mixed=mixed):
        assert made.asked
        for element, quote in made.asked:
            assert element
            assert quote in made.product
        assert not re.search("[«»]", made.product + "".join(element for element, _ in made.asked))


def test_a_sentence_is_asked_for_more_than_once(glossary: Glossary) -> None:
    asked = [len(made.asked) / len({quote for _, quote in made.asked}) for made in drills(glossary)]
    assert sum(asked) / len(asked) > 1.5


def test_words_in_common_with_one_sentence_alone_do_not_tell_where_the_answer_is(glossary: Glossary) -> None:
    def shared(made: Drill) -> bool:
        lines = re.split(r"\n-? ?", made.product)
        words = Counter(word for line in lines for word in set(re.findall(r"[가-힣]{3,}|[A-Za-z]{5,}", line)))
        return any(count > 2 for count in words.values())

    plain, topical = (sum(map(shared, drills(glossary, topical=share))) for share in (0.0, 1.0))
    assert topical > 5 * max(plain, 1)


def test_sentences_of_a_mixed_drill_share_its_words(glossary: Glossary) -> None:
    """Elements of one drill name the same few things in different sentences, so that one name does not tell which."""

    def shared(made: Drill) -> float:
        quotes = {quote for _, quote in made.asked}
        count = Counter(word for quote in quotes for word in set(re.findall(r"[가-힣]{3,}|[A-Za-z]{4,}", quote)))
        return sum(number > 1 for number in count.values()) / max(len(count), 1)

    plain, mixed = (sum(map(shared, drills(glossary, mixed=share))) for share in (0.0, 1.0))
    assert mixed > 2 * plain
