"""What a model must beat: judgements without one, by counting words.

Each baseline learns what it can from labelled training cases (a threshold, the weights of words) and answers others in
the form of predictions, so that it is scored like any system. None of them quotes.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import combinations, permutations

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer

from bini.domain.cases import Case
from bini.domain.glossary import Glossary
from bini.domain.labels import Match, RiskLevel, roll_up
from bini.domain.schema import Comparison
from bini.evaluation.prediction import Prediction, question

Pair = tuple[str, str]
"""A claim, or an element of it, and a product."""

Share = Callable[[str, str], float]
"""Of an element and a product text: how much of the element the product says, 0 to 1."""


def baselines(train: Sequence[Case], cases: Sequence[Case], glossary: Glossary) -> dict[str, list[Prediction]]:
    """The predictions of every baseline on `cases`, by name.

    Parameters
    ----------
    train
        Labelled cases to learn from; they should share no patent with `cases`.
    cases
        Cases to answer.
    glossary
        Names of the same thing, for the overlap by concepts.
    """
    names = _ConceptNames(glossary)
    return {
        "majority": _majority(train, cases),
        "word overlap + rule": _overlap(train, cases, word_share),
        "glossary overlap + rule": _overlap(train, cases, names.share),
        "character TF-IDF + logistic regression": classified(train, cases, _ngrams),
    }


def word_share(element: str, product: str) -> float:
    """Share of the element's character pairs that the product has as well; pairs do not cross white space.

    Pairs, because Korean particles hang on words: 시트를 and 시트가 share 시트.
    """
    wanted = _pairs(element)
    return len(wanted & _pairs(product)) / len(wanted) if wanted else 0.0


def _pairs(text: str) -> set[str]:
    return {word[i : i + 2] for word in text.lower().split() for i in range(max(1, len(word) - 1))}


class _ConceptNames:
    """Overlap in which every name of a concept, or of a species of it, counts as the name the element uses."""

    def __init__(self, glossary: Glossary) -> None:
        self._names = {
            concept.id: tuple(n.lower() for n in concept.names("ko") + concept.names("en") if len(n) > 1)
            for concept in glossary.concepts.values()
        }
        self._below = {genus: [c.id for c in found] for genus, found in glossary.children.items()}

    def share(self, element: str, product: str) -> float:
        """As `word_share`, where a concept found in both counts as wholly said."""
        wanted, product, element = _pairs(element), product.lower(), element.lower()
        said = wanted & _pairs(product)
        for concept, names in self._names.items():
            own = max((n for n in names if n in element), key=len, default="")
            if own and any(n in product for n in self._line(concept)):
                said |= wanted & _pairs(own)
        return len(said) / len(wanted) if wanted else 0.0

    def _line(self, concept: str) -> Iterable[str]:
        yield from self._names[concept]
        for species in self._below.get(concept, ()):
            yield from self._names[species]


def _majority(train: Sequence[Case], cases: Sequence[Case]) -> list[Prediction]:
    level = Counter(case.label.level for case in train).most_common(1)[0][0]
    match = Counter(row.match for case in train for row in case.label.comparisons).most_common(1)[0][0]
    return [_prediction(case, [match] * len(case.elements), level) for case in cases]


def _overlap(train: Sequence[Case], cases: Sequence[Case], share: Share) -> list[Prediction]:
    """Two thresholds on an element's share part 대응, 판단불가 and 미대응; those that do best on `train` are taken.

    Every order of the three labels is tried: in honest cases a product that repeats the claim's words is not more often
    a match than one that does not.
    """
    shares = [[share(element, case.user_query) for element in case.elements] for case in train]
    gold = [case.label.level for case in train]
    grid = np.linspace(0, 1, 11)[1:]
    orders = list(permutations(Match))

    def judge(value: float, low: float, high: float, order: tuple[Match, ...]) -> Match:
        return order[(value >= low) + (value >= high)]

    def right(low: float, high: float, order: tuple[Match, ...]) -> int:
        rolled = (roll_up(judge(v, low, high, order) for v in row) for row in shares)
        return sum(level is level_gold for level, level_gold in zip(rolled, gold, strict=True))

    pairs = [(float(low), float(high)) for low, high in combinations(grid, 2)]
    low, high, order = max(((*pair, order) for pair in pairs for order in orders), key=lambda chosen: right(*chosen))
    made = []
    for case in cases:
        matches = [judge(share(element, case.user_query), low, high, order) for element in case.elements]
        made.append(_prediction(case, matches, roll_up(matches)))
    return made


def classified(train: Sequence[Case], cases: Sequence[Case], features: Callable[[], BaseEstimator]) -> list[Prediction]:
    """Predict by two logistic regressions: on claim and product for the level, on element and product for a match.

    Parameters
    ----------
    train
        Labelled cases to learn from.
    cases
        Cases to answer.
    features
        Makes a transformer of text pairs, as scikit-learn has them; each of the two gets one of its own.
    """
    levels = _fit(features(), [_whole(case) for case in train], [case.label.level.value for case in train])
    rows = [row for case in train for row in zip(_parts(case), case.label.comparisons, strict=True)]
    matches = _fit(features(), [pair for pair, _ in rows], [row.match.value for _, row in rows])
    return [
        _prediction(
            case,
            [Match(match) for match in matches.predict(_parts(case))],
            RiskLevel(levels.predict([_whole(case)])[0]),
        )
        for case in cases
    ]


def _fit(features: BaseEstimator, pairs: Sequence[Pair], labels: Sequence[str]) -> Pipeline:
    return make_pipeline(features, LogisticRegression(max_iter=2000, C=10.0)).fit(pairs, labels)


def _ngrams() -> Pipeline:
    """Character n-grams of both texts, no matter of which."""
    return make_pipeline(
        FunctionTransformer(_joined),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4), sublinear_tf=True, min_df=2),
    )


def _joined(pairs: Sequence[Pair]) -> list[str]:
    return ["\n".join(pair) for pair in pairs]


def _whole(case: Case) -> Pair:
    return case.claim_text, case.user_query


def _parts(case: Case) -> list[Pair]:
    return [(element, case.user_query) for element in case.elements]


def _prediction(case: Case, matches: Sequence[Match], level: RiskLevel) -> Prediction:
    return Prediction(
        **question(case),
        level=level,
        comparisons=tuple(
            Comparison(patent_element=element, user_product_element=None, match=match)
            for element, match in zip(case.elements, matches, strict=True)
        ),
        rule_level=roll_up(matches),
        probabilities={},
        valid_free=None,
        valid_constrained=True,
        trained_on=False,
        seconds=0.0,
        model_calls=0,
    )
