"""Case files: what is read, what is refused and how, and the data that ships."""

import json
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from bini.domain.bench import SPLITS
from bini.domain.cases import Case, load_cases, refuse_overlap
from bini.domain.claims import split_claim
from bini.domain.labels import RiskLevel, roll_up
from bini.domain.schema import QUOTE_CHARS, REASON_CHARS
from bini.errors import DataError
from bini.resources import BENCH_ROWS, SOURCE
from bini.training.rows import CHAT_ROWS, LABELS, build

ROOT = Path(__file__).parents[2]
HELDOUT = ROOT / "eval/suites/heldout.jsonl"


def raw_case(**changes: Any) -> dict[str, Any]:
    """A row with the fewest keys that the format asks for."""
    return {
        "regit_num": "10-1",
        "claim_text": "센서를 포함하는 로봇",
        "user_query": "거리 센서가 달린 로봇",
        "label": {"comparisons": [{"patent_element": "센서", "user_product_element": "거리 센서", "match": "대응"}]},
    } | changes


def write(folder: Path, content: str | bytes | list[Any], name: str = "data.jsonl") -> Path:
    path = folder / name
    if isinstance(content, list):
        content = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in content)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(DataError) as caught:
        load_cases(path)
    assert caught.value.hint
    assert "\n" not in caught.value.message
    assert str(path) in caught.value.message
    return caught.value.message


def decomposed(value: Any) -> Any:
    """Every text of a row but its match in Unicode's decomposed form."""
    if isinstance(value, str):
        return unicodedata.normalize("NFD", value)
    if isinstance(value, list):
        return [decomposed(item) for item in value]
    return {key: item if key == "match" else decomposed(item) for key, item in value.items()}


# what is read


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"], ids=["plain", "BOM"])
@pytest.mark.parametrize("as_array", [True, False], ids=["array", "lines"])
def test_array_and_lines_with_and_without_bom(tmp_path: Path, bom: bytes, as_array: bool) -> None:
    rows = [raw_case(case_id="a"), raw_case(case_id="b", user_query="센서")]
    text = json.dumps(rows, indent=1) if as_array else "\n\n".join(map(json.dumps, rows)) + "\n\n"
    cases = load_cases(write(tmp_path, bom + text.encode()))
    assert [(c.case_id, c.user_query) for c in cases] == [("a", "거리 센서가 달린 로봇"), ("b", "센서")]


def test_texts_are_normalised_and_stripped(tmp_path: Path) -> None:
    row = decomposed(raw_case(user_query="  거리 센서\r\n로봇\n"))
    assert "센서" not in row["user_query"]
    (case,) = load_cases(write(tmp_path, [row]))
    assert case.user_query == "거리 센서\n로봇"
    assert case.elements == ("센서",)
    assert case.label.comparisons[0].user_product_element in case.user_query


def test_files_by_other_hands(tmp_path: Path) -> None:
    odd = raw_case(comment="mine", regit_num=12345, tags=["x"])
    odd["label"] = {
        "score": 3,
        "comparisons": [
            {"patent_element": "센서", "match": "대응", "note": "?"},
            {"patent_element": "로봇", "user_product_element": "  ", "match": "판단불가"},
        ],
    }
    first, second = load_cases(write(tmp_path, [raw_case(), odd], "theirs.jsonl"))
    assert (first.case_id, second.case_id) == ("theirs-1", "theirs-2")
    assert first.label.decision_reason == ""
    assert first.label.risk_level is None
    assert (first.label.level, second.label.level) == (RiskLevel.HIGH, RiskLevel.AMBIGUOUS)
    assert second.regit_num == "12345"
    assert [c.user_product_element for c in second.label.comparisons] == [None, None]
    assert not hasattr(second, "comment")


@pytest.mark.parametrize("mark", ["\u2028", "\u2029", "\x85"], ids=["U+2028", "U+2029", "U+0085"])
def test_line_separators_inside_a_json_string_do_not_end_the_row(tmp_path: Path, mark: str) -> None:
    query = f"거리 센서{mark}로봇"
    (case,) = load_cases(write(tmp_path, [raw_case(user_query=query)]))
    assert case.user_query == query


