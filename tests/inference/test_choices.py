"""Probabilities of labels, from the tokens that were allowed in their place."""

import pytest

from bini.domain.labels import Match, RiskLevel
from bini.errors import ModelError
from bini.inference.choices import FEW, Choice, Step, _choice

MATCHES, LEVELS = list(Match), list(RiskLevel)


def choice(**mass: float) -> Choice:
    return Choice(tuple(key.encode() for key in mass), tuple(mass.values()))


def test_whole_labels_are_normalised() -> None:
    made = Choice(("대응".encode(), "미대응".encode(), "판단불가".encode()), (0.5, 0.2, 0.1))
    assert made.over(MATCHES) == pytest.approx({"대응": 0.625, "미대응": 0.25, "판단불가": 0.125})


def test_parts_of_a_label_and_what_spans_its_end_are_its_own() -> None:
    made = Choice(("판".encode(), "판단".encode(), '판단불가"}'.encode(), "대응".encode()), (0.1, 0.2, 0.3, 0.4))
    assert made.over(MATCHES) == pytest.approx({"판단불가": 0.6, "대응": 0.4, "미대응": 0.0})


def test_labels_split_into_bytes() -> None:
    """대응 and 미대응 share their first byte, and so do 높음 and 낮음: such a byte is nobody's."""
    assert "대응".encode()[:1] == "미대응".encode()[:1] != "판단불가".encode()[:1]
    made = Choice((b"\xeb", b"\xed", "미".encode(), "대".encode()[:2]), (0.4, 0.3, 0.2, 0.1))
    assert made.over(MATCHES) == pytest.approx({"대응": 1 / 6, "미대응": 2 / 6, "판단불가": 3 / 6})
    levels = Choice((b"\xeb", b"\xec", "높".encode(), "낮음".encode()), (0.7, 0.1, 0.1, 0.1)).over(LEVELS)
    assert levels == pytest.approx(dict.fromkeys(LEVELS, 1 / 3))


def test_what_fits_no_label_or_every_label_counts_for_none() -> None:
    made = Choice((b"", "모름".encode(), "애매".encode(), "애미".encode()), (0.5, 0.2, 0.2, 0.1))
    assert made.over(LEVELS) == {"높음": 0.0, "애매": 1.0, "낮음": 0.0}
    assert choice(x=1.0).over(LEVELS) == dict.fromkeys(LEVELS, 0.0)


def step(**tokens: float) -> Step:
    return Step(tuple(range(len(tokens))), tuple(tokens.values()))


TOKENS = {0: b"ab", 1: b"cd", 2: b'e"', 3: b"f"}


def test_the_step_of_a_label_is_the_one_whose_token_enters_it() -> None:
    steps = [step(a=1.0), step(a=0.25, b=0.75), step(a=0.0, b=0.0, c=1.0)]
    pieces = [b"ab", b"cd", b'e"']
    at_border = _choice(2, pieces, [*steps], TOKENS.__getitem__)
    assert at_border.continuations[0] == b"ab"
    assert at_border.probabilities[0] == 0.25
    inside = _choice(3, pieces, [*steps], TOKENS.__getitem__)
    assert inside.continuations[0] == b"b", "counted from the label's first byte"
    assert _choice(4, pieces, [*steps], TOKENS.__getitem__) == Choice((b"ab", b"cd", b'e"'), (0.0, 0.0, 1.0))


def test_a_label_of_several_tokens_keeps_what_branched_off_on_the_way() -> None:
    steps = [Step((0, 1), (0.2, 0.8)), Step((2, 3), (0.7, 0.3)), Step((2,), (1.0,))]
    made = _choice(0, [b"cd", b"f", b'e"'], [*steps], TOKENS.__getitem__)
    assert dict(zip(made.continuations, made.probabilities, strict=True)) == pytest.approx(
        {b"ab": 0.2, b'cde"': 0.8 * 0.7, b'cdfe"': 0.8 * 0.3}
    )


def test_labels_that_share_their_first_byte_are_told_apart_by_the_next() -> None:
    bytewise = {i: bytes([i]) for i in range(256)}
    label = '미대응"'.encode()
    first = Step((0xEB, 0xED), (0.9, 0.1))
    second = Step((0x8C, 0xAF), (0.25, 0.75))
    rest = [Step((byte,), (1.0,)) for byte in label[2:]]
    made = _choice(0, [bytes([b]) for b in label], [first, second, *rest], bytewise.__getitem__)
    assert made.over(MATCHES) == pytest.approx({"대응": 0.225, "미대응": 0.675, "판단불가": 0.1})


def test_a_label_among_too_many_tokens_is_an_error() -> None:
    with pytest.raises(ModelError, match="too many"):
        _choice(0, [b"a"], [None], {0: b"a"}.__getitem__)
    assert FEW < 1000
