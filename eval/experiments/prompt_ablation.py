"""What the model is shown and what it writes, changed one thing at a time: hints, order of fields, reason, basis.

    python eval/experiments/prompt_ablation.py --model bini-nano --out outputs/ablation

Each variant trains an adapter of its own with the model's recipe on what `bini train` trains on, and is asked about
BiniBench's validation split; the test split has no part in it. A run that was stopped goes on. The figures and what was
decided are in docs/decisions.md.
"""

import argparse
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from transformers import PreTrainedTokenizerBase

from bini.domain.cases import Case, load_cases
from bini.domain.glossary import Concept, Glossary, shipped_glossary
from bini.domain.labels import Basis, Match, RangeCheck
from bini.domain.measures import check_element
from bini.domain.schema import Assessment
from bini.domain.targets import target
from bini.evaluation.predict import predict_case
from bini.evaluation.score import score_system
from bini.files import write_json
from bini.inference.assessor import Assessor, Request
from bini.inference.decoding import Decoded
from bini.inference.grammar import AnswerGrammar, answer_grammar
from bini.inference.prompt import INSTRUCTION, user_message
from bini.models.catalog import ModelPlace, resolve
from bini.models.text import encode_answer, encode_chat
from bini.resources import BENCH_ROWS, TRAINING, resource
from bini.training import sft
from bini.training.rows import UNJUDGED, TokenRow

RANGE_WORDS = {
    RangeCheck.IN: "범위 안",
    RangeCheck.EDGE: "범위 끝값",
    RangeCheck.STRADDLE: "범위에 걸침",
    RangeCheck.OUT: "범위 밖",
    RangeCheck.NEAR: "범위 밖(근접)",
}
USUAL_BASIS = {Match.YES: Basis.LITERAL, Match.NO: Basis.ABSENT, Match.UNKNOWN: Basis.SILENT}
"""For labels without a basis."""

BASIS_BYTES = 24
"""Of the longest basis with its key."""

FIELDS = ("comparisons", "decision_reason", "risk_level")


@dataclass(frozen=True)
class Variant:
    """One change of prompt or answer.

    Parameters
    ----------
    hints
        Whether glossary matches and computed ranges stand after the product.
    fields
        The answer's keys in the order they are written.
    basis
        Whether each row says its basis before its match.
    """

    hints: bool = False
    fields: tuple[str, ...] = FIELDS
    basis: bool = False


VARIANTS = {
    "as shipped": Variant(),
    "hints": Variant(hints=True),
    "basis before match": Variant(basis=True),
    "no reason": Variant(fields=("comparisons", "risk_level")),
    "level first": Variant(fields=("risk_level", "comparisons", "decision_reason")),
}


def names_in(text: str, glossary: Glossary) -> dict[str, tuple[Concept, str]]:
    """Concepts that a text names, by id, each with its longest name there; none by a part of another's longer name."""
    lower, found = text.lower(), dict[str, tuple[Concept, str]]()
    for concept in glossary.concepts.values():
        names = [name for name in {*concept.names("ko"), *concept.names("en")} if len(name) > 1 and _named(name, lower)]
        if names:
            found[concept.id] = (concept, max(names, key=len))
    longest = sorted({name.lower() for _, name in found.values()}, key=len, reverse=True)
    for index, name in enumerate(longest):
        if any(name in longer for longer in longest[:index]) and name not in _without(lower, longest[:index]):
            found = {key: (concept, said) for key, (concept, said) in found.items() if said.lower() != name}
    return found


def _without(text: str, names: Sequence[str]) -> str:
    for name in names:
        text = text.replace(name, "\n")
    return text


def _named(name: str, lower: str) -> bool:
    """Whether a text in lower case holds a name; one in Latin letters must stand as a word of its own."""
    if name.lower() not in lower:
        return False
    return not name.isascii() or bool(re.search(rf"(?<![a-z]){re.escape(name.lower())}(?:e?s)?(?![a-z])", lower))