def test_without_registration_number_the_claim_stands_for_the_patent(tmp_path: Path) -> None:
    unnumbered = {k: v for k, v in raw_case().items() if k != "regit_num"}
    a, b = load_cases(write(tmp_path, [unnumbered, unnumbered | {"user_query": "다른 로봇"}]))
    (other,) = load_cases(write(tmp_path, [unnumbered | {"claim_text": "팔을 포함하는 로봇"}]))
    assert a.patent == b.patent != other.patent


def test_key_is_of_claim_and_product_alone(tmp_path: Path) -> None:
    rows = [raw_case(case_id="a"), raw_case(case_id="b", regit_num="2"), raw_case(user_query="다른 로봇")]
    a, b, c = load_cases(write(tmp_path, rows))
    assert a.key == b.key != c.key


# what is refused


def in_label(**changes: Any) -> dict[str, Any]:
    row = raw_case()["label"]["comparisons"][0] | changes
    return raw_case(label={"comparisons": [row]})


def without(key: str) -> dict[str, Any]:
    return {k: v for k, v in raw_case().items() if k != key}


BAD_ROWS: dict[str, tuple[Any, str, str]] = {
    "unknown match": (in_label(match="부분대응"), "label.comparisons.0.match", "부분대응"),
    "match missing": (
        raw_case(label={"comparisons": [{"patent_element": "센서"}]}),
        "label.comparisons.0.match",
        "required",
    ),
    "empty element": (in_label(patent_element=" "), "label.comparisons.0.patent_element", "at least 1"),
    "unknown basis": (in_label(basis="maybe"), "label.comparisons.0.basis", "maybe"),
    "quote no text": (in_label(user_product_element=["센서"]), "label.comparisons.0.user_product_element", "string"),
    "no comparison": (raw_case(label={"comparisons": []}), "label.comparisons", "at least 1"),
    "unknown level": (raw_case(label=raw_case()["label"] | {"risk_level": "중간"}), "label.risk_level", "중간"),
    "level against the matches": (
        raw_case(label=raw_case()["label"] | {"risk_level": "낮음"}),
        "label.risk_level",
        "높음",
    ),
    "label no object": (raw_case(label="높음"), "label", "높음"),
    "claim missing": (without("claim_text"), "claim_text", "required"),
    "product missing": (without("user_query"), "user_query", "required"),
    "label missing": (without("label"), "label", "required"),
    "empty product": (raw_case(user_query=" \t\n"), "user_query", "at least 1"),
    "empty claim": (raw_case(claim_text=""), "claim_text", "at least 1"),
    "product no text": (raw_case(user_query=5), "user_query", "string"),
    "tags no list": (raw_case(tags=3), "tags", "tuple"),
}


@pytest.mark.parametrize("as_array", [True, False], ids=["array", "lines"])
@pytest.mark.parametrize(("bad", "field", "told"), BAD_ROWS.values(), ids=BAD_ROWS)
def test_a_bad_row_is_named(tmp_path: Path, as_array: bool, bad: Any, field: str, told: str) -> None:
    rows = [raw_case(), bad, raw_case()]
    message = refusal(write(tmp_path, json.dumps(rows) if as_array else rows))
    assert f"row 2, {field}: " in message
    assert told in message


@pytest.mark.parametrize("bad", [3, None, "text", ["list"]], ids=repr)
def test_a_row_that_is_no_object(tmp_path: Path, bad: Any) -> None:
    assert "row 2: not an object" in refusal(write(tmp_path, json.dumps([raw_case(), bad])))


def test_rows_are_counted_as_lines_are(tmp_path: Path) -> None:
    text = json.dumps(raw_case()) + "\n\n" + json.dumps(in_label(match="?")) + "\n"
    assert "row 3, label.comparisons.0.match" in refusal(write(tmp_path, text))


