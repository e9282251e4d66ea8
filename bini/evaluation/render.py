"""Scores -> a report, its data and its pictures. Needs no model and no predictions."""

from pathlib import Path

from bini.evaluation.report.html import to_html
from bini.evaluation.report.markdown import to_markdown
from bini.evaluation.report.pictures import draw
from bini.evaluation.report.sections import CONFUSION, CONFUSION_SEEN, RELIABILITY, RISK_COVERAGE, SLICES, sections
from bini.evaluation.results import Scores
from bini.files import write_bytes

PICTURES = (CONFUSION, CONFUSION_SEEN, RELIABILITY, RISK_COVERAGE, SLICES)


def render(scores: Scores, title: str, out: Path, notes: list[str]) -> list[Path]:
    """Write the report of some scores; the same arguments give the same bytes.

    Every file is made in memory first and then put in place by a rename, so that neither a
    failure nor a killed process leaves half a file. A picture of an earlier report that this one
    does not have is removed.

    Parameters
    ----------
    scores
        From `bini.evaluation.score.score_all`, or read back from a results.json.
    title
        Heading of the report, one line.
    out
        Folder to write into; made if it is missing.
    notes
        What ran, on which data, one line each.

    Returns
    -------
    list of Path
        What was written: results.json, report.md, report.html and those of `PICTURES` that there is something for.

    Raises
    ------
    OSError
        If `out` cannot be written.
    """
    pictures = draw(scores)
    blocks = sections(scores, title, notes)
    files = {
        "results.json": (scores.model_dump_json(indent=2) + "\n").encode(),
        "report.md": to_markdown(blocks).encode(),
        "report.html": to_html(title, blocks, pictures).encode(),
        **pictures,
    }
    for name, content in files.items():
        write_bytes(out / name, content)
    for name in PICTURES:
        if name not in files:
            (out / name).unlink(missing_ok=True)
    return [out / name for name in files]