def hints(product: str, elements: Sequence[str], glossary: Glossary) -> Iterator[str]:
    """A line for each thing that code can tell about an element and a product.

    What the product calls by another name or names a species of; else what takes the role and is something else; and
    how its quantities lie to the claimed ones.
    """
    in_product = names_in(product, glossary)
    for number, element in enumerate(elements, start=1):
        for concept, name in names_in(element, glossary).values():
            same = [said for other, said in in_product.values() if is_a(other, concept, glossary)]
            other_names = [said for said in same if said.lower() not in element.lower()]
            rivals = [in_product[key][1] for key in concept.not_same if key in in_product and not same]
            yield from (f"{number}. {said} = {name}" for said in other_names)
            yield from (f"{number}. {said} ≠ {name}" for said in rivals if said.lower() not in element.lower())
        for check in check_element(element, product):
            if check.said and check.result in RANGE_WORDS:
                yield f"{number}. {check.said.text}: {check.claimed.text} {RANGE_WORDS[check.result]}"


def is_a(one: Concept, other: Concept, glossary: Glossary) -> bool:
    """Whether one concept is the other or a species of it."""
    above = {one.id}
    line = one
    while line.genus and line.genus not in above:
        above.add(line.genus)
        line = glossary.concepts[line.genus]
    return other.id in above or bool(one.written & other.written)


def message(product: str, elements: Sequence[str], variant: Variant, glossary: Glossary) -> str:
    """The user turn of a variant."""
    shape = INSTRUCTION[INSTRUCTION.index('{"comparisons"') :].strip()
    rows = shape[shape.index("[") : shape.rindex("]") + 1]
    basis = f'"basis": "{"|".join(Basis)}", "match"'
    shown = {
        "comparisons": rows.replace('"match"', basis) if variant.basis else rows,
        "decision_reason": "이유",
        "risk_level": '"높음|애매|낮음"',
    }
    text = user_message(product, elements)
    text = text.replace(shape, "{" + ", ".join(f'"{key}": {shown[key]}' for key in variant.fields) + "}")
    lines = dict.fromkeys(hints(product, elements, glossary) if variant.hints else ())
    return text + "\n\n[참고]\n" + "\n".join(lines) if lines else text


def answer(case: Case, variant: Variant) -> str:
    """The labelled answer as a variant writes it."""
    full = json.loads(target(case).to_json())
    if variant.basis:
        for row, label in zip(full["comparisons"], case.label.comparisons, strict=True):
            match = row.pop("match")
            row |= {"basis": label.basis or USUAL_BASIS[label.match], "match": match}
    return json.dumps({key: full[key] for key in variant.fields}, ensure_ascii=False)


def grammar(product: str, elements: Sequence[str], variant: Variant) -> AnswerGrammar:
    """What a variant may write: the rules of the shipped grammar in its own order."""

    def literal(text: str) -> str:
        return json.dumps(text, ensure_ascii=False)

    def row(element: str) -> str:
        opening = f'{{"patent_element": {json.dumps(element, ensure_ascii=False)}, "user_product_element": '
        basis = [literal(', "basis": "'), "basis", literal('"')] if variant.basis else []
        return " ".join([literal(opening), "quote", *basis, literal(', "match": "'), "match", literal('"}')])

    values = {
        "comparisons": '"[" ' + ' ", " '.join(map(row, elements)) + ' "]"',
        "decision_reason": r'"\"" REASON "\""',
        "risk_level": r'"\"" level "\""',
    }
    keys = [literal(f'{", " if number else "{"}"{key}": ') for number, key in enumerate(variant.fields)]
    start = " ".join(f"{key} {values[field]}" for key, field in zip(keys, variant.fields, strict=True)) + ' "}"'
    shipped = answer_grammar(elements, product)
    lines = [f"start: {start}" if line.startswith("start:") else line for line in shipped.lark.splitlines()]
    if variant.basis:
        lines.append("basis: " + " | ".join(map(literal, Basis)))
    if "decision_reason" not in variant.fields:
        lines = [line for line in lines if not line.startswith("REASON:")]
    return AnswerGrammar("\n".join(lines) + "\n", shipped.max_bytes + BASIS_BYTES * len(elements))


