"""How often the alarms of `bini monitor` are false and what they find: simulated streams, windows of real predictions.

    python eval/experiments/monitor_alarms.py [--trials 10000] [--seed 0]

Independent requests are drawn from stated shares. In a stream of real requests many share a claim and are not
independent; for that, whole patents are drawn from predictions on disk. Nothing is asked of a model. The figures, and
what was decided, are in docs/decisions.md.
"""

import argparse
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from bini.domain.labels import RiskLevel
from bini.domain.monitoring.alarms import AlarmName, alarms
from bini.domain.monitoring.record import LogRecord
from bini.domain.monitoring.windows import Reference, window
from bini.domain.schema import Ground
from bini.domain.shares import level_shares, stability_index
from bini.evaluation.prediction import Prediction, read_predictions

PREDICTIONS = Path("eval/reference/binibench_test/predictions")
SYSTEMS = ("bini-nano-bini-nano-lora", "bini-nano-untuned", "bini-nano-4x-untuned")
LEVELS = list(RiskLevel)
Shares = Sequence[float]


def record(level: RiskLevel, review: bool = False, probabilities: dict[RiskLevel, float] | None = None) -> LogRecord:
    """A record of an answer, sure of its level where no probabilities are given."""
    return LogRecord(
        at=datetime(2026, 1, 1, tzinfo=UTC),
        model="m",
        adapter=None,
        level=level,
        rule_level=level,
        probabilities=probabilities or {other: float(other is level) for other in LEVELS},
        grounds=(Ground.NUMBERS,) if review else (),
        product_chars=1,
        korean=1,
    )


ANY = window([record(level) for level in LEVELS], len(LEVELS))
"""A window to put other figures in: the simulations need only those that an alarm reads."""


def raised(levels: Sequence[RiskLevel], reference: Reference) -> set[AlarmName]:
    """The alarms of a window of these levels, every answer sure of its own."""
    counts = Counter(levels)
    seen = replace(
        ANY,
        asked=len(levels),
        answers=len(levels),
        levels={level: counts[level] / len(levels) for level in LEVELS},
        spread=0.0 if len(counts) == 1 else 0.5,
        drift=stability_index(level_shares(levels), reference.shares),
    )
    return {alarm.name for alarm in alarms(seen, (), reference)}


def of_counts(counts: Iterable[int]) -> list[RiskLevel]:
    """Levels by their counts, riskiest first."""
    return [level for level, count in zip(LEVELS, counts, strict=True) for _ in range(count)]


def reference_of(levels: Sequence[RiskLevel]) -> Reference:
    """A reference of these answers."""
    return Reference(level_shares(levels), len(levels))


def drift_rate(rng: np.random.Generator, usual: Shares, now: Shares, size: int, known: int, trials: int) -> float:
    """Share of windows of `size` that raise drift, against references of `known` answers drawn from `usual`."""
    references = rng.multinomial(known, usual, trials)
    windows = rng.multinomial(size, now, trials)
    return sum(
        AlarmName.DRIFT in raised(of_counts(w), reference_of(of_counts(r)))
        for w, r in zip(windows, references, strict=True)
    ) / float(trials)


def clustered_rates(rng: np.random.Generator, rows: Sequence[Prediction], trials: int) -> tuple[float, float]:
    """Share of windows of ten whole patents that raise drift and degenerate, against the other half of the patents."""
    by_patent: dict[str, list[RiskLevel]] = {}
    for row in rows:
        if row.level:
            by_patent.setdefault(row.patent, []).append(row.level)
    patents, found = list(by_patent.values()), Counter[AlarmName]()
    for _ in range(trials):
        order = rng.permutation(len(patents))
        half = len(patents) // 2
        reference = reference_of([level for n in order[:half] for level in patents[n]])
        found.update(raised([level for n in rng.choice(order[half:], 10) for level in patents[n]], reference))
    return found[AlarmName.DRIFT] / trials, found[AlarmName.DEGENERATE] / trials


