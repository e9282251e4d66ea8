"""What a quantity measures: the names of properties, in both languages."""

import re

from bini.domain.measures.units import SHARES

_PROPERTIES = {
    "length": {
        "outer diameter": r"외경|바깥\s?지름|외측\s?직경|(?:outer|outside|external) diameter|\bo\.?d\b",
        "inner diameter": r"내경|안\s?지름|내측\s?직경|(?:inner|inside|internal) diameter|\bi\.d\b",
        "particle diameter": r"입경|입도|입자\s?(?:의\s)?(?:평균\s)?(?:크기|직경|지름|경)"
        r"|(?:primary )?particle (?:size|diameter)|grain size",
        "pore diameter": r"(?:기공|공극|세공)\s?(?:의\s)?(?:평균\s)?(?:크기|직경|지름)|pore (?:size|diameter)",
        "diameter": r"직경|지름|구경|diameter|\bdia\b",
        "wavelength": r"파장|wavelength",
        "roughness": r"조도|거칠기|roughness",
        "thickness": r"두께|\bthick(?:ness)?",
        "distance": r"간격|간극|피치|이격|거리|\bgap|spacing|\bpitch|distance|clearance",
        "width": r"폭|너비|\bwid(?:th|e)\b",
        "depth": r"깊이|\bdepth|\bdeep\b",
        "height": r"높이|\bheight|\bhigh\b|\btall\b",
        "length": r"길이|\blength|\blong\b",
    },
    "temperature": {
        "melting temperature": r"융점|녹는\s?점|용융\s?온도|melting (?:point|temperature)",
        "boiling temperature": r"끓는\s?점|비점|boiling (?:point|temperature)",
        "glass transition temperature": r"유리\s?전이\s?온도|glass transition(?: temperature)?|\btg\b",
        "storage temperature": r"보관(?:\s?온도)?|저장(?:\s?온도)?|storage(?: temperature)?|\bstored?\b",
        "temperature": r"온도|temperature",
    },
    "time": {
        "shelf time": r"유통\s?기한|유효\s?기간|보증\s?기간|shelf life|warranty|expiry",
        "interval": r"간격|주기|마다|interval|period|\bevery\b",
    },
    "share": {
        "humidity": r"습도|humidity|\brh\b",
        "purity": r"순도|purity",
        "yield": r"수율|yield",
        "porosity": r"기공률|공극률|기공도|porosity",
        "transmittance": r"투과율|투과도|transmi(?:ttance|ssion)",
        "content": r"함량|농도|배합량|첨가량|함유량|content|concentration|amount",
    },
    "density": {
        "mass density": r"밀도|density",
        "content": r"함량|농도|함유량|content|concentration",
    },
    "frequency": {
        "rotation": r"회전\s?(?:수|속도)?|rotat\w*|\bspin\w*",
        "frequency": r"주파수|frequency",
    },
    "plain": {
        "weight ratio": r"중량\s?비|질량\s?비|(?:weight|mass) ratio|ratio by weight",
        "mole ratio": r"몰\s?비|mol(?:e|ar) ratio",
        "volume ratio": r"부피\s?비|체적\s?비|volume ratio|ratio by volume",
        "aspect ratio": r"종횡비|aspect ratio",
        "refractive index": r"굴절률|refractive ind(?:ex|ices)",
        "specific gravity": r"비중|specific gravity",
        "hardness": r"경도|hardness",
        "similarity": r"유사도|similarity",
        "ratio": r"비율|(?<![가-힣])비(?=[가는\s])|\bratio",
    },
    "mass": {"mass": r"무게|중량|질량|\bweight|\bmass\b"},
    "volume": {"volume": r"부피|체적|용량|용적|volume|capacity"},
    "area": {"area": r"면적|\barea"},
    "angle": {"angle": r"각도|\bangle"},
    "pressure": {"pressure": r"압력|\bpressure"},
    "voltage": {"voltage": r"전압|voltage"},
    "current": {"current": r"전류|\bcurrent"},
    "power": {"power": r"전력|출력|\bpower|wattage|output"},
    "speed": {"speed": r"속도|\bspeed|velocity"},
    "flow rate": {"flow rate": r"유량|\bflow"},
    "viscosity": {"viscosity itself": r"점도|viscosity"},
    "kinematic viscosity": {"viscosity itself": r"점도|viscosity"},
    "pH": {"pH itself": r"(?<![a-z])ph(?![a-z])|수소\s?이온\s?농도"},
    "molecular weight": {"molecular weight itself": r"분자량|molecular weight"},
}
"""Dimension -> property -> its names. A property whose name ends with another is the narrower one."""

PROPERTY = {
    dimension: (re.compile("|".join(f"({names})" for names in properties.values()), re.IGNORECASE), [*properties])
    for dimension, properties in _PROPERTIES.items()
}
PROPERTY |= dict.fromkeys(SHARES, PROPERTY["share"])
GENERIC = frozenset({*_PROPERTIES, "content", "ratio", "interval"}) - {"length"}
"""Properties that so many things have that a product's amount is not known by them alone."""

_OWN = {
    "viscosity": "viscosity itself",
    "kinematic viscosity": "viscosity itself",
    "pH": "pH itself",
    "molecular weight": "molecular weight itself",
}
"""What a dimension always measures, so that the unit names the property."""

ITEM_END = re.compile(r"[,/|]|\s(?:and|or|plus|및|또는|그리고)\s|(?<=[가-힣])(?:이고|이며|하고|하며)\s")


def property_measured(before: str, after: str, dimension: str) -> str:
    """The property whose name stands nearest to a quantity, or what its dimension always measures, or nothing."""
    if dimension in _OWN or dimension not in PROPERTY:
        return _OWN.get(dimension, "")
    pattern, names = PROPERTY[dimension]
    last = max(pattern.finditer(before), key=lambda m: m.end(), default=None)
    first = pattern.search(ITEM_END.split(after)[0])
    nearest = last if last and (not first or len(before) - last.end() <= first.start()) else first
    return names[(nearest.lastindex or 1) - 1] if nearest else ""