class VariantAssessor(Assessor):
    """An assessor that asks and reads a variant's form, and hands on answers in the shipped one."""

    variant: Variant
    glossary: Glossary

    def prepare(self, product: str, claim: str, elements: Sequence[str] | None = None) -> Request:
        """The request in the variant's form."""
        shipped = super().prepare(product, claim, elements)
        text = message(shipped.product, shipped.elements, self.variant, self.glossary)
        rules = grammar(shipped.product, shipped.elements, self.variant)
        return Request(shipped.product, shipped.elements, encode_chat(self.decoder.tokenizer, text), rules)

    def assemble(self, request: Request, decoded: Decoded) -> Assessment:
        """The assessment of an answer in the variant's form."""
        written = {"decision_reason": "-"} | json.loads(decoded.text)
        for row in written["comparisons"]:
            row.pop("basis", None)
        text = json.dumps({field: written[field] for field in FIELDS}, ensure_ascii=False)
        found = decoded.choices
        level_first = self.variant.fields[0] == "risk_level"
        return super().assemble(request, Decoded(text, found[1:] + found[:1] if level_first else found, 0))


def train(place: ModelPlace, variant: Variant, folder: Path, glossary: Glossary) -> Path:
    """An adapter that learned a variant's prompts and answers with the model's recipe."""

    def row(case: Case, tokenizer: PreTrainedTokenizerBase, limit: int, _learn: str) -> TokenRow:
        prompt = encode_chat(tokenizer, message(case.user_query, case.elements, variant, glossary))
        return judged_row(prompt, answer(case, variant), tokenizer, limit)

    cases = [case for source in TRAINING for case in load_cases(resource(source))]
    with patch.object(sft, "token_row", row):  # the trainer has one way to make rows; only this experiment has others
        return sft.train(cases, place, sft.load_recipe(sft.default_recipe(place.name)), folder, glossary=glossary)


def judged_row(prompt: list[int], text: str, tokenizer: PreTrainedTokenizerBase, limit: int) -> TokenRow:
    """As `bini.training.rows.token_row` with `learn: judgement`, for any text of prompt and answer."""
    ids = encode_answer(tokenizer, text)
    if len(prompt) + len(ids) > limit:
        raise ValueError("a row does not fit the window")
    mask = [1] * len(ids)
    for given in UNJUDGED.finditer(text):
        start = len(encode_answer(tokenizer, text[: given.start()])) - 1
        end = len(ids) - len(encode_answer(tokenizer, text[given.end() :]))
        mask[start:end] = [0] * (end - start)
    return TokenRow(prompt + ids, [0] * len(prompt) + mask)


def main() -> None:
    """Train each variant, ask it, write results.json."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", default="bini-nano")
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    place, glossary = resolve(given.model, print), shipped_glossary()
    suite = load_cases(resource(BENCH_ROWS.format(split="validation")))
    path = given.out / "results.json"
    results = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    for name, variant in VARIANTS.items():
        if name in results:
            continue
        assessor = VariantAssessor(given.model, train(place, variant, given.out / name.replace(" ", "-"), glossary))
        assessor.variant, assessor.glossary = variant, glossary
        score = score_system(name, [predict_case(assessor, case, valid_free=None, trained_on=False) for case in suite])
        results[name] = {
            "risk_accuracy": score.risk_accuracy,
            "interval": score.risk_accuracy_interval,
            "match_accuracy": score.match_accuracy,
            "high_called_low": score.high_called_low,
        }
        write_json(path, results)
        print(name, results[name])


if __name__ == "__main__":
    main()
