"""Units as people write them in claims and product texts, read as pint expressions.

A unit belongs to a *dimension*, which is finer than pint's: weight percent, angle, pH and a count are all
dimensionless to pint, yet no one is an answer to the other. The names of the dimensions are for people.
"""

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pint

_TABLE: dict[str, dict[str, str]] = {
    "share": {
        "percent": "%, percent, per cent, pct, 퍼센트, 프로",
        "ppm": "ppm, 피피엠",
        "ppb": "ppb",
    },
    "mass share": {
        "percent": "중량%, 중량퍼센트, 질량%, 질량퍼센트, 무게%, wt%, wt.%, wt-%, wt percent, wt.-%, weight%, weight percent,"
        " weight-%, mass%, mass percent, w/w%, %w/w, %(w/w), % by weight, % by mass, percent by weight, percent by mass,"
        " percent w/w, percent (w/w), % wt, % wt., %(중량), %(질량), %(중량 기준), %(wt), %(by weight)",
        "ppm": "ppm w/w, ppm(w/w), 중량ppm, wtppm, ppmw, ppm by weight",
    },
    "volume share": {
        "percent": "부피%, 부피퍼센트, 체적%, 용량%, vol%, vol.%, vol-%, volume%, volume percent, v/v%, %v/v, %(v/v), %vol, %vol.,"
        " % by volume, percent by volume, percent v/v, %(부피)",
        "ppm": "ppmv, ppm v/v, ppm by volume",
    },
    "mole share": {
        "percent": "mol%, mol.%, mole%, mole percent, 몰%, 몰퍼센트, at%, at.%, atomic%, atomic percent, 원자%"
    },
    "parts by weight": {
        "dimensionless": "중량부, 질량부, parts by weight, part by weight, parts by mass, part by mass, weight parts,"
        " weight part, wt parts, pbw, phr"
    },
    "temperature": {
        "degC": "℃, °C, ºC, ˚C, ° C, degC, deg C, degrees C, degrees Celsius, degree Celsius, degrees centigrade, 섭씨도, C",
        "degF": "℉, °F, ºF, ˚F, ° F, degF, deg F, degrees F, degrees Fahrenheit, degree Fahrenheit",
        "kelvin": "K, kelvin, 켈빈",
    },
    "angle": {"radian": "rad, radian, 라디안"},
    "degrees": {"degree": "도, °, º, ˚, deg, degree"},  # of an angle or of temperature: the text around tells
    "length": {
        "nanometer": "nm, 나노미터, 나노, nanometer, ㎚",
        "micrometer": "μm, um, ㎛, 마이크로미터, 마이크론, 미크론, micrometer, micron",
        "millimeter": "mm, MM, ㎜, 밀리미터, 미리미터, 밀리, 미리, millimeter",
        "centimeter": "cm, CM, ㎝, 센티미터, 센치미터, 센티, 센치, centimeter",
        "meter": "m, 미터, meter",
        "kilometer": "km, ㎞, 킬로미터, kilometer",
        "angstrom": "Å, Å, 옹스트롬, angstrom",
        "inch": "inch, inches, in., ″, 인치",
        "foot": "ft, feet, foot, 피트",
        "thou": "mil, mils",  # to pint a mil is an angle
    },
    "area": {
        "millimeter**2": "㎟, sq mm, square millimeter, 제곱밀리미터",
        "centimeter**2": "㎠, sq cm, square centimeter, 제곱센티미터, 평방센티미터",
        "meter**2": "㎡, sq m, square meter, 제곱미터, 평방미터",
        "hectare": "ha, hectare, 헥타르",
    },
    "volume": {
        "nanoliter": "nL",
        "microliter": "μL, μl, uL, ul, ㎕, 마이크로리터, microliter",
        "milliliter": "mL, ml, ML, ㎖, cc, ㏄, 시시, 밀리리터, 미리리터, milliliter",
        "deciliter": "dL, dl, deciliter",
        "liter": "L, l, ℓ, 리터, liter",
        "kiloliter": "kL, kl",
        "centimeter**3": "㎤, cubic centimeter, 세제곱센티미터, 입방센티미터",
        "meter**3": "㎥, cubic meter, 세제곱미터, 입방미터",
    },
    "mass": {
        "nanogram": "ng, nanogram",
        "microgram": "μg, ug, mcg, ㎍, 마이크로그램, microgram",
        "milligram": "mg, ㎎, 밀리그램, 미리그램, milligram",
        "gram": "g, 그램, 그람, gram",
        "kilogram": "kg, Kg, KG, ㎏, 킬로그램, kilogram, kilo",
        "tonne": "ton, tons, 톤, tonne",
        "pound": "lb, lbs, pound, 파운드",
        "ounce": "oz, ounce, 온스",
    },
    "time": {
        "nanosecond": "ns, nanosecond, 나노초",
        "microsecond": "μs, us, microsecond, 마이크로초",
        "millisecond": "ms, msec, millisecond, 밀리초",
        "second": "s, sec, secs, second, 초",
        "minute": "min, mins, minute, 분",
        "hour": "h, hr, hrs, hour, 시간",
        "day": "d, day, days, 일",
        "week": "wk, week, 주일, 주",
        "month": "month, 개월, 달",
        "year": "yr, year, 년",
    },
    "viscosity": {
        "millipascal*second": "mPa·s, mPa⋅s, mPa.s, mPa-s, mPa*s, mPas, mPa s, 밀리파스칼초",
        "pascal*second": "Pa·s, Pa⋅s, Pa.s, Pa-s, Pa*s, Pas, Pa s, 파스칼초",
        "centipoise": "cP, cp, cPs, cps, CPS, CP, centipoise, 센티포아즈, 센티푸아즈",
        "poise": "poise, 포아즈",
    },
    "kinematic viscosity": {"centistokes": "cSt, cst, centistoke, 센티스토크스", "stokes": "stokes"},
    "pressure": {
        "pascal": "Pa, pascal, 파스칼",
        "hectopascal": "hPa",
        "kilopascal": "kPa, KPa, kilopascal, 킬로파스칼",
        "megapascal": "MPa, Mpa, megapascal, 메가파스칼",
        "gigapascal": "GPa, gigapascal, 기가파스칼",
        "bar": "bar, 바",
        "millibar": "mbar",
        "atm": "atm, 기압, atmosphere",
        "psi": "psi, PSI",
        "mmHg": "mmHg, 수은주밀리미터",
        "torr": "torr, Torr, 토르",
    },
    "force": {
        "newton": "N, newton, 뉴턴",
        "kilonewton": "kN",
        "millinewton": "mN",
        "kilogram_force": "kgf",
        "gram_force": "gf",
    },
    "frequency": {
        "hertz": "Hz, hz, HZ, 헤르츠, hertz",
        "kilohertz": "kHz, KHz, khz, 킬로헤르츠, kilohertz",
        "megahertz": "MHz, Mhz, 메가헤르츠, megahertz",
        "gigahertz": "GHz, Ghz, 기가헤르츠, gigahertz",
        "terahertz": "THz, 테라헤르츠, terahertz",
        # To pint a turn is 2π, so that 60 rpm would be 6.28 Hz; here it is one event, and 60 rpm are 1 Hz.
        "1/minute": "rpm, RPM, r/min, rev/min, revolutions per minute, bpm",
        "1/second": "rps, fps",
    },
    "power": {
        "microwatt": "μW, uW",
        "milliwatt": "mW, 밀리와트, milliwatt",
        "watt": "W, 와트, watt",
        "kilowatt": "kW, KW, 킬로와트, kilowatt",
        "megawatt": "MW, 메가와트, megawatt",
        "horsepower": "hp, 마력",
    },
    "voltage": {
        "microvolt": "μV, uV",
        "millivolt": "mV, 밀리볼트, millivolt",
        "volt": "V, 볼트, volt",
        "kilovolt": "kV, KV, 킬로볼트, kilovolt",
    },
    "current": {
        "nanoampere": "nA",
        "microampere": "μA, uA",
        "milliampere": "mA, 밀리암페어, milliampere",
        "ampere": "A, 암페어, ampere, amp, amps",
    },
    "charge": {
        "milliampere*hour": "mAh, 밀리암페어시",
        "ampere*hour": "Ah, 암페어시",
        "coulomb": "coulomb, 쿨롱",
    },
    "energy": {
        "millijoule": "mJ",
        "joule": "J, 줄, joule",
        "kilojoule": "kJ, kilojoule, 킬로줄",
        "megajoule": "MJ",
        "calorie": "cal, 칼로리",
        "kilocalorie": "kcal, 킬로칼로리",
        "watt*hour": "Wh, 와트시",
        "kilowatt*hour": "kWh, KWh, 킬로와트시",
        "electron_volt": "eV",
    },
    "capacitance": {
        "picofarad": "pF",
        "nanofarad": "nF",
        "microfarad": "μF, uF",
        "millifarad": "mF",
        "farad": "F, farad, 패럿",
    },
    "resistance": {
        "milliohm": "mΩ",
        "ohm": "Ω, Ω, ohm, ohms, 옴",
        "kiloohm": "kΩ",
        "megaohm": "MΩ",
    },
    "molecular weight": {
        # A dalton is a mass to pint; of a molecule's weight it says the same number as g/mol.
        "gram/mole": "Da, dalton, 달톤, 돌턴",
        "kilogram/mole": "kDa, kilodalton, 킬로달톤",
    },
    "amount of substance": {"mole": "mol, mole, 몰", "millimole": "mmol, millimole", "micromole": "μmol, umol"},
    "molar concentration": {"mole/liter": "M, 몰농도", "millimole/liter": "mM", "micromole/liter": "μM, uM"},
    # 1 % (w/v) is 1 g in 100 mL.
    "density": {"gram/deciliter": "%w/v, w/v%, %(w/v), wt/vol%, % wt/vol, percent w/v, % weight/volume"},
    "speed": {"meter/second": "", "kilometer/hour": "kph, kmh"},
    "flow rate": {"liter/minute": "lpm, LPM", "milliliter/minute": "sccm"},
    "thermal conductivity": {"watt/meter/kelvin": "W/(m·K), W/m·K, W/mK, W/m-K, W/m.K, W/(m K)"},
    "luminous flux": {"lumen": "lm, lumen, 루멘"},
    "luminance": {"candela/meter**2": "cd/㎡, cd/m², cd/m2, nit, nits"},
    "illuminance": {"lux": "lx, lux, 럭스"},
    "data": {
        "kilobyte": "KB, kB, 킬로바이트",
        "megabyte": "MB, 메가바이트",
        "gigabyte": "GB, 기가바이트",
        "terabyte": "TB, 테라바이트",
        "byte": "byte, 바이트",
        "bit": "bit, bits, 비트",
    },
    # A logarithm, and an activity that every substance defines for itself: compared as plain numbers of their kind.
    "sound level": {"dimensionless": "dB, dBA, dB(A), 데시벨, decibel"},
    "international units": {"dimensionless": "IU, I.U., international unit"},
    "colony forming units": {"dimensionless": "CFU, cfu, colony forming unit"},
    "factor": {"dimensionless": "배, fold, -fold"},
    "count": {"dimensionless": "개, 개소, 가닥, 군데, 곳, 대, 명, 인용, 장, 매"},
    "count of layers": {"dimensionless": "층, 겹, layer, ply, plies"},
    "count of kinds": {"dimensionless": "종, 종류, 가지"},
    "count of times": {"dimensionless": "회, times"},
    "count of stages": {"dimensionless": "단계, 단"},
    "count of rows": {"dimensionless": "열, 줄"},
    "count of pairs": {"dimensionless": "쌍, 켤레"},
    "pH": {"dimensionless": ""},
    "plain": {"dimensionless": ""},
}
"""Dimension -> pint expression -> spellings. White space in a spelling may be missing in the text; words take a plural s."""

