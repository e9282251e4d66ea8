"""The words of a phrase that name something, without what grammar hangs on them."""

import re

_VERB = re.compile(
    "(?:하였습니다|했습니다|되었습니다|됐습니다|시켰습니다|합니다|됩니다|시킵니다|입니다|하였다|했다|한다|되었다|됐다|된다|시켰다|시킨다|"
    "했어요|됐어요|해요|돼요|예요|이에요|하도록|하면서|하고|하며|하여|해서|하는|하면|한|할|함|되도록|되면서|되고|되며|되어|되는|되면|된|될|됨|"
    "시켜|시키는|시키고|시킨|이다|이고|이며|인)$"
)
"""Endings of verbs made of a noun: what is left before them is the noun."""
_OTHER_VERB = re.compile(
    "(?:습니다|니다|어요|아요|네요|죠|요|다|었음|았음|음|으며|며|면서|고|어서|아서|는데|은데|도록)$"
)
_PARTICLE = re.compile(
    "(?:으로써|으로는|에서는|에서도|에서|에는|에도|으로|이며|이나|부터|까지|처럼|보다|마다|에게|은|는|이|가|을|를|에|로|와|과|의|도|만)$"
)
_SMALL = frozenset({
    "a", "after", "all", "also", "an", "and", "are", "as", "at", "be", "been", "before", "but", "by", "can",
    "down", "each", "for", "from", "had", "has", "have", "here", "i", "if", "in", "into", "is", "it", "its",
    "just", "no", "not", "of", "on", "only", "or", "our", "out", "over", "per", "so", "than", "that", "the",
    "their", "them", "then", "there", "these", "they", "this", "those", "to", "under", "up", "was", "we",
    "were", "what", "when", "which", "while", "who", "will", "with", "you", "your",
})  # fmt: skip
"""English words that say nothing of a thing."""


def content_words(phrase: str, language: str) -> list[str]:
    """The words of a phrase that say something, in their order, without particles and endings.

    Parameters
    ----------
    phrase
        A claim element, or a piece of a product text.
    language
        "ko" or "en".
    """
    if language == "en":
        return [w for w in re.findall(r"[\w%°/.\-]*[\w%°]", phrase) if w.lower() not in _SMALL]
    found = []
    for word in re.findall(r"[\w%°℃/.\-]*[\w%°℃]", phrase):
        stem = _VERB.sub("", word)
        if stem == word:
            if _OTHER_VERB.search(word):
                continue
            stem = _PARTICLE.sub("", word) or word
        if len(stem) > 1 or not "가" <= stem <= "힣":
            found.append(stem)
    return found