def test_bad_json_names_the_line(tmp_path: Path) -> None:
    lines = json.dumps(raw_case()) + "\n{'case_id': 1}\n"
    assert "row 2: not valid JSON" in refusal(write(tmp_path, lines))
    assert "line 3: not valid JSON" in refusal(write(tmp_path, "[\n{},\n{oops}]"))


@pytest.mark.parametrize("content", ["", "\n \n", "[]"], ids=["nothing", "blank lines", "empty array"])
def test_a_file_without_cases(tmp_path: Path, content: str) -> None:
    assert "holds no cases" in refusal(write(tmp_path, content))


def test_invalid_utf8_names_the_byte(tmp_path: Path) -> None:
    assert "not valid UTF-8 (byte 2)" in refusal(write(tmp_path, b'["\xff"]'))
    assert "not valid UTF-8" in refusal(write(tmp_path, json.dumps([raw_case()], ensure_ascii=False).encode("cp949")))


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    assert "No such file" in refusal(tmp_path / "missing.jsonl")
    assert "cannot be read" in refusal(tmp_path)


@pytest.mark.parametrize("ids", [("a", "a"), (None, None)], ids=["same", "null"])
def test_two_cases_never_share_an_id(tmp_path: Path, ids: tuple[str | None, str | None]) -> None:
    """`case_id` is unique in its file, as `Case` says: predictions are looked up by it."""
    path = write(tmp_path, [raw_case(case_id=i, user_query=f"로봇 {n}") for n, i in enumerate(ids)])
    try:
        ids_read = {case.case_id for case in load_cases(path)}
    except DataError:
        return  # refused
    assert len(ids_read) == 2


# overlap with the suites


def one(folder: Path, name: str, **changes: Any) -> tuple[Path, list[Case]]:
    path = write(folder, [raw_case(**changes)], name)
    return path, load_cases(path)


def test_overlap_by_case_and_by_claim_is_refused(tmp_path: Path) -> None:
    suite, held = one(tmp_path, "suite.jsonl", case_id="held")
    _, same_claim = one(tmp_path, "b.jsonl", case_id="mine", user_query="다른 제품", regit_num="other")
    _, other_claim = one(tmp_path, "c.jsonl", case_id="fine", claim_text="팔을 포함하는 로봇", regit_num="other")
    _, same_patent = one(tmp_path, "d.jsonl", case_id="kin", claim_text="눈을 포함하는 로봇", user_query="다른 제품")
    empty, _ = one(tmp_path, "z.jsonl", claim_text="바퀴를 포함하는 로봇", regit_num="z")
    refuse_overlap(other_claim, [suite, empty])
    refuse_overlap([], [suite])
    for cases, name in ((held, "held"), (other_claim + same_claim, "mine"), (same_patent, "kin")):
        with pytest.raises(DataError) as caught:
            refuse_overlap(iter(cases), [empty, suite])
        assert caught.value.message == f"{name} stands in the evaluation suite suite.jsonl"
        assert caught.value.hint


def test_overlap_sees_through_id_and_unicode_form(tmp_path: Path) -> None:
    suite, _ = one(tmp_path, "suite.jsonl", case_id="held")
    with pytest.raises(DataError, match=r"^copy stands"):
        refuse_overlap(load_cases(write(tmp_path, [decomposed(raw_case(case_id="copy"))])), [suite])


# the data that ships


@pytest.fixture(scope="module")
def seeds() -> list[Case]:
    return load_cases(ROOT / SOURCE)


@pytest.fixture(scope="module")
def held_out() -> list[Case]:
    return load_cases(HELDOUT)