_NOT_BEFORE = {
    "°": "[A-Za-z]",
    "º": "[A-Za-z]",
    "˚": "[A-Za-z]",
    "초": "과|기|음|미|순|고|안",
    "분": r"의|자|율|획|리|말|할|산|무|해|류|포|쇄|기|석|배|극",
    "주": "입|기|파|변|성|요|축|위|사|식|행",
    "일": r"\s?(?:때|경우|것|수\s|지라도)|반|체|련|부(?!터)|종|괄|측|방|면|정(?!도)|치|차|시",
    "도": "면|금|포|색|장|전|체|막|달|구|형|시",
    "개": "선|발|구부|폐|방|별|시|조|질|념|인",
    "대": "비|략|상|체|기|역|학|면|칭|응|하|해|류|부분",
    "장": "치|착|점|력|시|기",
    "매": "우|일|분|주|개|체|질|끄",
    "명": "도|칭|확|세|암",
    "회": "전|용|성|사|수|복|귀|피",
    "종": r"래|단|방|속|\s?방향|료",
    "단": "위|말|자|순|독|열|면|락|부|차|백|일|지",
    "열": "처리|교환|전도|가소|경화|선|량|분해|매체|풍|팽창",
    "줄": "이|어|여",
    "년": "도",
    "달": "라|성|하|리",
    "바": "닥|깥|람|늘",
    "곳": "곳",
    "몰": "드|딩|비",
    "배": "치|열|합|선|출|관|터|기|양|율|향",
    "나노": "입자|섬유|선|튜브|물질|구조|복합|기술",
    "프로": "그램|세스|필|판|젝|토|브|바|텐",
    "센티": "그",
    "옴": "니",
    "밀리": "는|그",
    "가지": "는|고|며|게|형|치",
    "층": "간|류|상",
    "겹": "치|침|쳐|친",
    "톤": "업|다운",
    "쌍": "극|안|곡|꺼",
    "비트": "코인|렌",
}
"""Korean units that begin other words: what must not follow."""


