"""Assessments as people meet them: exit codes, what goes to which stream, and what is written."""

import io
import json
import sys
from pathlib import Path

import pytest
from commands import CLAIM, ELEMENTS, PRODUCT, Bini, ask, judged

from bini.inference.assessor import Assessor


def test_json_is_exactly_one_valid_line(bini: Bini, here: Path, tiny_model: Path) -> None:
    ended = bini(*ask(PRODUCT, CLAIM, "--model", str(tiny_model), "--json"))
    answer = judged(ended)
    quotes = [c["user_product_element"] for c in answer["comparisons"]]
    assert all(quote is None or quote in PRODUCT for quote in quotes)
    assert "using the bare model" in ended.err
    assert list(here.iterdir()) == []


def test_a_verdict_is_shown_and_given_as_json(bini: Bini, tiny_model: Path) -> None:
    command = [*ask(PRODUCT, CLAIM, "--model", str(tiny_model), "--verdict-only")]
    found = json.loads(bini(*command, "--json").out)
    assert [row["patent_element"] for row in found["comparisons"]] == ELEMENTS
    assert "decision_reason" not in found
    shown = bini(*command, "--lang", "en").out
    name = {"높음": "high", "애매": "ambiguous", "낮음": "low"}[found["risk_level"]]
    assert f"Infringement risk: {name}" in shown
    assert all(element in shown for element in ELEMENTS)


