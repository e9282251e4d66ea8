"""Compare the amounts that a claim element asks for with those that a product states.

`bini.domain.amounts` finds the amounts, `bini.domain.units` reads their units; here a stated amount is checked against
a claimed one, and for each claimed one the statement that answers it is looked for.

Refused, so that `check_element` says NOT_GIVEN, with a note where the text holds something close:

- 중량부 against 중량%, weight percent against volume percent or mg/mL: that takes the whole recipe or a density. A bare
  % answers any of them, as people write it.
- Parts by weight of another basis than 100 parts; ratios of three and more; an amount per piece or per dose.
- A ratio whose things stand in the other order in the product.
- A bare number, unless a counted noun follows, it is a limit (0.5 이상), or it follows a word that takes numbers
  without units (pH, 비, 지수, 분자량).
- A share of something else in the same mixture (수분 10% 이하의 분말 against 분말에 단백질 40%).
- A thing in other words or in another language; only the measured property is known in both languages.
- Two statements of the product that fit equally well and disagree, and what the product says is not so (5 mm가 아니라).

Known to go wrong: where the mixture stands right before the number, as in English, another component's share is taken
for the claimed one (a powder with at most 10% moisture, a powder with 40% protein: OUT).

The tolerance of 약 and about is a share of the limit as written, in °C for temperatures; a limit of zero has none.
"""

import math
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from bini.domain.amounts import LISTED, RATIO, Quantity, mask_of, quantities, sentence_ends
from bini.domain.labels import RangeCheck
from bini.domain.units import CELSIUS, SHARES, Unit, comparable, convert, needs_recipe
from bini.errors import InputError

__all__ = ["ElementCheck", "Quantity", "RangeCheck", "check", "check_element", "quantities"]

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

_PROPERTY = {
    dimension: (re.compile("|".join(f"({names})" for names in properties.values()), re.IGNORECASE), [*properties])
    for dimension, properties in _PROPERTIES.items()
}
_PROPERTY |= dict.fromkeys(SHARES, _PROPERTY["share"])
_GENERIC = frozenset({*_PROPERTIES, "content", "ratio", "interval"}) - {"length"}
"""Properties that so many things have that a product's amount is not known by them alone."""

_OWN = {
    "viscosity": "viscosity itself",
    "kinematic viscosity": "viscosity itself",
    "pH": "pH itself",
    "molecular weight": "molecular weight itself",
}
"""What a dimension always measures, so that the unit names the property."""

_CONTEXT = 120
"""How many characters around a quantity may tell what it is said of."""

_ITEM_END = re.compile(r"[,/|]|\s(?:and|or|plus|및|또는|그리고)\s|(?<=[가-힣])(?:이고|이며|하고|하며)\s")
_ORDINAL = re.compile(r"제\s?[0-9]{1,2}(?![0-9]|\s?항)|first|second|third|fourth")
_WORD = re.compile(
    rf"{_ORDINAL.pattern}|"
    r"(?:(?<![A-Za-z0-9])[A-Z])?[가-힣]+(?:[A-Z][0-9]{0,2}(?![A-Za-z0-9]))?"  # A수지, 비타민C
    r"|[A-Za-z]{5,}\s[A-Z][0-9]{0,2}(?![A-Za-z0-9])|[A-Za-z][A-Za-z0-9]*"  # vitamin C
)
_ENDING = re.compile(
    r"(?:으로써|으로서|에서는|에서|에게|으로|이며|이고|이다|입니다|이에요|예요|이나|까지|부터|짜리|하는|되는|된|한|인"
    r"|은|는|이|가|을|를|의|에|로|와|과|도|만|들|랑|(?<=[a-z]{3})(?:ed|ing)|(?<=[a-z]{2})(?<!s)s)\Z"
)
_STOP_WORDS = frozenset(
    re.findall(
        r"\w+",
        """
        상기 및 또는 그 이 각 각각 평균 포함 포함하는 포함하고 이루어진 것 등 수 약 하는 되는 있는 갖는 가지는 적어도
        이상 이하 그리고 여기서 로 으로 의 는 가 을 를 에 와 과 에서 이고 이며 군 선택되는 하나 정도 전체 기준
        사용 사용하고 합니다 입니다 한다 이다 된다 했습니다
        the a an of in to and or with by is are was be has have having wherein said which that at for from as on it its
        this each about between least most more less than not no per average mean total contains containing comprising
        comprises includes including used use using selected group consisting one
        """,
    )
)
_COPULA = re.compile(r"\A인(?![가-힣])")
"""In 5 mm인 판; elsewhere 인 is phosphorus."""

