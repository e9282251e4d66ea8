"""The baselines learn from the training cases alone, and answer like any system."""

import pytest

from bini.domain.cases import Case
from bini.domain.glossary import Concept, Glossary
from bini.domain.labels import Match, roll_up
from bini.evaluation.baselines import baselines, word_share
from bini.evaluation.score import score_system


def case(number: int, product: str, *matches: str, claim: str = "센서를 포함하는 로봇") -> Case:
    elements = claim.split(" 포함하는 ")
    rows = [{"patent_element": e, "match": m} for e, m in zip(elements, matches, strict=True)]
    fields = {"case_id": f"c{number}", "regit_num": f"10-{number}", "claim_text": claim, "user_query": product}
    return Case.model_validate(fields | {"label": {"comparisons": rows}})


# Products that repeat the claim's words are 높음, others 애매.
TRAIN = [
    *(case(n, f"센서를 단 로봇 {n}호", "대응", "대응") for n in range(6)),
    *(case(n, f"청소를 하는 기계 {n}호", "판단불가", "판단불가") for n in range(6, 10)),
]
ASKED = [case(20, "센서를 쓴 로봇", "대응", "대응"), case(21, "빨래를 하는 기계", "판단불가", "판단불가")]


@pytest.fixture(scope="module")
def glossary() -> Glossary:
    concepts = [
        Concept("sensor", "f", "component", "센서", "sensor", ko_syn=("감지기",)),
        Concept("robot", "f", "product", "로봇", "robot"),
        Concept("arm-robot", "f", "product", "다관절 팔", "robot arm", genus="robot"),
    ]
    return Glossary({concept.id: concept for concept in concepts})


def test_every_baseline_answers_every_case_from_what_it_was_shown(glossary: Glossary) -> None:
    found = baselines(TRAIN, ASKED, glossary)
    assert {name: len(made) for name, made in found.items()} == {
        "majority": 2,
        "word overlap + rule": 2,
        "glossary overlap + rule": 2,
        "character TF-IDF + logistic regression": 2,
    }
    right = {name: score_system(name, made).risk_accuracy for name, made in found.items()}
    assert right.pop("majority") == 0.5
    assert set(right.values()) == {1.0}
    for made in found.values():
        for prediction, asked in zip(made, ASKED, strict=True):
            assert prediction.case_id == asked.case_id
            assert [row.patent_element for row in prediction.comparisons] == list(asked.elements)
            assert prediction.rule_level is roll_up(row.match for row in prediction.comparisons)


def test_the_overlap_that_gives_the_level_away_is_found_in_either_direction(glossary: Glossary) -> None:
    """Cases in which repeating the claim's words means 낮음: a careless case set, which a baseline must show up."""
    train = [
        *(case(n, f"센서를 뺀 로봇 {n}호", "미대응", "미대응") for n in range(5)),
        *(case(n, f"감지 기능이 있는 자율 기계 {n}호", "대응", "대응") for n in range(5, 10)),
    ]
    asked = [case(20, "센서를 없앤 로봇", "미대응", "미대응"), case(21, "눈이 달린 자율 기계", "대응", "대응")]
    made = baselines(train, asked, glossary)["word overlap + rule"]
    assert score_system("x", made).risk_accuracy == 1


def test_a_synonym_and_a_species_count_as_the_claim_s_own_name(glossary: Glossary) -> None:
    asked = [case(20, "감지기를 단 다관절 팔", "대응", "대응")]
    found = baselines(TRAIN, asked, glossary)
    assert [row.match for row in found["glossary overlap + rule"][0].comparisons] == [Match.YES, Match.YES]
    assert [row.match for row in found["word overlap + rule"][0].comparisons] != [Match.YES, Match.YES]


@pytest.mark.parametrize(
    ("element", "product", "share"),
    [
        ("센서", "센서가 달림", 1.0),
        ("센서부", "센서가", 0.5),
        ("Sensor", "a SENSOR", 1.0),
        ("센서", "", 0.0),
        ("a", "a b", 1.0),
    ],
)
def test_share_of_character_pairs(element: str, product: str, share: float) -> None:
    assert word_share(element, product) == share