def test_files_and_standard_input_are_read_as_the_text_is(
    bini: Bini, tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = judged(bini(*ask(PRODUCT, CLAIM, "--model", str(tiny_model), "--json")))
    (tmp_path / "claim.txt").write_bytes(b"\xef\xbb\xbf" + CLAIM.encode() + b"\r\n")
    stdin = io.TextIOWrapper(io.BytesIO(f"\n{PRODUCT}\n".encode()))
    monkeypatch.setattr(sys, "stdin", stdin)
    assert judged(bini(*ask("-", f"@{tmp_path / 'claim.txt'}", "--model", str(tiny_model), "--json"))) == given


@pytest.mark.parametrize(
    ("language", "words", "others"),
    [
        ([], ["침해 위험", "청구항 구성요소", "법률 의견이 아닙니다"], ["Infringement"]),
        (
            ["--lang", "en"],
            ["Infringement risk", "Claim element", "not legal advice"],
            ["침해 위험", "청구항 구성요소"],
        ),
    ],
    ids=["ko", "en"],
)
def test_the_chart_is_in_the_language_asked_for(
    bini: Bini, tiny_model: Path, language: list[str], words: list[str], others: list[str]
) -> None:
    ended = bini(*ask(PRODUCT, CLAIM, "--model", str(tiny_model)), *language)
    assert ended.code == 0
    shown = " ".join(ended.out.split())
    assert all(word in shown for word in [*words, *ELEMENTS])
    assert not any(word in shown for word in others)


@pytest.mark.parametrize(
    ("name", "holds"),
    [
        ("chart.md", b"# Claim chart\n"),
        ("chart.html", b'<html lang="en">'),
        ("chart.docx", b"word/document.xml"),
        ("CHART.XLSX", b"xl/workbook.xml"),
        ("chart.json", None),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_suffix_chooses_the_form_of_the_file(
    bini: Bini, here: Path, tiny_model: Path, name: str, holds: bytes | None
) -> None:
    command = ask(PRODUCT, CLAIM, "--model", str(tiny_model), "--json", "--lang", "en")
    ended = bini(*command, "--out", f"charts/{name}")
    judged(ended)
    assert ended.told("chart") == [f"chart: charts/{name}"]
    assert [path.name for path in (here / "charts").iterdir()] == [name]
    content = (here / "charts" / name).read_bytes()
    assert holds in content if holds else content == ended.out.encode()


def test_a_saved_assessment_is_run_again(bini: Bini, here: Path, tiny_model: Path, other_model: Path) -> None:
    made = bini(*ask(PRODUCT, CLAIM, "--model", str(tiny_model), "--bundle", "saved.zip", "--json"))
    assert made.code == 0
    assert [path.name for path in here.iterdir()] == ["saved.zip"]
    same = bini("replay", "saved.zip", "--model", tiny_model)
    assert same.code == 0
    assert same.out.startswith(f"identical: {json.loads(made.out)['risk_level']}, {len(ELEMENTS)} elements")
    other = bini("replay", "saved.zip", "--model", other_model)
    assert other.code == 1
    assert "provenance.model_fingerprint" in other.out
    unknown = bini("replay", "saved.zip")
    assert unknown.code == 2
    assert len(unknown.told("error")) == len(unknown.told("hint")) == 1


def test_markup_in_the_claim_is_shown_as_it_is(bini: Bini, tiny_model: Path) -> None:
    ended = bini(*ask(PRODUCT, "[bold]x[/bold]를 포함하는 로봇", "--model", str(tiny_model)))
    assert ended.code == 0
    assert "[bold]x[/bold]" in ended.out


def test_a_claim_that_cites_another_is_judged_as_it_stands_and_that_is_said(bini: Bini) -> None:
    ended = bini(*ask(PRODUCT, "제1항에 있어서, 센서를 포함하는 로봇", "--model", "gemma-9-1b"))
    assert "“제1항”: only what is written here is judged" in ended.err


def test_a_claim_set_is_drawn_and_given_as_json(bini: Bini, here: Path) -> None:
    file = here / "claims.txt"
    file.write_text("1. 물을 포함하는 잉크.\n2. 제1항에 있어서, 상기 물은 경수인 잉크.\n", encoding="utf-8")
    tree = bini("claims", "show", file)
    assert tree.code == 0
    assert "종속항" in tree.out
    assert "dependent" in bini("claims", "show", file, "--lang", "en").out
    (row,) = bini("claims", "show", file, "--json").out.splitlines()
    claims = json.loads(row)
    second = claims["claims"][1]
    assert (second["number"], second["parents"], second["dependent"]) == (2, [1], True)
    for element in second["elements"]:
        assert claims["text"][element["start"] : element["end"]] == element["text"]


def test_answers_change_the_chart(bini: Bini, inputs: Path) -> None:
    ended = bini(
        *ask(PRODUCT, CLAIM, "--model", inputs / "model", "--answers", inputs / "answers.yaml", "--lang", "en")
    )
    assert ended.code == 0, ended.err
    chart = " ".join(ended.out.replace("│", " ").split())
    assert "Infringement risk: low (with the answers)" in chart
    assert "What the answers changed" in chart
    assert "→ corresponds (Answer: 예)" in chart
    assert "→ does not correspond (Answer: 미대응)" in chart


def test_a_whole_patent_is_assessed_claim_by_claim(bini: Bini, inputs: Path) -> None:
    command = ["assess", "--product", PRODUCT, "--patent", inputs / "patent.txt", "--model", inputs / "model"]
    found = json.loads(bini(*command, "--json").out)
    assert [claim["number"] for claim in found["claims"]] == [1, 3, 4]
    assert [row["patent_element"] for row in found["claims"][1]["assessment"]["comparisons"]] == [
        "상기 팔은 둘인",
        "로봇",
    ]
    shown = " ".join(bini(*command, "--lang", "en").out.split())
    name = {"높음": "high", "애매": "ambiguous", "낮음": "low"}[found["level"]]
    assert f"Infringement risk of the patent: {name}" in shown


def test_a_patent_is_answered_about_written_and_run_again(bini: Bini, here: Path, inputs: Path) -> None:
    command = ["assess", "--product", PRODUCT, "--patent", inputs / "patent.txt", "--model", inputs / "model"]
    saved = bini(*command, "--json", "--bundle", "p.zip", "--out", "p.md")
    assert (saved.told("chart"), saved.told("bundle")) == (["chart: p.md"], ["bundle: p.zip"])
    page = (here / "p.md").read_text(encoding="utf-8")
    level = json.loads(saved.out)["level"]
    assert f"## 특허 전체의 침해 위험: {level}" in page
    assert [line.split(".")[0] for line in page.splitlines() if line.startswith("## 청구항")] == [
        "## 청구항 1",
        "## 청구항 3",
        "## 청구항 4",
    ]
    again = bini("replay", "p.zip", "--model", inputs / "model")
    assert (again.code, again.out.startswith(f"identical: {level}, 7 elements")) == (0, True)

    entries = "- {claim: 1, element: 팔, answer: 아니요}\n- {claim: 4, element: 1, answer: 아니요}\n"
    (inputs / "patent.yaml").write_text(entries, encoding="utf-8")
    answered = bini(*command, "--answers", inputs / "patent.yaml", "--out", "p.json", "--lang", "en")
    found = json.loads((here / "p.json").read_text(encoding="utf-8"))
    assert (found["level_before"], found["level"]) == (level, "낮음")
    assert "low (with the answers)" in " ".join(answered.out.split())


def test_a_list_is_ranked_shown_written_and_not_judged_twice(
    bini: Bini, here: Path, inputs: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ["rank", "--product", PRODUCT, "--patents", inputs / "list.csv", "--model", tiny_model]
    ended = bini(*command, "--json", "--out", "made/ranking.csv")
    assert ended.code == 0, ended.err
    rows = json.loads(ended.out)["rows"]
    assert [row["rank"] for row in rows] == [1, 2, None]
    claims = {row["id"]: row["claim"] for row in rows[:2]}
    assert claims["10-1"] is None
    assert claims["10-2"] in (1, 4)  # the independent ones
    assert (rows[2]["id"], rows[2]["problem"]) == ("10-3", "the claim is empty")
    assert "list.csv, line 8: the claim is empty; it gets no rank" in ended.err
    assert rows[0]["score"] >= rows[1]["score"]
    assert (here / "made/ranking.csv").read_bytes().startswith("\ufeff순위,번호".encode())
    monkeypatch.setattr(Assessor, "assess", lambda *_: pytest.fail("judged again"))
    shown = bini(*command, "--lang", "en")
    assert shown.code == 0, shown.err
    assert all(word in shown.out for word in ("10-1", "10-2", "10-3", "What decides", "not legal advice"))


def test_assess_adds_a_line_to_the_log_for_each_claim(bini: Bini, here: Path, inputs: Path, tiny_model: Path) -> None:
    model = ["--model", str(tiny_model), "--log", "logs/log.jsonl"]
    judged(bini(*ask(PRODUCT, CLAIM, *model, "--json")))
    assert bini("assess", "--product", PRODUCT, "--patent", inputs / "patent.txt", *model).code == 0
    assert bini(*ask(PRODUCT * 3000, CLAIM, *model)).code == 2
    content = (here / "logs/log.jsonl").read_text(encoding="utf-8")
    assert not any(word in content for word in (*ELEMENTS, PRODUCT))
    one, *patent, refused = [json.loads(line) for line in content.splitlines()]
    assert (one["model"], one["adapter"], one["elements"], one["error"]) == (tiny_model.name, None, 3, None)
    assert [line["seconds"] is None for line in (one, *patent)] == [False, True, True, True]
    assert (refused["error"], refused["level"], refused["product_chars"]) == ("InputError", None, len(PRODUCT) * 3000)

    judged(bini(*ask(PRODUCT, CLAIM, *model, "--log-texts", "--json")))
    last = json.loads((here / "logs/log.jsonl").read_text(encoding="utf-8").splitlines()[-1])
    assert (last["product"], last["claim"]) == (PRODUCT, CLAIM)
    watched = bini("monitor", "logs/log.jsonl", "--out", "seen")
    assert watched.code == 0
    assert "경보 없음" in watched.out
    assert (here / "seen/monitor.png").read_bytes().startswith(b"\x89PNG")


def test_an_alarm_is_exit_code_1(bini: Bini, here: Path, inputs: Path) -> None:
    ended = bini("monitor", inputs / "log.jsonl", "--json", "--metrics", "bini.prom", "--lang", "en")
    assert ended.code == 1
    (stream,) = json.loads(ended.out)["streams"]
    assert [(alarm["name"], alarm["window"]["last"]) for alarm in stream["alarms"]] == [("degenerate", 40)]
    assert [window["levels"]["높음"] for window in stream["windows"]] == [1]
    assert 'bini_alarm{adapter="",alarm="degenerate",model="m"} 1.0' in (here / "bini.prom").read_text(encoding="utf-8")
    assert (here / "outputs/monitor/monitor.png").is_file()
    calm = bini("monitor", inputs / "log.jsonl", "--reference", inputs / "log.jsonl")
    assert (calm.code, "경보 없음" in calm.out) == (0, True)
