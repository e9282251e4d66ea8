"""A report as Markdown (CommonMark with GitHub's tables), pictures beside it."""

from collections.abc import Sequence
from typing import assert_never

from bini.domain.charts.markdown import inline, table
from bini.evaluation.report.blocks import Block, Bullets, Cell, Heading, Headline, Picture, Table, Text, shown


def to_markdown(blocks: Sequence[Block]) -> str:
    """The blocks as one text. What users wrote stands behind a label or in a cell, never at the start of a line."""
    return "\n\n".join(map(_block, blocks)) + "\n"


def _block(block: Block) -> str:
    match block:
        case Heading():
            return f"{'#' * block.level} {_line(block.text)}"
        case Text():
            return _text(block)
        case Bullets():
            return "\n".join(f"- {inline(item)}" for item in block.items)
        case Headline():
            figures = [
                f"**{inline(figure.value)}** {inline(figure.interval)}".rstrip() for figure in block.figures.values()
            ]
            return f"**{_line(block.system)}** on {inline(block.about)}\n\n" + table(list(block.figures), [figures])
        case Table():
            return table([_cell(cell) for cell in block.header], [[_cell(cell) for cell in row] for row in block.rows])
        case Picture():
            return f"![{inline(block.caption)}]({block.file})"
    assert_never(block)


def _text(block: Text) -> str:
    marks = {"plain": "", "note": "*", "warning": "**"}[block.tone]
    return f"{marks}{inline(block.text)}{marks}"


def _line(text: str) -> str:
    return inline(" ".join(text.split()))


def _cell(cell: Cell) -> str:
    return inline(shown(cell))
