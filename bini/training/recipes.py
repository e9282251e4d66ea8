"""What is wrong with a recipe's file, told in one line."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml
from pydantic import ValidationError

from bini.errors import DataError


@contextmanager
def reading(path: Path, example: str) -> Iterator[None]:
    """What goes wrong while a recipe is read, as an error of its file.

    Parameters
    ----------
    path
        YAML file.
    example
        A recipe of the kind, for the hint.

    Raises
    ------
    DataError
        If the file cannot be read, is not YAML, or a key of it is unknown, missing, of the wrong type or out of range.
    """
    try:
        yield
    except OSError as error:
        raise DataError(f"recipe {path} cannot be read ({error.strerror})", "recipes lie under training/") from error
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise DataError(f"recipe {path}, {field}: {first['msg']}", f"see {example}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise DataError(f"recipe {path} is not valid YAML in UTF-8", f"see {example}") from error
