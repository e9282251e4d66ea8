"""Errors that are the user's to fix: one clear line and one hint."""


class BiniError(Exception):
    """Base of every error that Bini raises on purpose.

    Parameters
    ----------
    message
        What went wrong, in one line, naming the file, field or value.
    hint
        What to do about it.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class InputError(BiniError):
    """The product, the claim or an option cannot be used as given."""


class DataError(BiniError):
    """A data file holds a row that breaks the case format."""


class ModelError(BiniError):
    """A model is missing, unreachable or not what it says it is."""


class AdapterError(BiniError):
    """An adapter is missing, broken or made for another base model."""