_DENIED_AFTER = re.compile(r"\s?(?:[이가은는]\s?)?(?:아니라|아니고|아닌|아니며|대신)")
_INSTEAD = re.compile(rf"{_DENIED_AFTER.pattern},?\s?|,?\sbut\s")
_DENIED_BEFORE = re.compile(r"\b(?i:instead\sof|rather\sthan|not|unlike)\s\Z")


@dataclass(frozen=True)
class ElementCheck:
    """One quantity of a claim element against the product.

    Parameters
    ----------
    claimed
        The quantity of the element; offsets count in the element.
    said
        The quantity of the product that answers it, or None; offsets count in the product.
    result
        How they relate.
    note
        Why nothing answers it, or what little the choice rests on.
    """

    claimed: Quantity
    said: Quantity | None
    result: RangeCheck
    note: str = ""


# How two quantities relate -----------------------------------------------------------------------


def check(claimed: Quantity, said: Quantity, about: float = 0.05, near: float = 0.0) -> RangeCheck:
    """How what a product says relates to what is claimed.

    Parameters
    ----------
    claimed, said
        The quantity of the claim and that of the product.
    about
        Share of each limit by which the claimed range widens if either says 약 or about.
    near
        Share of each limit within which a product just outside is NEAR; a triage margin, not law.

    Returns
    -------
    RangeCheck
        A single value on an included limit of a claimed range is EDGE; a claimed single value has no edge.

    Raises
    ------
    ValueError
        If the two measure different things.
    """
    if not comparable(_unit(claimed), _unit(said)):
        raise ValueError(f"{said.dimension} cannot be checked against {claimed.dimension}")
    scale = CELSIUS if claimed.dimension == "temperature" else _unit(claimed)
    wanted, given = _Interval.of(claimed, scale), _Interval.of(said, scale)
    if _same(given.low, given.high) and wanted.has_edge_at(given.low):
        return RangeCheck.EDGE
    if claimed.about or said.about:
        wanted = wanted.widened(about)
    if wanted.holds(given):
        return RangeCheck.IN
    if wanted.meets(given):
        return RangeCheck.STRADDLE
    return RangeCheck.NEAR if near and wanted.widened(near).closed().meets(given) else RangeCheck.OUT


def _unit(quantity: Quantity) -> Unit:
    return Unit(quantity.unit, quantity.dimension)


def _same(one: float, other: float) -> bool:
    """Equal but for what unit conversion rounds off."""
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)


@dataclass(frozen=True)
class _Interval:
    """A range on one scale; a missing bound is infinite."""

    low: float
    high: float
    low_included: bool
    high_included: bool

    @classmethod
    def of(cls, quantity: Quantity, scale: Unit) -> "_Interval":
        unit = _unit(quantity)
        low = -math.inf if quantity.low is None else convert(quantity.low, unit, scale)
        high = math.inf if quantity.high is None else convert(quantity.high, unit, scale)
        return cls(low, high, quantity.low_included, quantity.high_included)

    def has_edge_at(self, value: float) -> bool:
        """Whether a value lies on a limit that belongs to the range."""
        on_low = self.low_included and _same(value, self.low)
        on_high = self.high_included and _same(value, self.high)
        return (on_low or on_high) and not _same(self.low, self.high)

    def widened(self, share: float) -> "_Interval":
        return replace(self, low=self.low - share * abs(self.low), high=self.high + share * abs(self.high))

    def closed(self) -> "_Interval":
        return replace(self, low_included=True, high_included=True)

    def holds(self, other: "_Interval") -> bool:
        """Whether all of the other lies inside."""
        low_fits, high_fits = other.low > self.low, other.high < self.high
        if _same(other.low, self.low):
            low_fits = self.low_included or not other.low_included
        if _same(other.high, self.high):
            high_fits = self.high_included or not other.high_included
        return low_fits and high_fits

    def meets(self, other: "_Interval") -> bool:
        """Whether any of the other lies inside."""
        return self._begins_by_the_end_of(other) and other._begins_by_the_end_of(self)

    def _begins_by_the_end_of(self, other: "_Interval") -> bool:
        if _same(self.low, other.high):
            return self.low_included and other.high_included
        return self.low < other.high


