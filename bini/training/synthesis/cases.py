"""Generated judgement cases for pre-training the embedded models.

Each case draws its risk level first, then a basis for every element that rolls up to it, then words: a claim
element from a frame, and a product sentence whose quoted span answers it. Names are made up about half of the
time, so that the model learns to compare content; the rest come from the glossary, so that it learns synonyms.
"""

import random
import re
from dataclasses import dataclass, field

from bini.domain.glossary import Concept, Glossary
from bini.domain.korean import josa
from bini.domain.labels import Basis, Match, RiskLevel, roll_up
from bini.domain.schema import QUOTE_CHARS, Comparison, Judgement
from bini.training.synthesis import phrases
from bini.training.synthesis.cloze import cloze, fresh_names, mixed, nameable, renamed, share_word
from bini.training.synthesis.frames import Domain, Frame, bank, draw, irrelevant
from bini.training.synthesis.names import made_up
from bini.training.synthesis.slots import Namer, distinct
from bini.training.synthesis.texts import Piece, answering, reason, written

BASES: dict[RiskLevel, tuple[tuple[Basis, float], ...]] = {
    RiskLevel.HIGH: (),
    RiskLevel.AMBIGUOUS: ((Basis.SILENT, 0.5), (Basis.PARTIAL, 0.38), (Basis.EQUIVALENT, 0.12)),
    RiskLevel.LOW: ((Basis.ABSENT, 1.0),),
}
PROSE_THINGS = 0.3
GENUS_THINGS = 0.4  # share of the skeletons' things that have species: claims name the genus, products the species
TRAPS = 0.35  # share of cloze elements beside which another sentence has one of their words
MIXED = (14, 36)
"""Fewest and most words that stand for the nouns of a case's mixed sentences."""
MIXED_FROM = 12  # sentences that these words are taken from
MIXED_NEW = 6  # made-up names among them, before the draw
FRAME_WEIGHTS = {
    "plain": 5,
    "role": 6,
    "made_of": 4,
    "amount": 5,
    "between": 1.2,
    "place": 1.5,
    "linked": 1.2,
    "function": 3,
    "negative": 1.2,
    "markush": 1.5,
    "step": 2,
}


@dataclass(frozen=True)
class Stage:
    """How hard the generated cases are in one part of the curriculum.

    Parameters
    ----------
    elements
        Fewest and most claim elements, the thing claimed included.
    noise
        Most irrelevant sentences in a product text.
    orders
        Share of product texts that try to give orders.
    made_up
        Share of names that are made up.
    prose
        Share of elements from the frame bank; the others come from the skeletons, in which little but the names tells
        whether the product has the element.
    cloze
        Share of elements made of a product sentence's own words, before the others are drawn.
    topical
        Share of the sentences and elements in which one of the case's few topics stands for a word, so that a word in
        common is not enough to tell what answers what. Of prose in the claim's language only.
    mixed
        Share of drilled sentences, and of those that cloze elements are made of, in which a few words drawn for the
        case stand for every noun: nothing but the words themselves tells what answers what.
    elsewhere
        Share of prose elements that another version of the product, or a rival's, answers otherwise.
    """

    elements: tuple[int, int]
    noise: int
    orders: float
    made_up: float
    prose: float = 0.65
    cloze: float = 0.0
    topical: float = 0.0
    mixed: float = 0.0
    elsewhere: float = 0.0


@dataclass(frozen=True)
class Case:
    """A generated request and its right answer."""

    product: str
    elements: tuple[str, ...]
    answer: Judgement
    bases: tuple[Basis, ...]