def review_rate(rng: np.random.Generator, usual: float, now: float, size: int, known: int, trials: int) -> float:
    """Share of windows of `size` that raise the alarm of reviews, after `known` answers at the usual rate."""
    calm, odd = record(LEVELS[0]), record(LEVELS[0], review=True)
    found = 0
    for here, before in zip(rng.binomial(size, now, trials), rng.binomial(known, usual, trials), strict=True):
        seen = replace(ANY, asked=size, answers=size, spread=0.5, review=here / size)
        past = [odd] * before + [calm] * (known - before)
        found += any(alarm.name is AlarmName.REVIEW for alarm in alarms(seen, past))
    return found / trials


def moved(shares: Shares, points: float) -> list[float]:
    """Shares with some moved from the commonest level to the rarest."""
    made = list(shares)
    made[int(np.argmax(shares))] -= points
    made[int(np.argmin(shares))] += points
    return made


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table in Markdown."""
    for row in (header, ["---"] * len(header), *rows):
        print("|", " | ".join(f"{cell:.2%}" if isinstance(cell, float) else str(cell) for cell in row), "|")
    print()


def main() -> None:
    """Print every figure."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--trials", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    rng, trials = np.random.default_rng(given.seed), given.trials
    systems = {name: read_predictions(PREDICTIONS / f"{name}.jsonl") for name in SYSTEMS}
    own = {
        name: [sum(r.level is level for r in rows) / len(rows) for level in LEVELS] for name, rows in systems.items()
    }
    nano = own[SYSTEMS[0]]

    print("## Drift, nothing changed, independent requests: false alarms a window\n")
    shares = {
        SYSTEMS[0]: nano,
        "a third each": [1 / 3] * 3,
        "90, 8, 2 %": [0.9, 0.08, 0.02],
        "99, 1, 0 %": [0.99, 0.01, 0],
    }
    sizes = [(30, 180), (50, 180), (100, 180), (200, 180), (500, 180), (100, 1000)]
    table(
        ["shares", *(f"window {n}, reference {m}" for n, m in sizes)],
        ([name, *(drift_rate(rng, s, s, n, m, trials) for n, m in sizes)] for name, s in shares.items()),
    )
    print("## Nothing changed, whole patents: false alarms a window of ten patents, reference nine others\n")
    table(
        ["predictions", "drift", "degenerate"],
        ([n, *clustered_rates(rng, rows, trials)] for n, rows in systems.items()),
    )
    print("## Drift, shares of the first system moved from the commonest level to the rarest: windows that alarm\n")
    table(
        ["moved", *(f"window {n}, reference {m}" for n, m in sizes)],
        (
            [f"{p} points", *(drift_rate(rng, nano, moved(nano, p / 100), n, m, trials) for n, m in sizes)]
            for p in (10, 20, 30, 40)
        ),
    )
    table(
        ["now", *(f"window {n}, reference {m}" for n, m in sizes)],
        ([name, *(drift_rate(rng, nano, own[name], n, m, trials) for n, m in sizes)] for name in SYSTEMS[1:]),
    )
    print("## Reviews: windows that alarm, by usual rate and rise (window 100, 400 answers before)\n")
    rises = (0, 0.05, 0.1, 0.15, 0.2, 0.3)
    table(
        ["usual rate", *(f"+{rise:.0%}" for rise in rises)],
        ([f"{u:.0%}", *(review_rate(rng, u, u + r, 100, 400, trials) for r in rises)] for u in (0.01, 0.05, 0.2, 0.5)),
    )
    print("## Spread of a level's probability over windows of 100 in the order of the file\n")
    for name, rows in systems.items():
        made = [record(row.level, probabilities=row.probabilities) for row in rows if row.level]
        spreads = [window(made[start : start + 100], 100).spread or 0.0 for start in range(0, len(made) - 99, 10)]
        print(f"{name}: {min(spreads):.3f} to {max(spreads):.3f} ({len(spreads)} windows)")


if __name__ == "__main__":
    main()