# Which statement of the product answers the claim ------------------------------------------------


def check_element(
    element: str, product: str, quote: str | None = None, *, about: float = 0.05, near: float = 0.0
) -> list[ElementCheck]:
    """Check every quantity that a claim element claims against what the product says.

    What answers it is of the same dimension and measures no other property (두께 is no 길이). In the quote the
    statement with the nearest words in common is taken, a sole one even without any; in the rest of the product words
    in common are needed: the thing named, or the property measured.

    Parameters
    ----------
    element
        The text of one claim element.
    product
        The product description.
    quote
        The verbatim piece of the product that was named as the element's counterpart.
    about, near
        Margins, as in `check`.

    Raises
    ------
    InputError
        If the quote is no piece of the product.
    """
    start = product.find(quote) if quote else 0
    if start < 0:
        raise InputError("the quote is no piece of the product", "quote the product verbatim")
    said = _statements(product)
    quoted = [s for s in said if quote and s.quantity.start < start + len(quote) and start < s.quantity.end]
    return [_answer(claim, quoted, said, about, near) for claim in _claims(element)]


@dataclass(frozen=True)
class _Statement:
    """A quantity with what it is said of: the property measured, and content words with their distance in words."""

    quantity: Quantity
    measured: str
    words: dict[str, int]

    def evidence(self, said: "_Statement") -> float:
        """How much the words around two quantities have in common; a word far from the quantity counts less."""
        distances = {said.words[word] for word in self._shared(said)}
        same = bool(self.measured and said.measured) and self.measured not in _GENERIC
        if not self.words and self.measured and self.measured == said.measured:
            same = True  # 온도가 20℃ 이하인: nothing is named but the property
        return sum(1 / (1 + distance) for distance in distances) + (1.0 if same else 0.0)

    def _shared(self, said: "_Statement") -> set[str]:
        """The words in common, unless they are ordinals alone or, of shares in a mixture, name the mixture alone."""
        shared = self.words.keys() & said.words.keys()
        if all(map(_ORDINAL.fullmatch, shared)):
            return set()
        mixture = self.quantity.dimension in SHARES | {"share", "parts by weight"}
        return set() if mixture and all(self.words[word] and said.words[word] for word in shared) else shared

    def answered_by(self, said: "_Statement") -> bool:
        """Whether the other may be about the same property; 'diameter' leaves open which, 'outer diameter' does not."""
        one, other = self.measured, said.measured
        fits = not one or not other or one.endswith(other) or other.endswith(one)
        return fits and comparable(_unit(self.quantity), _unit(said.quantity))


def _answer(
    claim: _Statement, quoted: Sequence[_Statement], said: Sequence[_Statement], about: float, near: float
) -> ElementCheck:
    """The check of one claimed quantity against its best answer: in the quote, or else anywhere."""
    found = [(claim.evidence(s), s) for s in quoted if claim.answered_by(s)]
    found = found or [(e, s) for s in said if claim.answered_by(s) and (e := claim.evidence(s)) > 0]
    if not found:
        return ElementCheck(claim.quantity, None, RangeCheck.NOT_GIVEN, _why_not(claim, quoted or said))
    most = max(evidence for evidence, _ in found)
    best = [statement for evidence, statement in found if math.isclose(evidence, most)]
    results = {check(claim.quantity, statement.quantity, about, near) for statement in best}
    if len(results) > 1:
        return ElementCheck(claim.quantity, None, RangeCheck.NOT_GIVEN, "the product's statements disagree")
    if any(_turned(claim, statement) for statement in best):
        return ElementCheck(claim.quantity, None, RangeCheck.NOT_GIVEN, "the ratio's things stand in another order")
    return ElementCheck(claim.quantity, best[0].quantity, results.pop(), _ground(claim, best[0]))