@dataclass(frozen=True)
class Unit:
    """A unit: `expression` as pint writes it, and the dimension that it measures."""

    expression: str
    dimension: str


PLAIN = Unit("dimensionless", "plain")
COUNT = Unit("dimensionless", "count")
PH = Unit("dimensionless", "pH")
CELSIUS = Unit("degC", "temperature")
DEGREE = Unit("degree", "angle")
MOLECULAR_WEIGHT = Unit("gram / mole", "molecular weight")

SHARES = frozenset({"mass share", "volume share", "mole share"})
"""Shares that say what they are shares of."""

_RECIPE = SHARES | {"parts by weight", "density", "molar concentration", "share"}


def _variants(spelling: str) -> list[str]:
    """A spelling with its British form and its plural."""
    forms = [spelling]
    for american, british in (("meter", "metre"), ("liter", "litre")):
        forms += [form.replace(american, british) for form in forms if american in form]
    return forms + [f"{form}s" for form in forms if re.search(r"[a-z]{4}\Z", form) and not form.endswith("s")]


_SPELLED = {
    form: Unit(expression, dimension)
    for dimension, units in _TABLE.items()
    for expression, spellings in units.items()
    for spelling in filter(None, spellings.split(", "))
    for form in _variants(spelling.strip())
}


def _pattern(spelling: str) -> str:
    """The regular expression of one spelling, white space optional."""
    pattern = r"\s?".join(map(re.escape, spelling.replace("%", " % ").split()))
    if re.search(r"[A-Za-zμ]\Z", spelling):
        pattern += r"(?![A-Za-zμ]|⁻|-[12](?![0-9.,]|\s?[A-Za-zμ%℃]))"  # s-1 is no second
    if re.fullmatch(r"[A-Za-z .-]{4,}", spelling):
        pattern = f"(?i:{pattern})"
    return f"{pattern}(?!{_NOT_BEFORE[spelling]})" if spelling in _NOT_BEFORE else pattern


