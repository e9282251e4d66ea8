"""Things called by another name of the glossary's."""

import random
import re
from collections import Counter

from bini.domain.glossary import Glossary
from bini.domain.korean import PARTICLE, with_particle

_KINDS = frozenset({"component", "ingredient", "material"})
"""Things. A process, a function or a use is said in verbs as well, which no name replaces."""

_SHORTEST = {"ko": 3, "en": 8}
"""Letters of the shortest names that are looked for: shorter ones stand for too many things (구리, yarn, film)."""

_CLAUSE = re.compile(r"[을를]\s")

# A name must be a noun phrase of its own: polyethylene glycol is no polyethylene, and neither is modified polyethylene.
_KOREAN = rf"""
    (?P<before> \A | [,.;:()\[\]/\n·]\s? | [는은한된의을를과와로인에고며및도할진]\s | 에서\s )
    (?P<name> {{name}} )
    (?: (?P<particle>{PARTICLE}) | (?=\s*(?:[,.;)\]/\n]|\Z)) )
"""
_ENGLISH = r"""
    (?P<before> \A | [,.;:()\[\]/\n]\s? | \b(?:an?|the|of|and|or|with|from|in|on|to|by|for|is|are)\s )
    (?P<name> {name} )
    (?P<particle>)
    (?= \s*(?:[,.;)\]/\n]|\Z)
      | \s(?:and|or|is|are|was|were|of|in|on|with|to|for|from|that|which|at|by|as|has|have|having|between)\b )
"""


def rename(text: str, seed: int, glossary: Glossary) -> str | None:
    """`text` with one thing called by another name of its language throughout, or None where it names none.

    A name stands by itself in the text: it ends its noun phrase, and no longer name that stands there holds it.
    Abbreviations and names that two concepts share mean too much to be exchanged.
    """
    rng = random.Random(f"{seed} {text}")
    names = _names(glossary, text)
    longest = [name for name in names if not any(name != other and name in other for other in names)]
    places = {name: found for name in longest if names[name] and (found := _places(name)).search(text)}
    if not places:
        return None
    name = rng.choice(list(places))
    other = rng.choice(names[name])

    def exchanged(match: re.Match[str]) -> str:
        put = other[0].upper() + other[1:] if match["name"][0].isupper() and name[0].islower() else other
        return match["before"] + (with_particle(put, match["particle"]) if match["particle"] else put)

    return places[name].sub(exchanged, text)


def _names(glossary: Glossary, text: str) -> dict[str, list[str]]:
    """The glossary's names whose letters stand in a text, each with the other names it could be exchanged for."""
    lower = text.lower()
    concepts = glossary.concepts.values()
    every = (name for c in concepts for name in {n.lower() for n in c.names("ko") + c.names("en")})
    shared = {name for name, count in Counter(every).items() if count > 1}
    found: dict[str, list[str]] = {}
    for concept in (c for c in concepts if c.kind in _KINDS):
        for language, own in (("ko", (concept.ko, *concept.ko_syn)), ("en", (concept.en, *concept.en_syn))):
            usable = [n for n in own if len(n) >= _SHORTEST[language] and n.lower() not in shared]
            others = [n for n in usable if n.lower() not in lower and not _CLAUSE.search(n)]
            for name in usable:
                if name.lower() in lower:
                    found[name] = [n for n in others if language == "ko" or _same_article(n, name)]
    return found


def _same_article(one: str, other: str) -> bool:
    """Whether a and an stand before both or neither."""
    return (one[0] in "aeiouAEIOU") == (other[0] in "aeiouAEIOU")


def _places(name: str) -> re.Pattern[str]:
    """Where a name stands by itself in a text, with the Korean particle that hangs on it."""
    pattern = _KOREAN if re.search("[가-힣]", name) else _ENGLISH
    return re.compile(pattern.format(name=re.escape(name)), re.IGNORECASE | re.VERBOSE)
