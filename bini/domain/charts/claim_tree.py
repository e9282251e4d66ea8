"""A claim set as a tree in a terminal: which claim narrows which, and what each holds."""

from rich.markup import escape
from rich.text import Text
from rich.tree import Tree

from bini.domain.charts.content import printable
from bini.domain.claims import Category, Claim, ClaimSet, Element, Openness, Role
from bini.domain.claims.claim_set import parents_first

NESTED_MAX = 6
"""Deepest that claims are drawn under claims; a longer chain goes on at this depth."""

_WORDS: dict[str, dict[str, str]] = {
    "ko": {
        "set": "청구항 {count}개, 독립항: {independent}",
        "claim": "청구항 {number}",
        "cancelled": "삭제",
        "independent": "독립항",
        "dependent": "종속항",
        "cites": "인용: {parents}",
        Category.PRODUCT: "물건",
        Category.METHOD: "방법",
        Category.PRODUCTION: "물건을 생산하는 방법",
        Openness.OPEN: "개방형",
        Openness.UNCLEAR: "개방형인지 불명확",
        Openness.ESSENTIALLY: "반폐쇄형",
        Openness.CLOSED: "폐쇄형",
        Role.PREAMBLE: "전제부",
        Role.REFERENCE: "인용부",
        Role.TRANSITION: "연결부",
        Role.LIMITATION: "구성",
        Role.STEP: "단계",
        Role.WHEREIN: "한정",
        Role.SUBJECT: "청구 대상",
        "alternatives": "택일 {count}",
    },
    "en": {
        "set": "claims: {count}, independent: {independent}",
        "claim": "claim {number}",
        "cancelled": "cancelled",
        "independent": "independent",
        "dependent": "dependent",
        "cites": "cites: {parents}",
        Category.PRODUCT: "product",
        Category.METHOD: "method",
        Category.PRODUCTION: "method of producing a product",
        Openness.OPEN: "open",
        Openness.UNCLEAR: "open or closed: unclear",
        Openness.ESSENTIALLY: "open to what changes nothing essential",
        Openness.CLOSED: "closed",
        Role.PREAMBLE: "preamble",
        Role.REFERENCE: "reference",
        Role.TRANSITION: "transition",
        Role.LIMITATION: "limitation",
        Role.STEP: "step",
        Role.WHEREIN: "wherein",
        Role.SUBJECT: "claimed",
        "alternatives": "alternatives: {count}",
    },
}


def claim_tree(claims: ClaimSet, language: str) -> Tree:
    """The tree of a claim set for a rich console.

    A dependent claim stands under the first claim that it narrows; one that stands on its own but cites others says so.

    Parameters
    ----------
    claims
        What to show.
    language
        "ko" or "en": the language of the labels; the claims stay as they are.
    """
    words = _WORDS[language]
    independent = ", ".join(str(claim.number) for claim in claims.independent())
    tree = Tree(escape(words["set"].format(count=len(claims.claims), independent=independent)))
    drawn: dict[int, tuple[Tree, int]] = {}  # node and depth of every claim
    for claim in parents_first(claims.claims):
        parent, depth = drawn[claim.parents[0]] if claim.dependent and claim.parents else (tree, 0)
        node = parent.add(_heading(claim, words))
        for element in claim.elements:
            node.add(_element(element, words))
        drawn[claim.number] = (node, depth + 1) if depth + 1 < NESTED_MAX else (parent, depth)
    return tree


def _heading(claim: Claim, words: dict[str, str]) -> Text:
    heading = Text(words["claim"].format(number=claim.number), "bold")
    if claim.cancelled:
        return heading.append(f"  {words['cancelled']}", "dim")
    notes = [words["dependent" if claim.dependent else "independent"], words[claim.category]]
    if claim.transition:
        notes.append(f"{words[claim.openness]} “{_line(claim.transition)}”")
    if claim.parents:
        notes.append(words["cites"].format(parents=", ".join(map(str, claim.parents))))
    return heading.append(f"  {' · '.join(notes)}", "dim")


def _element(element: Element, words: dict[str, str]) -> Text:
    label = Text("  " * element.depth).append(f"{words[element.role]} ", "cyan").append(_line(element.text))
    if element.alternatives:
        count = words["alternatives"].format(count=len(element.alternatives))
        label.append(f"  {count}: {' | '.join(map(_line, element.alternatives))}", "dim")
    return label


def _line(text: str) -> str:
    """A text on one line, without what could steer a terminal."""
    return " ".join(printable(text).split())
