"""White space is evened out for models, and every piece is found again in the text as given."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bini.domain.spacing import Evened, even

TEXTS = st.text(st.sampled_from("가나 a.\t\n\u00a0\u3000 "), max_size=40)


@pytest.mark.parametrize(
    ("text", "evened"),
    [
        ("미백  크림", "미백 크림"),
        ("미백\t크림\u00a0100 g", "미백 크림 100 g"),
        ("가\u3000\u3000나", "가 나"),
        ("첫 줄\n  둘째 줄\n\n끝", "첫 줄\n 둘째 줄\n\n끝"),
        ("그대로", "그대로"),
        ("", ""),
    ],
)
def test_one_blank_for_a_run_and_lines_stay(text: str, evened: str) -> None:
    assert even(text) == evened


@given(TEXTS)
def test_evening_twice_is_evening_once(text: str) -> None:
    assert even(even(text)) == even(text) == Evened.of(text).text


@given(TEXTS, st.data())
def test_every_piece_is_found_where_it_was_given(text: str, data: st.DataObject) -> None:
    made = Evened.of(text)
    assert len(made.places) == len(made.text) + 1
    start = data.draw(st.integers(0, len(made.text)))
    end = data.draw(st.integers(start, len(made.text)))
    piece = made.text[start:end]
    found = made.find(piece)
    assert found is not None
    assert even(text[slice(*found)]) == piece


def test_what_the_text_does_not_hold_is_not_found() -> None:
    assert Evened.of("미백  크림").find("크림 미백") is None
    assert Evened.of("미백  크림").find("미백  크림") is None, "it is looked for as the model writes it"