def _ground(claim: _Statement, said: _Statement) -> str:
    """A note on an answer that rests on less than words in common."""
    if claim.words.keys() & said.words.keys():
        return ""
    return "by the property alone" if claim.measured and said.measured else "by the unit alone"


def _turned(claim: _Statement, said: _Statement) -> bool:
    """Whether two ratios name the same things in opposite order."""
    if RATIO not in claim.quantity.note or RATIO not in said.quantity.note:
        return False
    shared = sorted((claim.words[word], said.words[word]) for word in claim.words.keys() & said.words.keys())
    return any(one[0] < other[0] and one[1] > other[1] for one, other in pairwise(shared))


def _why_not(claim: _Statement, said: Sequence[_Statement]) -> str:
    """A note on a quantity that would answer the claim if only it could be converted."""
    for statement in said:
        if needs_recipe(_unit(claim.quantity), _unit(statement.quantity)) and claim.evidence(statement) > 0:
            one, other = claim.quantity.dimension, statement.quantity.dimension
            return f"{other} cannot be converted to {one} without the whole recipe or a density"
    return ""


# What a quantity is said of ----------------------------------------------------------------------


def _statements(text: str) -> list[_Statement]:
    """What a text says in numbers, but for what it says is not so."""
    mask, found = _told(text), quantities(text)
    stops = sentence_ends(mask)
    lists = _lists(mask, found)
    spans = [_span(mask, stops, group, floor, ceiling) for group, floor, ceiling in lists]
    statements: list[_Statement] = []
    for position, (group, floor, ceiling) in enumerate(lists):
        start, end = spans[position]
        earlier = mask[spans[position - 1][0] : lists[position - 1][0][0].start] if position and start == floor else ""
        more = position + 1 < len(lists) and end == ceiling
        later = mask[lists[position + 1][0][-1].end : spans[position + 1][1]] if more else ""
        before, after = mask[start : group[0].start], mask[group[-1].end : end]
        statements += [_statement(q, earlier, before, after, later) for q in group if not _denied(mask, q)]
    return statements


def _span(mask: str, stops: Sequence[int], group: Sequence[Quantity], floor: int, ceiling: int) -> tuple[int, int]:
    """Where the words that quantities share may stand: in their sentence, near them, up to the next quantities."""
    first, last = bisect_left(stops, group[0].start), bisect_left(stops, group[-1].end)
    start = max(floor, group[0].start - _CONTEXT, stops[first - 1] + 1 if first else 0)
    end = min(ceiling, group[-1].end + _CONTEXT, stops[last] if last < len(stops) else len(mask))
    return start, end


def _denied(mask: str, quantity: Quantity) -> bool:
    """Whether a text says that it is not this ('5 mm가 아니라 3 mm', 'not 5 mm but 3 mm')."""
    start = quantity.start
    return bool(_DENIED_AFTER.match(mask, quantity.end) or _DENIED_BEFORE.search(mask, max(0, start - 16), start))


def _lists(mask: str, found: Sequence[Quantity]) -> list[tuple[list[Quantity], int, int]]:
    """Quantities that share their words ('27 또는 60 MHz'), with where the words around them begin and end."""
    groups: list[list[Quantity]] = []
    for quantity in found:
        last = groups[-1][-1] if groups else None
        if last and comparable(_unit(last), _unit(quantity)) and _share_words(mask[last.end : quantity.start]):
            groups[-1].append(quantity)
        else:
            groups.append([quantity])
    floors = [0, *(group[-1].end for group in groups)]
    ceilings = [*(group[0].start for group in groups[1:]), len(mask)]
    return list(zip(groups, floors, ceilings, strict=False))


