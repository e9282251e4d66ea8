"""The same words with other white space between them."""

import random
import re

_SPACES = re.compile(r"(?<=\S)[ \t]+(?=\S)")
_OTHERS = ("  ", "\u00a0", "\t")
_SHARE = 0.3
"""Share of the spaces that are changed; one at least."""


def respace(text: str, seed: int) -> str | None:
    """`text` with some of its spaces doubled or replaced by a tab or a no-break space, or None where it has none."""
    rng = random.Random(f"{seed} {text}")
    places = list(_SPACES.finditer(text))
    if not places:
        return None
    chosen = {place.start() for place in rng.sample(places, max(1, round(_SHARE * len(places))))}

    def other(match: re.Match[str]) -> str:
        return rng.choice([o for o in _OTHERS if o != match[0]]) if match.start() in chosen else match[0]

    return _SPACES.sub(other, text)