_ATOM = re.compile("|".join(_pattern(s) for s in sorted(_SPELLED, key=len, reverse=True)))
_EXACT = {re.sub(r"\s", "", spelling): unit for spelling, unit in _SPELLED.items()}
_ANY_CASE = {key.lower(): unit for key, unit in _EXACT.items() if len(key) > 3}
_POWER = re.compile(r"(?:(?<=[A-Za-z])\^?(?P<digit>[23])(?![0-9.,]*[0-9])|(?P<raised>[²³]))?")
_JOIN = re.compile(r"(?:(?P<divides>\s?/\s?|\s+per\s+)|[·⋅])(?:(?P<number>10{0,2}|1,?000)\s?(?![0-9.,]))?")


@dataclass(frozen=True)
class SpelledUnit:
    """A unit in a text: it ends at `end`, and a number before it counts as `number / divisor` of `unit`."""

    unit: Unit
    end: int
    divisor: float
    spelling: str


def read_unit(text: str, start: int) -> SpelledUnit | None:
    """The longest unit that stands at an offset, alone or compound (`mg/100 mL`, `g/cm3`), or None."""
    found = _factor(text, start)
    if not found:
        return None
    unit, power, end = found
    expression, dimensions = _difference(unit) + power, [unit.dimension]
    operator, divisor = "*", 1.0
    while len(dimensions) < 3 and (join := _JOIN.match(text, end)) and (found := _factor(text, join.end())):
        operator = "/" if join["divides"] else operator
        expression += f" {operator} {_difference(found[0])}{found[1]}"
        dimensions.append(found[0].dimension)
        divisor *= float((join["number"] or "1").replace(",", ""))
        end = found[2]
    if power or len(dimensions) > 1:
        unit = _compound(expression, tuple(dimensions))
    return SpelledUnit(unit, end, divisor, text[start:end])


