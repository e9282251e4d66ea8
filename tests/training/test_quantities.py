"""Values of generated ranges: inside, outside and across, in whatever unit they are written."""

import random
import re

import pytest

from bini.training.synthesis.quantities import FRAME_UNITS, UNITS, quantity

SIZES = {
    **{name: size for _, units, _ in UNITS.values() for name, size in units if name},
}
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")


def in_base(text: str, unit: str) -> list[float]:
    """Every number of `text` in the first unit of `unit`'s row; the unit after the last number holds for all."""
    _, units, _ = UNITS[FRAME_UNITS.get(unit, unit)]
    body = text.removeprefix("pH ")
    last = [m.end() for m in NUMBER.finditer(body)][-1]
    tail = body[last:].strip()
    sizes = sorted(units, key=lambda u: -len(u[0]))
    size = next((s for name, s in sizes if tail.startswith(name)), 1.0)
    return [float(m.group().replace(",", "")) * size for m in NUMBER.finditer(body)]


@pytest.mark.parametrize("unit", [*UNITS, *FRAME_UNITS])
@pytest.mark.parametrize("languages", [("ko", "ko"), ("en", "en"), ("ko", "en"), ("en", "ko")])
def test_values_lie_where_they_are_said_to(unit: str, languages: tuple[str, str]) -> None:
    rng = random.Random(f"{unit}{languages}")
    for _ in range(60):
        made = quantity(rng, unit, *languages)
        bounds = in_base(made["range"].removeprefix("적어도 "), unit)
        claim = made["range"]
        if re.search("이상|적어도|least|more", claim) and not re.search("not more", claim):
            low, high = bounds[0], float("inf")
        elif re.search("이하|less|not more", claim):
            low, high = float("-inf"), bounds[0]
        else:
            low, high = bounds[0], bounds[-1]
        slack = 1 + 1e-3  # four significant digits
        inside, outside = in_base(made["v"], unit)[0], in_base(made["w"], unit)[0]
        assert low / slack <= inside <= high * slack, made
        assert outside < low * slack or outside > high / slack, made
        first, last = in_base(made["z"], unit)
        assert first < last, made
        assert (first < low <= last) or (first <= high < last), made


@pytest.mark.parametrize("unit", UNITS)
def test_english_texts_have_no_hangul(unit: str) -> None:
    rng = random.Random(2)
    for _ in range(40):
        made = quantity(rng, unit, "en", "en")
        assert not re.search("[가-힣]", "".join(made.values())), made
