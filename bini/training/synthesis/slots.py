"""What goes into the slots of a frame: names of things, in the claim's and the product's language."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bini.domain.glossary import Concept, Glossary
from bini.training.synthesis import phrases
from bini.training.synthesis.names import made_up, near_miss
from bini.training.synthesis.quantities import quantity


@dataclass(frozen=True)
class Namer:
    """Draws things and names them.

    Parameters
    ----------
    glossary
        Known concepts; `by_kind` holds the same by kind.
    rng
        Source of chance.
    share_made_up
        Share of names that are made up.
    claim_lang, product_lang
        "ko" or "en".
    """

    glossary: Glossary
    by_kind: Mapping[str, Sequence[Concept]]
    rng: random.Random
    share_made_up: float
    claim_lang: str
    product_lang: str

    def concept(self, *kinds: str, field: str | None = None) -> Concept:
        """A thing of one of `kinds`, from the glossary (of `field`, if it has any there) or made up."""
        kind = self.rng.choice(kinds)
        known = self.by_kind.get(kind, [])
        known = [c for c in known if c.field == field] or known
        if known and self.rng.random() >= self.share_made_up:
            return self.rng.choice(known)
        return made_up(self.rng, kind)

    def surface(self, concept: Concept, language: str, avoid: str = "") -> str:
        """A name of the same thing, another one than `avoid` more often than not."""
        names = [n for n in concept.names(language) if n]
        if not concept.field and self.rng.random() < 0.2:  # made up: Latin name in Korean text and back
            names.append(concept.en if language == "ko" else concept.ko)
        others = [n for n in names if n != avoid]
        if avoid in names and (not others or self.rng.random() < 0.4):
            return avoid
        return self.rng.choice(others or names)

    def same(self, concept: Concept, avoid: str) -> str:
        """The product's name of `concept` or of a species of it."""
        species = self.glossary.children.get(concept.id, [])
        if species and self.rng.random() < 0.5:
            concept = self.rng.choice(species)
        return self.surface(concept, self.product_lang, avoid)

    def rival(self, concept: Concept) -> Concept:
        """Another thing that could stand in the place of `concept`: neither the same nor its genus or species."""
        while True:
            rivals = self.glossary.rivals(concept) if concept.field else []
            if rivals and self.rng.random() < 0.7:
                rival = self.rng.choice(rivals)
            elif not concept.field and self.rng.random() < 0.35:
                rival = near_miss(self.rng, concept)
            else:
                rival = self.concept(concept.kind)
            if not self.glossary.akin(concept, rival):
                return rival

    def _broader(self, concept: Concept) -> str:
        genus = self.glossary.concepts.get(concept.genus)
        if genus and self.rng.random() < 0.7:
            return self.surface(genus, self.product_lang)
        return self.rng.choice(phrases.VAGUE[self.product_lang])

    def slots(self, concept: Concept, unit: str | None) -> dict[str, str]:
        """Every slot of an element about `concept`; `unit` says which quantity it claims, any if None.

        A slot whose name ends in @ is the product's word for the slot of the claim without it.
        """
        rng = self.rng
        x = self.surface(concept, self.claim_lang)
        claim_abbr = concept.abbr and not concept.field and rng.random() < 0.5
        rival, function = self.rival(concept), self.concept("function") if "function" in self.by_kind else concept
        if not function.field and self.by_kind.get("function"):
            function = rng.choice(self.by_kind["function"])
        parts = [self.concept("component") for _ in range(3)]
        process = rng.choice(self.by_kind.get("process") or [made_up(rng, "process")])
        role = rng.randrange(len(phrases.ROLES["ko"]))
        slots = {
            "x": f"{x}({concept.abbr[0]})" if claim_abbr and x not in concept.abbr else x,
            "s": self.same(concept, x),
            "xp": x if self.product_lang == self.claim_lang else self.surface(concept, self.product_lang),
            "y": self.surface(rival, self.product_lang),
            "g": self._broader(concept),
            "d": self.surface(self.concept(concept.kind), self.product_lang),
            "d2": self.surface(self.concept("ingredient", "material", "component"), self.product_lang),
            "fo": self.surface(self._other_function(function), self.product_lang),
            "po": self.surface(self.rival(process), self.product_lang),
        }
        for name, thing in (("part", parts[0]), ("a", parts[1]), ("b", parts[2]), ("f", function), ("p", process)):
            slots[name] = self.surface(thing, self.claim_lang)
            slots[f"{name}@"] = (
                slots[name] if self.claim_lang == self.product_lang else self.surface(thing, self.product_lang)
            )
        slots["fs"] = self.surface(function, self.product_lang, slots["f"])
        for side, language in (("", self.claim_lang), ("@", self.product_lang)):
            slots[f"role{side}"] = phrases.ROLES[language][role]
        m1, m2 = self.rival(concept), self.rival(concept)
        for name, thing in (("m1", m1), ("m2", m2)):
            slots[name] = self.surface(thing, self.claim_lang)
            slots[f"{name}@"] = self.surface(thing, self.product_lang, slots[name])
        slots |= quantity(rng, unit, self.claim_lang, self.product_lang)
        here, there = rng.sample(range(6), 2)
        slots["pos"] = phrases.POSITIONS[self.claim_lang][here]
        slots["pos@"] = phrases.POSITIONS[self.product_lang][here]
        slots["opposite"] = phrases.POSITIONS[self.product_lang][here ^ 1 if rng.random() < 0.6 else there]
        return slots

    def _other_function(self, function: Concept) -> Concept:
        return self.rng.choice([c for c in self.by_kind.get("function", [function]) if c is not function] or [function])


def distinct(slots: dict[str, str]) -> bool:
    """Whether the names that must differ do."""
    return len({slots["x"], slots["m1"], slots["m2"]}) == 3 and slots["y"] not in (
        slots["x"],
        slots["xp"],
        slots["s"],
    )
