"""Particles agree with the sound before them, also after another name is put in."""

import pytest

from bini.domain.korean import exchange, josa, korean_share


@pytest.mark.parametrize(
    ("text", "agreed"),
    [
        ("센서[을]", "센서를"),
        ("로봇[을]", "로봇을"),
        ("센서[이]", "센서가"),
        ("로봇[이]", "로봇이"),
        ("센서[은]", "센서는"),
        ("로봇[은]", "로봇은"),
        ("센서[와]", "센서와"),
        ("로봇[와]", "로봇과"),
        ("센서[로]", "센서로"),
        ("로봇[로]", "로봇으로"),
        ("물[로]", "물로"),
        ("물[을]", "물을"),
        ("물[와]", "물과"),
        ("2[을]", "2를"),
        ("3[을]", "3을"),
        ("6[이]", "6이"),
        ("9[이]", "9가"),
        ("10[은]", "10은"),
        ("5[은]", "5는"),
        ("0[로]", "0으로"),
        ("3[로]", "3으로"),
        ("4[로]", "4로"),
        ("FEC[을]", "FEC를"),
        ("NMN[을]", "NMN을"),
        ("film[와]", "film과"),
        ("core[와]", "core와"),
        ("N[로]", "N으로"),
        ("C[로]", "C로"),
        ("«로봇»[을]", "«로봇»을"),
        ("센서(로봇)[을]", "센서(로봇)을"),
        ("센서[와] 로봇[을]", "센서와 로봇을"),
        ("[을]", "를"),
        ("배열 [0]은 그대로", "배열 [0]은 그대로"),
    ],
)
def test_particles_agree(text: str, agreed: str) -> None:
    assert josa(text) == agreed


@pytest.mark.parametrize("digit", ["1", "7", "8"])
def test_ro_after_digits_that_end_in_rieul(digit: str) -> None:
    """일, 칠 and 팔 end in ㄹ, after which the particle is 로, as after 물."""
    assert josa(f"비타민 {digit}[로]") == f"비타민 {digit}로"


@pytest.mark.parametrize("letter", ["L", "R"])
def test_ro_after_letters_that_end_in_rieul(letter: str) -> None:
    """엘 and 알 end in ㄹ too."""
    assert josa(f"PC{letter}[로]") == f"PC{letter}로"


@pytest.mark.parametrize(
    ("text", "exchanged"),
    [
        ("센서를 달았다", "로봇을 달았다"),
        ("센서가 센서와 센서로", "로봇이 로봇과 로봇으로"),
        ("센서, 센서", "로봇, 로봇"),
        ("센서이면 센서의", "로봇이면 로봇의"),
    ],
)
def test_an_exchanged_name_brings_its_particles(text: str, exchanged: str) -> None:
    assert exchange(text, "센서", "로봇") == exchanged
    assert exchange(exchanged, "로봇", "센서") == text


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("", 0),
        ("12 ~ 34!", 0),
        ("robot", 0),
        ("로봇", 1),
        ("로봇, 12 개.", 1),
        ("TBC 미백 크림", 4 / 7),
        ("ㄱㄴ 로봇", 0.5),
    ],
)
def test_share_of_hangul_is_one_of_letters(text: str, share: float) -> None:
    assert korean_share(text) == pytest.approx(share)