def per(unit: Unit, basis: Unit) -> Unit:
    """The unit of an amount per another (`100 mL당 10 mg`)."""
    return _compound(f"({_difference(unit)}) / ({_difference(basis)})", (unit.dimension, basis.dimension))


def _factor(text: str, start: int) -> tuple[Unit, str, int] | None:
    """One spelled unit with its power as pint writes it, and where they end."""
    atom = _ATOM.match(text, start)
    power = atom and _POWER.match(text, atom.end())
    if not atom or not power:
        return None
    exponent = power["digit"] or {"²": "2", "³": "3"}.get(power["raised"])
    return _lookup(atom[0]), f"**{exponent}" if exponent else "", power.end()


def _lookup(spelling: str) -> Unit:
    key = re.sub(r"\s", "", spelling)
    return _EXACT.get(key) or _ANY_CASE[key.lower()]


def _difference(unit: Unit) -> str:
    """The expression of a unit inside a compound, where a temperature is a difference (°C/min)."""
    return f"delta_{unit.expression}" if unit.expression in ("degC", "degF") else unit.expression


@cache
def registry() -> "pint.UnitRegistry[float]":
    """The pint registry, made on first use: that alone takes half a second."""
    import pint

    units: pint.UnitRegistry[float] = pint.UnitRegistry()
    units.define("ppb = 1e-9")
    return units


@cache
def _compound(expression: str, parts: tuple[str, ...]) -> Unit:
    unit = registry().Unit(expression)
    if len(parts) == 2 and parts[0] == parts[1] and str(unit.dimensionality) == "dimensionless":
        named = {"mass": "mass share", "volume": "volume share", "amount of substance": "mole share"}
        return Unit(str(unit), named.get(parts[0], "plain"))
    return Unit(str(unit), _dimensions().get(str(unit.dimensionality), str(unit.dimensionality)))


@cache
def _dimensions() -> dict[str, str]:
    """Pint's dimensionality -> the dimension's name, where the first determines the second."""
    names: dict[str, str] = {}
    for dimension, units in _TABLE.items():
        for expression in units:
            names.setdefault(str(registry().Unit(expression).dimensionality), dimension)
    return {**names, "dimensionless": "plain"}


def convert(number: float, unit: Unit, to: Unit) -> float:
    """`number` of one unit in another of the same pint dimensionality."""
    if unit.expression == to.expression:
        return number
    return float(registry().Quantity(number, unit.expression).to(to.expression).magnitude)


def comparable(one: Unit, other: Unit) -> bool:
    """Whether a number of the one can answer a question in the other; a bare % answers every kind of share."""
    if one.dimension == other.dimension:
        return True
    pair = {one.dimension, other.dimension}
    bare_share = "share" in pair and bool(pair & (SHARES | {"plain"}))
    bare_count = "count" in pair and all(d.startswith("count") for d in pair)
    return bare_share or bare_count


def needs_recipe(one: Unit, other: Unit) -> bool:
    """Whether two units both tell an amount in a mixture, yet only its whole recipe or density could convert them."""
    return not comparable(one, other) and {one.dimension, other.dimension} <= _RECIPE