def check_labels(cases: list[Case]) -> None:
    assert len({c.case_id for c in cases}) == len({c.key for c in cases}) == len(cases)
    for case in cases:
        position = 0
        for row in case.label.comparisons:
            found = case.claim_text.find(row.patent_element, position)
            assert found >= 0, (case.case_id, row.patent_element)
            position = found + len(row.patent_element)
            quote = row.user_product_element
            assert quote is None or (quote in case.user_query and len(quote) <= QUOTE_CHARS), (case.case_id, quote)
            assert row.basis is not None, case.case_id
            assert row.basis.match is row.match, case.case_id
            assert (row.basis.value == "silent") == (quote is None), (case.case_id, row.patent_element)
        assert case.elements == tuple(e.text for e in split_claim(case.claim_text)), case.case_id
        assert case.label.risk_level is roll_up(row.match for row in case.label.comparisons)
        assert 0 < len(case.label.decision_reason) <= REASON_CHARS


def test_seed_cases(seeds: list[Case]) -> None:
    assert len(seeds) == 35
    assert len({c.regit_num for c in seeds}) == len({c.claim_text for c in seeds}) == 1
    assert Counter(c.label.level.value for c in seeds) == {"높음": 10, "애매": 11, "낮음": 14}
    check_labels(seeds)


def test_the_first_seed_is_the_abbreviation_of_the_first_prototype(seeds: list[Case]) -> None:
    assert seeds[0].user_query == "TBC 성분이 들어간 미백 크림을 만들었어"
    assert seeds[0].label.level is RiskLevel.HIGH


def test_held_out_suite(held_out: list[Case], seeds: list[Case]) -> None:
    levels: dict[str, set[RiskLevel]] = {}
    for case in held_out:
        levels.setdefault(case.regit_num, set()).add(case.label.level)
    assert len(held_out) >= 48
    assert len(levels) >= 6
    assert all(found == set(RiskLevel) for found in levels.values()), levels
    assert not {c.claim_text for c in held_out} & {c.claim_text for c in seeds}
    assert not set(levels) & {c.regit_num for c in seeds}
    check_labels(held_out)
    refuse_overlap(seeds, [HELDOUT])


# data build


def clone(folder: Path) -> Path:
    source = folder / SOURCE
    source.parent.mkdir(parents=True)
    source.write_bytes((ROOT / SOURCE).read_bytes())
    return folder


def test_shipped_processed_data_is_fresh() -> None:
    bench = [ROOT / BENCH_ROWS.format(split=split) for split in SPLITS]
    assert build(ROOT, check=True) == [ROOT / LABELS, ROOT / CHAT_ROWS, *bench]


def test_build_makes_the_shipped_bytes_twice(tmp_path: Path) -> None:
    root = clone(tmp_path)
    for _ in range(2):
        for path in build(root):
            assert path.read_bytes() == (ROOT / path.relative_to(root)).read_bytes()
    assert sorted(p.name for p in (root / LABELS).parent.iterdir()) == ["sft_train.jsonl", "train.jsonl"]


@pytest.mark.parametrize("name", [LABELS, CHAT_ROWS])
@pytest.mark.parametrize("byte", [b" ", b"\r", b"\xff"], ids=["space", "CR", "no UTF-8"])
def test_a_changed_byte_is_stale(tmp_path: Path, name: str, byte: bytes) -> None:
    root = clone(tmp_path)
    build(root)
    build(root, check=True)
    content = (root / name).read_bytes()
    (root / name).write_bytes(content[:-1] + byte)
    with pytest.raises(DataError, match=f"{Path(name).name} is stale"):
        build(root, check=True)
    (root / name).unlink()
    with pytest.raises(DataError, match="is stale"):
        build(root, check=True)


def test_check_writes_nothing(tmp_path: Path) -> None:
    root = clone(tmp_path)
    with pytest.raises(DataError, match="is stale"):
        build(root, check=True)
    assert not (root / LABELS).parent.exists()


def test_a_seed_quote_that_is_not_verbatim_stops_the_build(tmp_path: Path) -> None:
    root = clone(tmp_path)
    rows = json.loads((root / SOURCE).read_text(encoding="utf-8"))
    rows[4]["label"]["comparisons"][0]["user_product_element"] = "없는 말"
    (root / SOURCE).write_text(json.dumps(rows), encoding="utf-8")
    with pytest.raises(DataError, match=rows[4]["case_id"]):
        build(root)
    assert not (root / LABELS).exists()
