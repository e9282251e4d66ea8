"""Sentences in another order, where each says what it says wherever it stands."""

import random
import re
from itertools import groupby

_GAP = re.compile(r"(?<=[^\W\d][.!?])(\s+)|(?<=[)\]”’\"'%℃][.!?])(\s+)")
_ABBREVIATION = re.compile(
    r"(?<![A-Za-z])(?:e\.g|i\.e|etc|approx|nos?|figs?|vs|ca|incl|max|min|dr|mr|st|rev)\.\Z", re.I
)
_ITEM = re.compile(r"[-–•·*]\s\S|[^\W\d][^.!?:\n]{0,40}:\s\S")
"""How a line begins that is an item of a list without numbers, or a label with its value."""

_LABEL = re.compile(r"[:：?]|\A\s*(?:[-–•·*※▶■□◦]|\(?(?:\d{1,2}|[가-하a-z])[.)])", re.I)
"""What makes a line no prose: list marks, labels, questions."""

_SUBJECT = re.compile(
    r"(?:[^\s,]+\s+){0,3}?[^\s,]*[가-힣A-Za-z0-9)](?:은|는|이|가|에는|에서는)\s"
    r"|(?:The|An?|Our|Each|Every|All|No)\s[a-z]"
)
"""How a sentence begins that names what it is about."""

_OPENING = re.compile(
    r"그|이(?:것|때|를|는|에|와|처럼|런|렇|러|로써|\s)|저것|여기|거기|또|다만|단,|즉|한편|반면|더불어|아울러|나아가|게다가|뿐만|덕분|대신|결국"
    r"|하지만|따라서|때문에|특히|물론|예컨대|예를"
    r"|(?:and|or|but|so|that|which|because|both|one|two|first|second|third)\b",
    re.I,
)
"""How a sentence begins that goes on with another."""

_POINTER = re.compile(
    r"(?<![가-힣])(?:그것|이것|그중|이중|이\s|그\s|이런|그런|이러|그러|이렇|그렇|이를|그를|여기|거기|해당|상기|전술|앞의|앞에서|위의|아래|다음|나머지"
    r"|모두|전부|각각|서로|동일|같은|같다|같습|같아|마찬가지|역시|또한|외에"
    r"|세 가지|두 가지|네 가지|둘 다)|그\s외|(?<![온속각정농밀점강경습순감용제])도\s"
    r"|\b(?:it|its|this|these|those|they|them|their|he|she|his|her|such|same|too|also|instead|otherwise|then|thus|hence|therefore|however"
    r"|moreover|furthermore|besides|meanwhile|former|latter|following|respectively|rest|remaining|another|here|there)\b"
    r"|\b(?:the|as) (?:above|other|others)\b",
    re.I,
)
"""What points to another sentence."""

_ORDERED = re.compile(
    r"먼저|우선|이후|이전|후에|뒤에|전에|마지막|최종|순서|단계|공정|절차|[한하] (?:뒤|후|다음)|하고 나"
    r"|혼합|교반|가열|냉각|건조|여과|세척|소성|증류|추출|첨가|투입|숙성|발효|살균"
    r"|작년|종전|기존|종래|전작|구형|구제품|타사|경쟁|초기|옛|예전|지난|처음"
    r"|\b(?:next|finally|after|before|later|once|when|until|steps?|stages?|mix\w*|stir\w*|heat\w*|cool\w*|dr(?:y|ied|ying)|filter\w*"
    r"|wash\w*|add(?:ed|ing)?|pour\w*|prior|previous(?:ly)?|earlier|conventional|competi\w+|predecessor|old|last)\b",
    re.I,
)
"""Steps of a procedure, and other products, which the next sentence may go on about."""


def reorder(text: str, seed: int) -> str | None:
    """`text` with its sentences in another order, or None where it bears none.

    Sentences change places inside a paragraph (a line), items and labels inside their list. A paragraph bears it if
    each of its sentences names its subject; both do if nothing points to another sentence, tells a step of a procedure,
    or speaks of another product. Closed lists of words tell that: rather a paragraph too few than one too many.
    """
    rng = random.Random(f"{seed} {text}")
    changed = list[str]()
    for is_list, lines in groupby(text.split("\n"), key=lambda line: bool(_ITEM.match(line))):
        block = list(lines)
        if is_list:
            changed += block if any(map(_bound, block)) else _shuffled(block, rng)
        else:
            changed += [_reordered(line, rng) for line in block]
    made = "\n".join(changed)
    return made if made != text else None


def _reordered(paragraph: str, rng: random.Random) -> str:
    parts = [part for part in _GAP.split(paragraph) if part is not None]
    found, gaps = parts[::2], parts[1::2]
    if _LABEL.search(paragraph) or not all(map(_stands_alone, found)):
        return paragraph
    return "".join(sentence + gap for sentence, gap in zip(_shuffled(found, rng), [*gaps, ""], strict=True))


def _shuffled(found: list[str], rng: random.Random) -> list[str]:
    """In another order, if there is one."""
    order = list(found)
    while order == found and len(set(found)) > 1:
        rng.shuffle(order)
    return order


def _bound(sentence: str) -> bool:
    """Whether what a sentence says depends on its place."""
    return any(pattern.search(sentence) for pattern in (_ABBREVIATION, _POINTER, _ORDERED))


def _stands_alone(sentence: str) -> bool:
    whole = sentence.endswith((".", "!")) and _SUBJECT.match(sentence) and not _OPENING.match(sentence)
    return bool(whole) and not _bound(sentence)