@dataclass
class CaseWriter:
    """Writes one case at a time from one stream of random numbers."""

    glossary: Glossary
    rng: random.Random
    stage: Stage
    claim_lang: str = "ko"
    product_lang: str = "ko"
    register: str = "formal"
    domain: Domain = field(default_factory=lambda: bank()[0])
    names: Namer = field(init=False)
    topics: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    _by_kind: dict[str, list[Concept]] = field(default_factory=dict)
    _used: set[Frame] = field(default_factory=set)

    def __post_init__(self) -> None:
        for concept in self.glossary.concepts.values():
            self._by_kind.setdefault(concept.kind, []).append(concept)
        self.names = self._namer()

    def case(self) -> Case:
        """One case with a risk level drawn evenly."""
        while True:
            case = self._attempt()
            if case is not None:
                return case

    def begin(self) -> None:
        """Draw languages, register, names and domain of the next case."""
        rng = self.rng
        self.claim_lang = "ko" if rng.random() < 0.72 else "en"
        crossed = rng.random() < 0.14
        self.product_lang = {"ko": "en", "en": "ko"}[self.claim_lang] if crossed else self.claim_lang
        self.register = "en" if self.product_lang == "en" else rng.choice(("formal", "polite", "casual", "note"))
        self.names = self._namer()
        self.domain, self._used = rng.choice(bank()), set()
        self.topics = self._topics() if self.stage.topical else []
        self.words = self._words() if self.stage.mixed else []

    def topical(self, sentence: str, element: str = "") -> tuple[str, str]:
        """A sentence and the element that it answers, if any, now and then with a topic for one of their words."""
        if self.topics and self.claim_lang == self.product_lang and self.rng.random() < self.stage.topical:
            return renamed(self.rng, sentence, self.product_lang, self.topics, element)
        return sentence, element

    def _topics(self) -> list[str]:
        """Names that may stand in several sentences, as those of the main parts do in a specification."""
        language = self.product_lang
        known = [self.names.surface(self.names.concept("component", "material"), language) for _ in range(2)]
        return [*known, *fresh_names(self.rng, language, 1)]

    def mixed(self, sentence: str) -> str | None:
        """Now and then a sentence with the case's words for its nouns."""
        if self.words and self.rng.random() < self.stage.mixed:
            return mixed(self.rng, sentence, self.product_lang, self.words)
        return None

    def _words(self) -> list[str]:
        """A few words of other sentences, of any domain, and names that nobody has seen."""
        language = self.product_lang
        known = [word for _ in range(MIXED_FROM) for word in nameable(self.sentence(self.rng.choice(bank())), language)]
        some = sorted({*known, *fresh_names(self.rng, language, MIXED_NEW)})
        return self.rng.sample(some, min(len(some), self.rng.randint(*MIXED)))

    def _attempt(self) -> Case | None:
        rng = self.rng
        self.begin()
        bases = self._bases(rng.choice(list(RiskLevel)), rng.randint(*self.stage.elements))
        thing = (self._thing_prose if rng.random() < PROSE_THINGS else self._thing)(bases[-1])
        pieces = [self._element(basis) for basis in bases[:-1]]
        if len(pieces) > 1 and rng.random() < 0.06:
            pieces.append(self._closed(pieces))
        pieces = [thing, *pieces] if self.claim_lang == "en" and rng.random() < 0.9 else [*pieces, thing]
        return self._assemble(pieces)

    def _namer(self) -> Namer:
        share = self.stage.made_up
        return Namer(self.glossary, self._by_kind, self.rng, share, self.claim_lang, self.product_lang)

    def _bases(self, level: RiskLevel, count: int) -> list[Basis]:
        """A basis for each element that rolls up to `level`, at least one of the level's own."""
        rng = self.rng
        own = BASES[level]
        bases = [Basis.LITERAL] * count
        if own:
            kinds, weights = zip(*own, strict=True)
            odd = min(count, rng.choice((1, 1, 1, 2, 2, 3)))
            for spot in rng.sample(range(count), odd):
                bases[spot] = rng.choices(kinds, weights)[0]
            if level is RiskLevel.LOW:  # a 낮음 case may also leave things open
                for spot in range(count):
                    if bases[spot] is Basis.LITERAL and rng.random() < 0.2:
                        bases[spot] = rng.choice((Basis.SILENT, Basis.PARTIAL))
        return bases

    # elements

    def _element(self, basis: Basis) -> Piece:
        if self.stage.cloze and self.claim_lang == self.product_lang and self.rng.random() < self.stage.cloze:
            return self._cloze(basis)
        return (self.prose if self.rng.random() < self.stage.prose else self._limitation)(basis)

    def prose(self, basis: Basis) -> Piece:
        """An element of the frame bank."""
        rng = self.rng
        frame = draw(rng, self.domain)
        sentences = ("",) if basis is Basis.SILENT else frame.words(self.product_lang).of(basis.value)
        if frame in self._used or not sentences:
            return self._element(basis)
        kind = "component" if frame.kind == "none" else frame.kind
        slots = self.names.slots(self.names.concept(kind, field=frame.field), frame.unit)
        if not distinct(slots):
            return self._element(basis)
        self._used.add(frame)
        element = self._fill(rng.choice(frame.words(self.claim_lang).claim), slots)
        sentence, element = self.topical(self._fill(rng.choice(sentences), slots), element)
        topic = slots["x"] if frame.kind != "none" and slots["x"] in element else element
        spoken = frame.words(self.product_lang)
        others = [*spoken.absent] if basis is Basis.LITERAL else [*spoken.literal]
        told = others and self.stage.elsewhere and rng.random() < self.stage.elsewhere
        beside = self._elsewhere(self._fill(rng.choice(others), slots)) if told else ""
        return Piece(element, sentence, basis, topic, beside=beside)

    def _cloze(self, basis: Basis) -> Piece:
        """An element made of a product sentence's words; beside it, others that share a word with it."""
        rng = self.rng
        if basis is Basis.EQUIVALENT:
            basis = Basis.LITERAL
        plain = self.sentence()
        sentence = self.mixed(plain) or self.topical(plain)[0]
        other = self.names.surface(self.names.concept("component"), self.product_lang)
        made = cloze(rng, sentence, self.product_lang, basis, other)
        if made is None:
            return self._element(basis)
        beside = ""
        if rng.random() < TRAPS:
            beside = share_word(rng, self.sentence(), made.element, self.product_lang)
        elif basis is not Basis.LITERAL and rng.random() < self.stage.elsewhere:
            beside = self._elsewhere(made.source)
        return Piece(made.element, made.sentence, basis, made.element, beside=beside)

    def sentence(self, domain: Domain | None = None) -> str:
        """A sentence of the bank on what a product has, « » around the quote; of the case's domain by default."""
        frame = draw(self.rng, domain or self.domain)
        kind = "component" if frame.kind == "none" else frame.kind
        slots = self.names.slots(self.names.concept(kind, field=frame.field), frame.unit)
        return self._fill(self.rng.choice(frame.words(self.product_lang).literal), slots)

    def _elsewhere(self, sentence: str) -> str:
        """A sentence as one about another version of the product, or a rival's."""
        return self.rng.choice(phrases.ELSEWHERE[self.product_lang]) + re.sub("[«»]", "", sentence)

    def _limitation(self, basis: Basis) -> Piece:
        """An element of a skeleton in `phrases`."""
        frames = [f for f in FRAME_WEIGHTS if basis is Basis.SILENT or basis in self._offered(f)]
        frame = self.rng.choices(frames, [FRAME_WEIGHTS[f] for f in frames])[0]
        kinds = {
            "made_of": ("material",),
            "between": ("component", "material"),
            "place": ("component",),
            "linked": ("component",),
            "function": ("component",),
            "role": ("ingredient", "material"),
        }
        concept = self.names.concept(*kinds.get(frame, ("ingredient", "material", "component")))
        amount = "content" if concept.kind in ("ingredient", "material") and self.rng.random() < 0.6 else None
        slots = self.names.slots(concept, "temperature" if frame == "step" else amount)
        claim = self.rng.choice(phrases.FRAMES[frame][self.claim_lang]["claim"])
        if not distinct(slots):
            return self._element(basis)
        sentence = (
            "" if basis is Basis.SILENT else self.rng.choice(phrases.FRAMES[frame][self.product_lang][basis.value])
        )
        if (
            frame == "step"
            and ("{range}" in claim) != ("{v}" in sentence or "{w}" in sentence)
            and basis is not Basis.SILENT
        ):
            return self._element(basis)  # a step is answered with a value just when the claim gives a range
        slots["n"] = str(self.rng.randint(1, 9))
        modifiers = phrases.MODIFIERS.get(frame, {}).get(self.product_lang, {}).get(basis.value)
        items = phrases.ITEMS.get(frame, {}).get(basis.value)
        return Piece(
            self._fill(claim, slots),
            self._fill(sentence, slots),
            basis,
            slots["x"],
            modifier=self._fill(self.rng.choice(modifiers), slots) if modifiers else "",
            item=self._fill(self.rng.choice(items), slots) if items else "",
        )

    def _offered(self, frame: str) -> set[Basis]:
        return {Basis(k) for k in phrases.FRAMES[frame][self.product_lang] if k != "claim"}

    def _closed(self, pieces: list[Piece]) -> Piece:
        basis = (
            self.rng.choice((Basis.LITERAL, Basis.ABSENT, Basis.SILENT))
            if any(p.basis is Basis.ABSENT for p in pieces)
            else Basis.LITERAL
        )
        frames = phrases.FRAMES["closed"]
        slots = {"y": self.names.surface(self.names.concept("ingredient"), self.product_lang)}
        sentence = "" if basis is Basis.SILENT else self.rng.choice(frames[self.product_lang][basis.value])
        claim = self.rng.choice(frames[self.claim_lang]["claim"]).replace("[로]", "으로")
        return Piece(claim, self._fill(sentence, slots), basis, claim, closed=True)

    def _thing(self, basis: Basis) -> Piece:
        """The thing claimed, with its use: the frame of the whole claim."""
        rng = self.rng
        if basis in (Basis.SILENT, Basis.EQUIVALENT):
            basis = Basis.PARTIAL
        concept = self._product()
        frames = phrases.FRAMES["thing"]
        claim = rng.choice(frames[self.claim_lang]["claim"])
        uses = self._by_kind.get("use") or [made_up(rng, "use")]
        use, other_use = rng.choice(uses), rng.choice(uses)
        rival = self.names.rival(concept)
        x = self.names.surface(concept, self.claim_lang)
        with_use = "{use_" in claim
        gap = " " if self.product_lang == "en" else rng.choice(("용 ", " "))
        said = self.names.surface(use, self.product_lang).removesuffix("용") + gap
        wrong_use = with_use and use is not other_use and rng.random() < 0.3
        slots = {
            "x": x,
            "s": self.names.same(concept, x),
            "y": self.names.surface(concept if wrong_use else rival, self.product_lang, x if wrong_use else ""),
            "us": said if with_use or rng.random() < 0.2 else "",
            "uo": self.names.surface(other_use, self.product_lang).removesuffix("용") + gap
            if wrong_use or rng.random() < 0.2
            else said
            if with_use
            else "",
            "use_ko": self.names.surface(use, "ko").removesuffix("용"),
            "use_en": self.names.surface(use, "en"),
        }
        sentence = rng.choice(frames[self.product_lang][basis.value])
        return Piece(self._fill(claim, slots), self._fill(sentence, slots), basis, x, thing=True)

    def _product(self) -> Concept:
        """A product, one with species of its own more often than chance would have it."""
        products = self._by_kind.get("product", [])
        genera = [c for c in products if self.glossary.children.get(c.id)]
        if genera and self.rng.random() < GENUS_THINGS:
            return self.rng.choice(genera)
        return self.names.concept("product") if products else made_up(self.rng, "component")

    def _thing_prose(self, basis: Basis) -> Piece:
        """The thing claimed, from the frame bank."""
        frame = self.rng.choice(self.domain.things)
        if basis in (Basis.SILENT, Basis.EQUIVALENT):
            basis = Basis.PARTIAL
        slots = self.names.slots(self.names.concept("component"), None)
        claim = self._fill(self.rng.choice(frame.words(self.claim_lang).claim), slots)
        sentence = self._fill(self.rng.choice(frame.words(self.product_lang).of(basis.value)), slots)
        return Piece(claim, sentence, basis, claim, thing=True)

    # text

    def _fill(self, frame: str, slots: dict[str, str]) -> str:
        """Fill a frame; a slot of a product sentence is taken in the product's language where it has one."""
        values = dict(slots)
        if "«" in frame:
            values |= {name[:-1]: text for name, text in slots.items() if name.endswith("@")}
            predicates = phrases.PREDICATES[self.register]
            values |= {name: self.rng.choice(options) for name, options in predicates.items()}
        return josa(frame.format_map(values))

    def _assemble(self, pieces: list[Piece]) -> Case | None:
        rng = self.rng
        elements = tuple(p.element for p in pieces)
        if len(set(elements)) < len(elements):
            return None
        closed = any(p.closed for p in pieces)  # then nothing else may be said to be in it
        lines = answering(rng, pieces, self.product_lang, None if closed else self._bystander)
        lines += [(p.beside, ()) for p in pieces if p.beside]
        lines += [(self._irrelevant(closed), ()) for _ in range(rng.randint(0, self.stage.noise))]
        if rng.random() < self.stage.orders:
            order = rng.choice(phrases.ORDERS[self.product_lang])
            lines.append((order.format(level=rng.choice(list(RiskLevel)), match=rng.choice(list(Match))), ()))
        rng.shuffle(lines)
        bullet = rng.choice(("- ", "", "· ")) if self.register == "note" or rng.random() < 0.15 else None
        product, quotes = written(rng, lines, len(pieces), bullet)
        if not product or any(len(q) > QUOTE_CHARS or product.count(q) == 0 for q in quotes if q):
            return None
        rows = tuple(
            Comparison(patent_element=p.element, user_product_element=q or None, match=p.basis.match)
            for p, q in zip(pieces, quotes, strict=True)
        )
        level = roll_up(r.match for r in rows)
        why = reason(rng, pieces, quotes, level, self.claim_lang)
        answer = Judgement(comparisons=rows, decision_reason=why, risk_level=level)
        return Case(product, elements, answer, tuple(p.basis for p in pieces))

    def _bystander(self) -> str:
        """A thing that stands in a list beside those claimed."""
        return self.names.surface(self.names.concept("ingredient", "material"), self.product_lang)

    def _irrelevant(self, plain: bool) -> str:
        """A sentence that answers no element; unless `plain`, it may name other things the product has."""
        rng = self.rng
        slots = {"n": str(rng.randint(1, 9)), "c": rng.choice(phrases.COLOURS[self.product_lang])}
        if plain or rng.random() < 0.4:
            return rng.choice(rng.choice(irrelevant()).words(self.product_lang).literal).format_map(slots)
        frame = draw(rng, self.domain)
        if rng.random() < 0.4 and frame not in self._used:
            self._used.add(frame)
            kind = "component" if frame.kind == "none" else frame.kind
            other = self.names.slots(self.names.concept(kind, field=frame.field), frame.unit)
            sentence, _ = self.topical(self._fill(rng.choice(frame.words(self.product_lang).literal), other))
            return sentence.replace("«", "").replace("»", "")
        for name in ("d", "d2"):
            slots[name] = self.names.surface(
                self.names.concept("ingredient", "material", "component"), self.product_lang
            )
        return josa(rng.choice(phrases.IRRELEVANT[self.product_lang]).format_map(slots))
