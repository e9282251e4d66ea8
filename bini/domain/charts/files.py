"""Claim charts as files; the suffix of a file's name chooses its form."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from bini.domain.charts.content import Charted
from bini.domain.charts.docx import to_docx
from bini.domain.charts.html import to_html
from bini.domain.charts.markdown import to_markdown
from bini.domain.charts.xlsx import to_xlsx
from bini.domain.patents import PatentAssessment
from bini.errors import InputError
from bini.files import write_bytes

Form = Callable[[Charted, str], str | bytes]
AnyForm = TypeVar("AnyForm")


def _to_json(charted: Charted, _lang: str) -> str:
    """The judgements of cases alone, one a line; of a patent everything. JSON stays Korean."""
    rows = [charted] if isinstance(charted, PatentAssessment) else charted
    return "".join(f"{row.to_json()}\n" for row in rows)


FORMS: dict[str, Form] = {
    ".md": to_markdown,
    ".html": to_html,
    ".docx": to_docx,
    ".xlsx": to_xlsx,
    ".json": _to_json,
}


def form_of(path: Path) -> Form:
    """The form of a chart that a file's suffix stands for; raises as `chosen_form`."""
    return chosen_form(FORMS, path, "chart")


def chosen_form(forms: Mapping[str, AnyForm], path: Path, what: str) -> AnyForm:
    """The form that a file's suffix, in capitals or not, stands for.

    Raises
    ------
    InputError
        If no form has this suffix.
    """
    try:
        return forms[path.suffix.lower()]
    except KeyError:
        raise InputError(
            f"{path}: no {what} is written with the suffix {path.suffix!r}", f"use one of {' '.join(forms)}"
        ) from None


def write_charts(path: Path, charted: Charted, lang: str) -> None:
    """Write claim charts whole or not at all.

    Parameters
    ----------
    path
        The file; its suffix chooses the form, missing folders are made.
    charted
        Assessments, numbered in this order, or a patent's.
    lang
        "ko" or "en": the language of headings and labels; JSON stays Korean.

    Raises
    ------
    InputError
        If no form has this suffix.
    """
    content = form_of(path)(charted, lang)
    write_bytes(path, content.encode() if isinstance(content, str) else content)
