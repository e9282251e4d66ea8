"""BiniBench's source files: what they hold, what their rows become, and what is refused."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import yaml

from bini.domain.bench import TAGS, Patent, Split, element_starts, load_bench, load_patent
from bini.domain.cases import Case
from bini.domain.labels import Basis, RiskLevel
from bini.errors import DataError

ROOT = Path(__file__).parents[2]
CLAIM = "본체; 및 상기 본체에 결합되는 덮개를 포함하는 용기."
PATENT: dict[str, Any] = {
    "id": "pac-90",
    "field": "packaging",
    "language": "ko",
    "regit_num": "10-9900001",
    "title": "용기",
    "claim": CLAIM,
    "elements": ["본체", "상기 본체에 결합되는 덮개", "용기"],
    "cases": [
        {
            "id": "pac-90-01",
            "product": "뚜껑을 몸통에 돌려 끼우는 반찬통입니다.",
            "level": "높음",
            "comparisons": [
                {"match": "대응", "basis": "literal", "quote": "몸통"},
                {"match": "대응", "basis": "literal", "quote": "뚜껑을 몸통에 돌려 끼우는"},
                {"match": "대응", "basis": "literal", "quote": "반찬통"},
            ],
            "reason": "몸통에 끼우는 뚜껑이 있는 반찬통이다.",
            "tags": ["synonym"],
        },
        {
            "id": "pac-90-02",
            "product": "새 반찬통. 몸통은 유리.",
            "level": "애매",
            "comparisons": [
                {"match": "대응", "basis": "literal", "quote": "몸통"},
                {"match": "판단불가", "basis": "silent", "quote": None},
                {"match": "대응", "basis": "literal", "quote": "반찬통"},
            ],
            "reason": "덮개에 관한 말이 없다.",
            "tags": ["one_silent"],
        },
    ],
}


def changed(change: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    patent: dict[str, Any] = yaml.safe_load(yaml.safe_dump(PATENT, allow_unicode=True))
    change(patent)
    return patent


def write(path: Path, patent: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(patent, allow_unicode=True), encoding="utf-8")
    return path


def test_rows_are_labelled_cases_with_spans_into_claim_and_product(tmp_path: Path) -> None:
    rows = load_patent(write(tmp_path / "pac-90.yaml", PATENT)).rows("test")
    assert [Case.model_validate(row).case_id for row in rows] == ["pac-90-01", "pac-90-02"]
    for row in rows:
        for comparison in row["label"]["comparisons"]:
            start, end = comparison["element_span"]
            assert row["claim_text"][start:end] == comparison["patent_element"]
            if comparison["user_product_element"] is None:
                assert comparison["quote_span"] is None
            else:
                start, end = comparison["quote_span"]
                assert row["user_query"][start:end] == comparison["user_product_element"]
    assert {row["split"] for row in rows} == {"test"}


def test_an_element_that_stands_twice_is_taken_after_the_one_before_it() -> None:
    assert element_starts("a lid and a body with a lid", ["a body", "a lid"]) == [10, 22]
    assert element_starts("a lid and a body", ["a body", "a lid"]) == [10, 0]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda p: p["elements"].__setitem__(0, "몸체"), "몸체"),
        (lambda p: p["cases"][0]["comparisons"].pop(), "2 comparisons for 3 elements"),
        (lambda p: p["cases"][0]["comparisons"][0].update(match="미대응"), "pac-90-01, element 1"),
        (lambda p: p["cases"][0]["comparisons"][0].update(match="아마"), "match"),
        (lambda p: p["cases"][1]["comparisons"][1].update(quote="몸통"), "silent"),
        (lambda p: p["cases"][0]["comparisons"][2].update(quote="김치통"), "no piece of the product"),
        (lambda p: p["cases"][0]["comparisons"][2].update(quote="반찬통 "), "element 3"),
        (lambda p: p["cases"][0].update(level="낮음"), "does not follow"),
        (lambda p: p["cases"][0].update(tags=["nonsense"]), "nonsense"),
        (lambda p: p["cases"][0].update(extra=1), "extra"),
        (lambda p: p.pop("claim"), "claim"),
    ],
)
def test_a_wrong_label_is_refused_by_file_and_place(
    tmp_path: Path, change: Callable[[dict[str, Any]], None], named: str
) -> None:
    path = write(tmp_path / "pac-90.yaml", changed(change))
    with pytest.raises(DataError, match=r"pac-90\.yaml") as caught:
        load_patent(path)
    assert named in caught.value.message


@pytest.mark.parametrize("content", [b"- [", b"\xff\xfe", b"just text"])
def test_what_is_no_patent_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "pac-90.yaml"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"pac-90\.yaml"):
        load_patent(path)


def test_patents_never_straddle_splits(tmp_path: Path) -> None:
    write(tmp_path / "train" / "a.yaml", PATENT)
    other = changed(lambda p: p.update(id="pac-91", regit_num="10-9900002"))
    write(tmp_path / "test" / "b.yaml", other)
    with pytest.raises(DataError, match=r"claim .* more than once"):
        load_bench(tmp_path)
    write(tmp_path / "test" / "b.yaml", {**other, "claim": "본체와 " + CLAIM})
    with pytest.raises(DataError, match="case id"):
        load_bench(tmp_path)
    for case in other["cases"]:
        case["id"] = case["id"].replace("90", "91")
    write(tmp_path / "test" / "b.yaml", {**other, "claim": "본체와 " + CLAIM})
    bench = load_bench(tmp_path)
    assert [len(bench[split]) for split in ("train", "validation", "test")] == [1, 0, 1]


@pytest.fixture(scope="module")
def bench() -> dict[Split, list[Patent]]:
    """BiniBench as it is shipped."""
    return load_bench(ROOT / "data/raw/binibench")


def test_every_patent_has_ten_cases_and_every_level(bench: dict[Split, list[Patent]]) -> None:
    for patent in chain.from_iterable(bench.values()):
        assert len(patent.cases) == 10, patent.id
        assert {case.level for case in patent.cases} == set(RiskLevel), patent.id
        assert 2 <= len(patent.elements) <= 7, patent.id
        assert len(patent.claim) <= 800, patent.id


def test_binibench_is_as_large_and_as_balanced_as_its_card_says(bench: dict[Split, list[Patent]]) -> None:
    assert {split: len(patents) for split, patents in bench.items()} == {"train": 46, "validation": 11, "test": 18}
    patents = list(chain.from_iterable(bench.values()))
    cases = [case for patent in patents for case in patent.cases]
    assert len({patent.field for patent in patents}) == 22
    assert sum(patent.language == "en" for patent in patents) == 31
    assert all(0.30 <= sum(c.level is level for c in cases) / len(cases) <= 0.38 for level in RiskLevel)
    tags = Counter(tag for case in cases for tag in case.tags)
    assert set(tags) == set(TAGS)
    assert min(tags.values()) >= 12
    assert tags["cross_lingual"] / len(cases) >= 0.08


def test_every_case_was_labelled_twice_and_its_label_is_the_settled_one(bench: dict[Split, list[Patent]]) -> None:
    path = ROOT / "data/raw/binibench/second_labels.jsonl"
    settled = {row["case_id"]: row["settled"] for row in map(json.loads, path.read_text(encoding="utf-8").splitlines())}
    cases = [case for patents in bench.values() for patent in patents for case in patent.cases]
    assert set(settled) == {case.id for case in cases}
    for case in cases:
        assert [Basis(basis).match for basis in settled[case.id]] == [row.match for row in case.comparisons], case.id


def test_binibench_is_frozen() -> None:
    names = {line.split("  ")[1] for line in (ROOT / "data/raw/binibench/SHA256SUMS").read_text().splitlines()}
    assert len(names) == 75


def test_a_frozen_set_stays_as_it_is(tmp_path: Path) -> None:
    path = write(tmp_path / "test" / "a.yaml", PATENT)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    (tmp_path / "SHA256SUMS").write_text(f"{digest}  test/a.yaml\n", encoding="utf-8")
    assert len(load_bench(tmp_path)["test"]) == 1
    write(path, changed(lambda p: p["cases"][0].update(reason="다른 이유이다.")))
    with pytest.raises(DataError, match=r"test/a\.yaml is not the file that was frozen"):
        load_bench(tmp_path)
    write(path, PATENT)
    added = write(tmp_path / "train" / "b.yaml", PATENT)
    with pytest.raises(DataError, match=r"train/b\.yaml"):
        load_bench(tmp_path)
    added.unlink()
    path.unlink()
    with pytest.raises(DataError, match=r"test/a\.yaml"):
        load_bench(tmp_path)
