"""Where the files lie that the default commands need: in a checkout, or bundled into an installed wheel."""

from pathlib import Path

from bini.errors import DataError

SOURCE = "data/raw/seeds/seed_cases.json"
BENCH_ROWS = "data/processed/binibench_{split}.jsonl"
TRAINING = (SOURCE, BENCH_ROWS.format(split="train"))
"""What an adapter is trained on, and examples are drawn from, when nothing else is said."""
RANKING = "eval/ranking"
"""The ranking suite; its claims are never trained on either."""

_PACKAGE = Path(__file__).parent


def resource(path: str) -> Path:
    """The file or folder at `path` of the repository, e.g. "data/glossary".

    Raises
    ------
    DataError
        If neither the checkout nor the installed package has it.
    """
    for root in (_PACKAGE.parent, _PACKAGE / "bundled"):
        if (root / path).exists():
            return root / path
    raise DataError(
        f"{path} is missing from this installation", "reinstall bini, or run it from a clone of the repository"
    )
