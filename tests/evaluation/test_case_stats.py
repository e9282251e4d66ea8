"""What is counted of a case set, and how agreement of two labellings is read."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from bini.domain.labels import Basis
from bini.errors import DataError
from bini.evaluation.case_stats import SECOND_LABELS, SecondLabel, agreement, load_second_labels, write_stats

MATCH = {"literal": "대응", "absent": "미대응", "silent": "판단불가"}


def patent(name: str, language: str = "ko") -> dict[str, Any]:
    """Three cases: one 높음 that repeats the claim's words, one 애매, one 낮음."""
    products = [
        ("높음", "센서를 단 로봇", "literal", "센서를 단", ["all_literal"]),
        ("애매", "청소 로봇", "silent", None, ["one_silent", "cross_lingual"]),
        ("낮음", "감지기 없는 로봇", "absent", "감지기 없는", ["negated"]),
    ]
    cases = [
        {
            "id": f"{name}-{number}",
            "product": product,
            "level": level,
            "comparisons": [
                {"match": MATCH[basis], "basis": basis, "quote": quote},
                {"match": "대응", "basis": "literal", "quote": "로봇"},
            ],
            "reason": "이유.",
            "tags": tags,
        }
        for number, (level, product, basis, quote, tags) in enumerate(products)
    ]
    return {
        "id": name,
        "field": "robotics",
        "language": language,
        "regit_num": f"10-{name}",
        "title": "로봇",
        "claim": f"센서; 및 바퀴를 갖는 {name} 로봇",
        "elements": ["센서", "로봇"],
        "cases": cases,
    }


@pytest.fixture
def source(tmp_path: Path) -> Path:
    for split, name, language in (("train", "a", "ko"), ("train", "b", "en"), ("test", "c", "ko")):
        path = tmp_path / "bench" / split / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(patent(name, language), allow_unicode=True), encoding="utf-8")
    return tmp_path / "bench"


def test_counts_and_picture(source: Path, tmp_path: Path) -> None:
    lines = write_stats(source, tmp_path / "out")
    assert lines[0].startswith("train: 2 patents (1 English), 6 cases (높음 2, 애매 2, 낮음 2), 1 fields, 2 cross-ling")
    stats = json.loads((tmp_path / "out/stats.json").read_text(encoding="utf-8"))
    train = stats["splits"]["train"]
    assert train["tags"] == {"all_literal": 2, "one_silent": 2, "cross_lingual": 2, "negated": 2}
    assert train["product_length"] == [5, 7.3, 9]
    assert train["shared_pairs"]["높음"] > train["shared_pairs"]["낮음"]
    assert stats["agreement"] is None
    assert stats["word_counting_on_test"]["majority"] == pytest.approx(1 / 3)
    assert stats["word_counting_on_test"]["word overlap + rule"] == pytest.approx(2 / 3)
    first = (tmp_path / "out/stats.png").read_bytes()
    assert first.startswith(b"\x89PNG")
    write_stats(source, tmp_path / "out")
    assert (tmp_path / "out/stats.png").read_bytes() == first


def test_agreement_of_two_labellings_is_told(source: Path, tmp_path: Path) -> None:
    rows = [
        {
            "case_id": "a-0",
            "first": ["literal", "literal"],
            "second": ["literal", "partial"],
            "settled": ["literal"] * 2,
        },
        {"case_id": "a-2", "first": ["absent", "silent"], "second": ["absent", "partial"], "settled": ["absent"] * 2},
    ]
    (source / SECOND_LABELS).write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert any(line.startswith("second labelling: kappa") for line in write_stats(source, tmp_path / "out"))


def test_kappa_is_taken_on_matches_and_levels_before_settling() -> None:
    yes, no, silent, partial = Basis.LITERAL, Basis.ABSENT, Basis.SILENT, Basis.PARTIAL
    same = [SecondLabel(case_id="1", first=(yes, no), second=(yes, no), settled=(yes, no))]
    other_basis = SecondLabel(case_id="2", first=(yes, silent), second=(yes, partial), settled=(yes, silent))
    found = agreement([*same, other_basis])
    assert (found.element_kappa, found.case_kappa) == (1, 1)  # silent and partial are one match
    differs = SecondLabel(case_id="3", first=(yes, yes), second=(yes, no), settled=(yes, no))
    found = agreement([*same, other_basis, differs])
    assert (found.elements, found.elements_same, found.cases, found.cases_same) == (6, 5, 3, 2)
    # po 5/6; pe (4 x 3 + 1 x 2 + 1 x 1) / 36
    assert found.element_kappa == pytest.approx((5 / 6 - 15 / 36) / (1 - 15 / 36))


@pytest.mark.parametrize(
    "line",
    [
        "no json",
        '{"case_id": "a"}',
        '{"case_id": "a", "first": ["literal"], "second": ["maybe"], "settled": ["literal"]}',
        '{"case_id": "a", "first": ["literal"], "second": ["literal", "absent"], "settled": ["literal"]}',
    ],
)
def test_a_bad_second_label_is_told_by_line(tmp_path: Path, line: str) -> None:
    path = tmp_path / SECOND_LABELS
    path.write_text(line + "\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"second_labels\.jsonl, line 1"):
        load_second_labels(path)


def test_no_cases_no_figures(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no cases"):
        write_stats(tmp_path, tmp_path / "out")
    assert not (tmp_path / "out").exists()
