"""The tree of a claim set: every claim and element in sight, and nothing that steers the terminal."""

import io

import pytest
from rich.console import Console

from bini.domain.charts.claim_tree import claim_tree
from bini.domain.claims import parse_claims

CLAIMS = """1. 물; 및 은, 구리 및 금으로 이루어진 군에서 선택되는 금속을 포함하는 잉크.
2. 삭제
3. 제1항에 있어서, 상기 물은 경수인 잉크.
4. 제3항에 있어서, 상기 금속은 은인 잉크.
5. 제1항의 잉크를 종이에 바르는 단계를 포함하는 인쇄 방법.
"""


def drawn(text: str, language: str = "ko", width: int = 100) -> list[str]:
    console = Console(file=io.StringIO(), width=width, force_terminal=True, color_system=None)
    console.print(claim_tree(parse_claims(text), language))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


def line(rows: list[str], text: str) -> str:
    (found,) = [row for row in rows if text in row]
    return found


def test_a_dependent_claim_stands_under_the_claim_it_narrows() -> None:
    rows = drawn(CLAIMS)
    depths = [line(rows, f"청구항 {n}  ").index("청구항") for n in (1, 3, 4, 5)]
    assert depths[0] < depths[1] < depths[2]
    assert depths[3] == depths[0]
    assert rows.index(line(rows, "청구항 4  ")) < rows.index(line(rows, "청구항 5  "))


def test_everything_is_said() -> None:
    rows = drawn(CLAIMS)
    assert "독립항: 1, 5" in rows[0]
    assert "삭제" in line(rows, "청구항 2  ")
    assert "종속항" in line(rows, "청구항 3  ")
    assert "인용: 1" in line(rows, "청구항 5  ")
    assert "개방형 “을 포함하는”" in line(rows, "청구항 1  ")
    assert "택일 3: 은 | 구리 | 금" in line(rows, "선택되는 금속")
    assert "단계" in line(rows, "종이에 바르는 단계")


def test_labels_are_english_where_asked() -> None:
    rows = drawn(CLAIMS, "en")
    assert "independent: 1, 5" in rows[0]
    assert "alternatives: 3" in line(rows, "선택되는 금속")
    assert "method" in line(rows, "claim 5  ")


@pytest.mark.parametrize("text", ["[bold]물[/bold]", "물 <b>"])
def test_text_is_shown_as_it_is(text: str) -> None:
    assert line(drawn(f"1. {text}을 포함하는 잉크."), text)


def test_no_control_character_reaches_the_terminal() -> None:
    rows = drawn("1. 물\x1b[31m\x07을 포함하는 잉크.")
    assert not any(ord(c) < 32 or ord(c) == 127 for row in rows for c in row)


def test_a_long_chain_of_claims_stays_readable() -> None:
    chain = [f"{n}. 제{n - 1}항에 있어서, 상기 물은 맑은 것인 잉크." for n in range(2, 60)]
    rows = drawn("\n".join(["1. 물을 포함하는 잉크.", *chain]), width=80)
    assert "인용: 58" in line(rows, "청구항 59  ")