def _share_words(gap: str) -> bool:
    return len(gap) < 16 and bool(LISTED.fullmatch(gap) or _INSTEAD.fullmatch(gap))


def _claims(element: str) -> list[_Statement]:
    """The quantities of a claim element; what is said of a sole one of its kind is the whole element."""
    found = quantities(element)
    kinds = Counter(_unit(quantity) for quantity in found)
    bare = list(_told(element))
    for quantity in found:
        bare[quantity.start : quantity.end] = " " * (quantity.end - quantity.start)
    mask = "".join(bare)
    claims = {statement.quantity.start: statement for statement in _statements(element)}
    for quantity in found:
        if sum(kinds[kind] for kind in kinds if comparable(kind, _unit(quantity))) == 1 or quantity.start not in claims:
            before, after = mask[: quantity.start], mask[quantity.end :]
            words = _distances(_words(before, quantity), _words(_COPULA.sub("", after), quantity))
            claims[quantity.start] = _Statement(quantity, _measured(before, after, quantity.dimension), words)
    return [claims[quantity.start] for quantity in found]


def _statement(quantity: Quantity, earlier: str, before: str, after: str, later: str) -> _Statement:
    """A quantity with its words.

    They are those of its own item of a list, else of the item before it, else those before the last quantity, else
    those after the next one (70℃에서 1시간 가열).
    """
    items = [_words(item, quantity) for item in (earlier, *_ITEM_END.split(before))]
    following = _words(_ITEM_END.split(_COPULA.sub("", after))[0], quantity)
    while len(items) > 1 and not items[-1] and not following:
        items.pop()
    following = following if items[-1] or following else _words(_ITEM_END.split(_COPULA.sub("", later))[0], quantity)
    return _Statement(quantity, _measured(before, after, quantity.dimension), _distances(items[-1], following))


def _distances(before: Sequence[str], after: Sequence[str]) -> dict[str, int]:
    """Every form of the words around a quantity, with how many words away it stands; those before it come first."""
    distances: dict[str, int] = {}
    for words, start in ((reversed(before), 0), (after, 1 if before else 0)):
        for distance, word in enumerate(words, start):
            for form in _forms(word):
                distances.setdefault(form, distance)
    return distances


def _words(text: str, quantity: Quantity) -> list[str]:
    """The content words of a text, without the names of properties."""
    if quantity.dimension in _PROPERTY:
        text = _PROPERTY[quantity.dimension][0].sub(" ", text)
    words = (word.lower().replace(" ", "") for word in _WORD.findall(text))
    return [word for word in words if word not in _STOP_WORDS]


def _told(text: str) -> str:
    """The mask of a text with its ordinals, which tell one thing from another (제1 전극의 폭, 제2 전극의 폭)."""
    told = list(mask_of(text))
    for ordinal in _ORDINAL.finditer(text):
        told[ordinal.start() : ordinal.end()] = ordinal[0]
    return "".join(told)


def _forms(word: str) -> set[str]:
    """A word as it stands, and without what Korean particles or English endings add to it."""
    ending = _ENDING.search(word)
    stem = word[: ending.start()] if ending else word
    return {word, stem} - _STOP_WORDS - {""}


def _measured(before: str, after: str, dimension: str) -> str:
    """The property whose name stands nearest to a quantity, or what its dimension always measures, or nothing."""
    if dimension in _OWN or dimension not in _PROPERTY:
        return _OWN.get(dimension, "")
    pattern, names = _PROPERTY[dimension]
    last = max(pattern.finditer(before), key=lambda m: m.end(), default=None)
    first = pattern.search(_ITEM_END.split(after)[0])
    nearest = last if last and (not first or len(before) - last.end() <= first.start()) else first
    return names[(nearest.lastindex or 1) - 1] if nearest else ""
