"""What a quantity is said of: the words that it shares its sentence with."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bini.domain.measures.amounts import LISTED, Quantity, quantities
from bini.domain.measures.masks import mask_of, sentence_ends
from bini.domain.measures.properties import GENERIC, ITEM_END, PROPERTY, property_measured
from bini.domain.measures.ranges import unit_of
from bini.domain.measures.units import SHARES, comparable

_CONTEXT = 120
"""How many characters around a quantity may tell what it is said of."""

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
class Statement:
    """A quantity with what it is said of: the property measured, and content words with their distance in words."""

    quantity: Quantity
    measured: str
    words: dict[str, int]

    def evidence(self, said: "Statement") -> float:
        """How much the words around two quantities have in common; a word far from the quantity counts less."""
        distances = {said.words[word] for word in self._shared(said)}
        same = bool(self.measured and said.measured) and self.measured not in GENERIC
        if not self.words and self.measured and self.measured == said.measured:
            same = True  # 온도가 20℃ 이하인: nothing is named but the property
        return sum(1 / (1 + distance) for distance in distances) + (1.0 if same else 0.0)

    def _shared(self, said: "Statement") -> set[str]:
        """The words in common, unless they are ordinals alone or, of shares in a mixture, name the mixture alone."""
        shared = self.words.keys() & said.words.keys()
        if all(map(_ORDINAL.fullmatch, shared)):
            return set()
        mixture = self.quantity.dimension in SHARES | {"share", "parts by weight"}
        return set() if mixture and all(self.words[word] and said.words[word] for word in shared) else shared

    def answered_by(self, said: "Statement") -> bool:
        """Whether the other may be about the same property; 'diameter' leaves open which, 'outer diameter' does not."""
        one, other = self.measured, said.measured
        fits = not one or not other or one.endswith(other) or other.endswith(one)
        return fits and comparable(unit_of(self.quantity), unit_of(said.quantity))


def statements_of(text: str) -> list[Statement]:
    """What a text says in numbers, but for what it says is not so."""
    mask, found = _told(text), quantities(text)
    stops = sentence_ends(mask)
    lists = _lists(mask, found)
    spans = [_span(mask, stops, group, floor, ceiling) for group, floor, ceiling in lists]
    statements: list[Statement] = []
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
        if last and comparable(unit_of(last), unit_of(quantity)) and _share_words(mask[last.end : quantity.start]):
            groups[-1].append(quantity)
        else:
            groups.append([quantity])
    floors = [0, *(group[-1].end for group in groups)]
    ceilings = [*(group[0].start for group in groups[1:]), len(mask)]
    return list(zip(groups, floors, ceilings, strict=False))


def _share_words(gap: str) -> bool:
    return len(gap) < 16 and bool(LISTED.fullmatch(gap) or _INSTEAD.fullmatch(gap))


def claimed_statements(element: str) -> list[Statement]:
    """The quantities of a claim element; what is said of a sole one of its kind is the whole element."""
    found = quantities(element)
    kinds = Counter(unit_of(quantity) for quantity in found)
    bare = list(_told(element))
    for quantity in found:
        bare[quantity.start : quantity.end] = " " * (quantity.end - quantity.start)
    mask = "".join(bare)
    claims = {statement.quantity.start: statement for statement in statements_of(element)}
    for quantity in found:
        if (
            sum(kinds[kind] for kind in kinds if comparable(kind, unit_of(quantity))) == 1
            or quantity.start not in claims
        ):
            before, after = mask[: quantity.start], mask[quantity.end :]
            words = _distances(_words(before, quantity), _words(_COPULA.sub("", after), quantity))
            claims[quantity.start] = Statement(quantity, property_measured(before, after, quantity.dimension), words)
    return [claims[quantity.start] for quantity in found]


def _statement(quantity: Quantity, earlier: str, before: str, after: str, later: str) -> Statement:
    """A quantity with its words.

    They are those of its own item of a list, else of the item before it, else those before the last quantity, else
    those after the next one (70℃에서 1시간 가열).
    """
    items = [_words(item, quantity) for item in (earlier, *ITEM_END.split(before))]
    following = _words(ITEM_END.split(_COPULA.sub("", after))[0], quantity)
    while len(items) > 1 and not items[-1] and not following:
        items.pop()
    following = following if items[-1] or following else _words(ITEM_END.split(_COPULA.sub("", later))[0], quantity)
    return Statement(quantity, property_measured(before, after, quantity.dimension), _distances(items[-1], following))


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
    if quantity.dimension in PROPERTY:
        text = PROPERTY[quantity.dimension][0].sub(" ", text)
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
