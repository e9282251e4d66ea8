"""Claimed ranges, and values inside, outside and across them, often in another unit."""

import random
import re

UNITS: dict[str, tuple[str, tuple[tuple[str, float], ...], tuple[float, float]]] = {
    # English property: Korean property, units with their size in the first, usual magnitude in the first
    "content": ("함량", (("중량%", 1.0), ("wt%", 1.0), ("%", 1.0), ("ppm", 1e-4)), (0.1, 40)),
    "thickness": ("두께", (("mm", 1.0), ("μm", 1e-3), ("cm", 10.0)), (0.05, 50)),
    "length": ("길이", (("cm", 1.0), ("mm", 0.1), ("m", 100.0)), (1, 200)),
    "average particle size": ("평균 입경", (("μm", 1.0), ("nm", 1e-3)), (0.1, 80)),
    "temperature": ("온도", (("℃", 1.0), ("도", 1.0), ("°C", 1.0)), (10, 900)),
    "viscosity": ("점도", (("cP", 1.0), ("mPa·s", 1.0), ("Pa·s", 1000.0)), (100, 9000)),
    "pressure": ("압력", (("kPa", 1.0), ("MPa", 1000.0), ("bar", 100.0)), (50, 3000)),
    "time": ("시간", (("분", 1.0), ("min", 1.0), ("시간", 60.0), ("h", 60.0)), (5, 600)),
    "frequency": ("주파수", (("MHz", 1.0), ("kHz", 1e-3), ("GHz", 1000.0)), (1, 900)),
    "weight": ("무게", (("g", 1.0), ("kg", 1000.0), ("mg", 1e-3)), (1, 900)),
    "ratio": ("비율", (("%", 1.0), ("배", 100.0)), (5, 95)),
    "number": ("개수", (("개", 1.0), ("EA", 1.0)), (2, 40)),
    "power": ("출력", (("W", 1.0), ("kW", 1000.0)), (5, 900)),
    "voltage": ("전압", (("V", 1.0), ("mV", 1e-3)), (1, 400)),
    "speed": ("속도", (("rpm", 1.0), ("회/분", 1.0)), (50, 3000)),
    "pH": ("pH", (("", 1.0),), (2, 7)),
    "angle": ("각도", (("도", 1.0), ("°", 1.0)), (5, 90)),
    "density": ("밀도", (("g/cm³", 1.0), ("kg/m³", 1e-3)), (0.1, 9)),
    "area": ("면적", (("cm²", 1.0), ("mm²", 0.01), ("m²", 10000.0)), (1, 900)),
    "volume": ("용량", (("mL", 1.0), ("L", 1000.0), ("cc", 1.0)), (5, 900)),
}
FRAME_UNITS = {"particle size": "average particle size", "count": "number"}
"""Names of the frame bank for rows of `UNITS`."""


def quantity(rng: random.Random, unit: str | None, claim_lang: str, product_lang: str) -> dict[str, str]:
    """Slots of one claimed range: `range`, `prop`, and values inside (`v`), outside (`w`) and straddling (`z`) it.

    Parameters
    ----------
    rng
        Source of chance.
    unit
        A row of `UNITS` or `FRAME_UNITS`; any if None.
    claim_lang, product_lang
        "ko" or "en".
    """
    en = FRAME_UNITS.get(unit, unit) if unit else rng.choice(list(UNITS))
    ko, units, (low, high) = UNITS[en]
    start = _round(low * (high / low) ** (rng.random() * 0.8))
    end = _round(start * rng.uniform(1.3, 4))
    if en == "number":
        start, end = max(2, round(start)), max(3, round(end)) + 1
    name, scale = rng.choice(_spelled(units, claim_lang))
    spelled = _spelled(units, product_lang)
    other, other_scale = (name, scale) if (name, scale) in spelled and rng.random() < 0.6 else rng.choice(spelled)

    mark = "pH " if en == "pH" else ""  # the one quantity whose sign stands before the number

    def show(value: float) -> str:
        return f"{mark}{_number(value / other_scale)}{'' if rng.random() < 0.6 else ' '}{other}".strip()

    bounds = rng.choice(("between", "between", "between", "least", "most"))
    lo, hi = (start, end) if bounds == "between" else (start, start * 6) if bounds == "least" else (end / 6, end)
    below, above = _round(lo / rng.uniform(1.3, 5)), _round(hi * rng.uniform(1.3, 5))
    outside = below if bounds == "least" or (bounds == "between" and rng.random() < 0.5) else above
    edge = start if bounds != "most" else end
    inside = edge if rng.random() < 0.12 else _round(rng.uniform(lo * 1.02, hi * 0.98))
    straddle = (_round(lo * 0.6), _round((lo + hi) / 2)) if bounds != "most" else (_round(hi * 0.7), _round(hi * 1.6))
    if en == "number":
        outside = max(1, min(start - 1, round(below))) if outside == below else max(end + 1, round(above))
        inside = min(max(round(inside), start), end) if bounds == "between" else round(inside)
        inside = max(inside, start) if bounds == "least" else min(inside, end)
        straddle = (max(1, round(straddle[0])), round(straddle[1]))
    first, last = _number(start / scale), _number(end / scale)
    texts = {
        "ko": {
            "between": (f"{first} 내지 {last} {name}", f"{first}~{last}{name}", f"{first}{name} 내지 {last}{name}"),
            "least": (f"{first} {name} 이상", f"적어도 {first}{name}"),
            "most": (f"{last}{name} 이하",),
        },
        "en": {
            "between": (f"{first} to {last} {name}", f"{first}-{last} {name}", f"from {first} {name} to {last} {name}"),
            "least": (f"at least {first} {name}", f"{first} {name} or more"),
            "most": (f"{last} {name} or less", f"not more than {last} {name}"),
        },
    }
    return {
        "prop": ko if claim_lang == "ko" else en,
        "prop@": ko if product_lang == "ko" else en,
        "range": mark + re.sub(" +", " ", rng.choice(texts[claim_lang][bounds])).strip(),
        "v": show(inside),
        "w": show(outside),
        "z": f"{mark}{_number(straddle[0] / other_scale)}~{show(straddle[1]).removeprefix(mark)}",
    }


def _spelled(units: tuple[tuple[str, float], ...], language: str) -> list[tuple[str, float]]:
    """The units that `language` writes."""
    return [unit for unit in units if language == "ko" or not re.search("[가-힣]", unit[0])]


def _round(value: float) -> float:
    """Two significant digits, as people write values."""
    return float(f"{value:.2g}")


def _number(value: float) -> str:
    """Plain decimal notation of at most four significant digits, thousands separated where people would."""
    text = f"{float(f'{value:.4g}'):,.8f}".rstrip("0").rstrip(".")
    return text or "0"
