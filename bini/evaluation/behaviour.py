"""Checks of an adapter that need the model: whether it answers at all, and whether the answers depend on the question.

An adapter can load without a word, write valid JSON for every request, and say the same about all of them. What tells
it from a sound one is not whether its answers are right but whether they differ.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from bini.domain.cases import Case, load_cases
from bini.domain.labels import RiskLevel
from bini.domain.shares import FLAT, LARGE, NARROW, level_shares, spread, stability_index
from bini.errors import DataError
from bini.evaluation.predict import free_running, predict_case
from bini.evaluation.prediction import Prediction
from bini.inference.assessor import Assessor
from bini.inference.prompt import user_message
from bini.models.adapters.effect import check_effect
from bini.models.adapters.report import Check, Status, failures, printable
from bini.models.adapters.static import check_adapter
from bini.models.catalog import ModelPlace
from bini.models.loading import load_tokenizer
from bini.models.text import encode_chat
from bini.resources import resource

CASES = "data/processed/binibench_validation.jsonl"
"""Where the samples are drawn from: labelled cases that nothing is trained on and no result is reported on."""
FEW, MANY = 3, 30

UNSTABLE = 1 / 2
"""Share of levels that may change when the elements are asked in the opposite order, before it is a warning. Honest
adapters of bini-nano changed 4 to 10 of 30."""

TRAINED = ("train.jsonl", "added.jsonl")
"""Files of a run folder with the rows it was trained on."""

RETRAIN = "look at the loss and the training data, and train it again"


def check_all(folder: Path, base: ModelPlace, on_case: Callable[[int, int], None] = lambda *_: None) -> list[Check]:
    """Every check of an adapter: the static ones and, if none of them fails, those that ask the model.

    Parameters
    ----------
    folder
        A run folder.
    base
        The model it is to be loaded on.
    on_case
        Told the cases asked so far, and how many there are.

    Raises
    ------
    BiniError
        If the folder is not there, or the base model does not load.
    """
    checks = check_adapter(folder, base)
    return checks if failures(checks) else [*checks, *_check_behaviour(folder, base, on_case)]


def _check_behaviour(folder: Path, base: ModelPlace, on_case: Callable[[int, int], None]) -> list[Check]:
    cases = sample(load_cases(resource(CASES)), MANY)
    few = cases[:FEW]
    tokenizer = load_tokenizer(base)
    prompts = [encode_chat(tokenizer, user_message(case.user_query, case.elements)) for case in few]
    checks = [check_effect(folder, base, prompts)]
    if failures(checks):
        return checks
    assessor = Assessor(str(base.path), folder)
    done = 0

    def ask(case: Case) -> Prediction:
        nonlocal done
        made = predict_case(assessor, case, valid_free=None, trained_on=False)
        done += 1
        on_case(done, 2 * MANY)
        return made

    made = [ask(case) for case in few]
    checks.append(check_few(made, sum(free_running(assessor, few).values())))
    if failures(checks):
        return checks
    made += [ask(case) for case in cases[FEW:]]
    turned = [ask(reverse(case)) for case in cases]
    return [*checks, *check_many(made, turned, folder)]


def sample(cases: Sequence[Case], count: int) -> list[Case]:
    """`count` cases, of each level in turn, chosen by their digests: the same ones everywhere."""
    levels = [sorted((c for c in cases if c.label.level is level), key=lambda c: c.key) for level in RiskLevel]
    return [case for turn in zip(*levels, strict=False) for case in turn][:count]


def reverse(case: Case) -> Case:
    """The same case with its claim elements in the opposite order: its right level is the same."""
    turned = case.label.model_copy(update={"comparisons": case.label.comparisons[::-1]})
    return case.model_copy(update={"label": turned})


def check_few(made: Sequence[Prediction], free: int) -> Check:
    """A first look at three cases, one of each level, which saves asking thirty where no answer can be read.

    The same answer to all three is a warning only: an honest adapter that is sure of itself and gives one level more
    often than the others does that too. Thirty cases tell.

    Parameters
    ----------
    made
        Constrained answers.
    free
        How many answers without constraint were valid JSON; told, not judged, since small models need the constraint.
    """
    valid, wide = sum(p.valid_constrained for p in made), _spread(made)
    why = f"valid JSON {valid} of {len(made)} constrained, {free} free; spread {wide:.2g}"
    if valid < len(made):
        return Check("three samples", Status.FAIL, why, RETRAIN)
    if wide < FLAT:
        return Check("three samples", Status.WARN, f"{why}: the same answer to each", "see spread and levels below")
    return Check("three samples", Status.PASS, why)


def check_many(made: Sequence[Prediction], turned: Sequence[Prediction], folder: Path) -> list[Check]:
    """What thirty answers, and thirty to the same questions with their elements turned round, say of an adapter."""
    return [_valid([*made, *turned]), _varied(made), _levels(made), _shares(made, folder), _order(made, turned)]


def _valid(made: Sequence[Prediction]) -> Check:
    valid = sum(p.valid_constrained for p in made)
    status = Status.PASS if valid == len(made) else Status.FAIL
    return Check("valid JSON", status, f"{valid} of {len(made)} answers", "" if status is Status.PASS else RETRAIN)


def _varied(made: Sequence[Prediction]) -> Check:
    wide = _spread(made)
    why = f"a level's probability varies by {wide:.2g} over {len(made)} cases (standard deviation)"
    if wide < FLAT:
        return Check("spread", Status.FAIL, f"{why}: it says the same whatever it is asked", RETRAIN)
    if wide < NARROW:
        return Check("spread", Status.WARN, f"{why}: its answers hardly depend on the question", RETRAIN)
    return Check("spread", Status.PASS, why)


def _levels(made: Sequence[Prediction]) -> Check:
    given = Counter(p.level for p in made if p.level)
    why = ", ".join(f"{level} {given[level]}" for level in RiskLevel)
    if len(given) < 2:
        return Check("levels", Status.FAIL, f"{why}: one level for cases of every level", RETRAIN)
    if len(given) < len(RiskLevel):
        return Check("levels", Status.WARN, f"{why}: a level is never given", RETRAIN)
    return Check("levels", Status.PASS, why)


def _shares(made: Sequence[Prediction], folder: Path) -> Check:
    """Levels given against the levels trained on; cases of every level were asked alike, so this is a hint only."""
    try:
        trained = [c.label.level for name in TRAINED if (folder / name).is_file() for c in _cases(folder / name)]
    except DataError as error:
        return Check("level shares", Status.WARN, printable(error.message, 160), "train it again")
    if not trained:
        return Check(
            "level shares", Status.WARN, "the folder does not hold the rows it was trained on", "train it again"
        )
    reference, given = level_shares(trained), level_shares(p.level for p in made if p.level)
    index = stability_index(given, reference)
    shares = ", ".join(f"{level} {given[level]:.0%} (trained on {reference[level]:.0%})" for level in RiskLevel)
    why = f"{shares}; stability index {index:.2f}"
    if index > LARGE:
        return Check("level shares", Status.WARN, f"{why}, over {LARGE}", "look at the confusion matrix: bini eval")
    return Check("level shares", Status.PASS, why)


def _order(made: Sequence[Prediction], turned: Sequence[Prediction]) -> Check:
    changed = sum(one.level is not other.level for one, other in zip(made, turned, strict=True))
    why = f"{changed} of {len(made)} levels change when the elements are asked in the opposite order"
    if changed > UNSTABLE * len(made):
        return Check("order", Status.WARN, why, "train on more cases with elements in various orders")
    return Check("order", Status.PASS, why)


def _spread(made: Sequence[Prediction]) -> float:
    """See `spread`; 0 if no answer is valid."""
    asked = [p.probabilities for p in made if p.probabilities]
    return spread(asked) if asked else 0.0


def _cases(path: Path) -> list[Case]:
    return load_cases(path) if path.stat().st_size else []  # added.jsonl of a recipe that adds nothing
