"""What the model could have written at each match of an answer: the base of every probability that Bini shows."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bini.errors import ModelError

FEW = 256
"""Steps with at most this many allowed tokens may be a choice between labels, and are remembered."""

LABEL_STARTS = re.compile(rb'"match": "')


@dataclass(frozen=True)
class Choice:
    """What the model could have written at one label, and how probable each way to go on was.

    Parameters
    ----------
    continuations
        Beginnings of the label and what follows, in bytes, none of which contains another's way.
    probabilities
        The model's probability of each, among what the grammar allows.
    """

    continuations: tuple[bytes, ...]
    probabilities: tuple[float, ...]

    def over(self, labels: Sequence[str]) -> dict[str, float]:
        """Probability of each label: the mass of the continuations that only it can be, normalised."""
        mass = dict.fromkeys(labels, 0.0)
        for piece, probability in zip(self.continuations, self.probabilities, strict=True):
            fits = [label for label in labels if label.encode().startswith(piece) or piece.startswith(label.encode())]
            if piece and len(fits) == 1:
                mass[fits[0]] += probability
        total = sum(mass.values())
        return {label: value / total for label, value in mass.items()} if total else mass


@dataclass(frozen=True)
class Step:
    """The allowed tokens of one decoding step and their probabilities."""

    allowed: tuple[int, ...]
    probabilities: tuple[float, ...]


def choices(pieces: list[bytes], steps: Sequence[Step | None], to_bytes: Callable[[int], bytes]) -> tuple[Choice, ...]:
    """The choice at each label of an answer, in the order of the labels.

    Parameters
    ----------
    pieces
        The answer's tokens as bytes.
    steps
        For each token, what was allowed in its place; None where that was too much to be a choice.
    to_bytes
        The bytes of a token id.

    Raises
    ------
    ModelError
        If a label was chosen among too many tokens.
    """
    return tuple(_choice(found.end(), pieces, steps, to_bytes) for found in LABEL_STARTS.finditer(b"".join(pieces)))


def _choice(start: int, pieces: list[bytes], steps: Sequence[Step | None], to_bytes: Callable[[int], bytes]) -> Choice:
    """The steps that wrote the label which begins at byte `start` of the answer, as one choice.

    A label may take several tokens, and labels may share their first bytes: what branches off at each step keeps the
    probability of the way there.
    """
    index = position = 0
    while position + len(pieces[index]) <= start:
        position += len(pieces[index])
        index += 1
    lead = start - position  # bytes of the token that still belong to the text before the label
    before, way = b"", 1.0
    branches: dict[bytes, float] = {}
    while True:
        step = steps[index]
        if step is None:
            raise ModelError("a label was chosen among too many tokens", "please report this tokenizer")
        for token, probability in zip(step.allowed, step.probabilities, strict=True):
            text = before + to_bytes(token)[lead:]
            branches[text] = branches.get(text, 0.0) + way * probability
        before += pieces[index][lead:]
        if b'"' in before or index + 1 == len(pieces):
            return Choice(tuple(branches), tuple(branches.values()))
        way = branches.pop(before)
        index, lead = index + 1, 0
