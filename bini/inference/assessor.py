"""Assessing products against claims: the public way in."""

import copy
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from bini import __version__
from bini.domain.answers import Answer, facts_to_read, with_answers
from bini.domain.calibration import CALIBRATION, load_calibration
from bini.domain.claims import ClaimSet, split_claim
from bini.domain.evidence import with_evidence
from bini.domain.labels import Match
from bini.domain.patents import PatentAssessment, assemble_patent, own_elements
from bini.domain.rule_packs import pack_for
from bini.domain.rules import likely_levels, rule
from bini.domain.schema import (
    QUOTE_CHARS,
    Assessment,
    Provenance,
    judgement_schema,
    level_to_read,
    parse_judgement,
)
from bini.domain.spacing import Evened, even
from bini.domain.untrusted import clean_text
from bini.domain.verdict import Verdict
from bini.errors import InputError, ModelError
from bini.files import sha256, sha256_file
from bini.inference.decoding import Decoded, Decoder
from bini.inference.drafting import Context, alike
from bini.inference.grammar import AnswerGrammar, answer_grammar
from bini.inference.prompt import DEFAULT, Prompt
from bini.models.adapters.files import ADAPTER_WEIGHTS
from bini.models.adapters.static import admit, check_adapter
from bini.models.catalog import ModelPlace, Role, resolve, ships
from bini.models.loading import calibration_folder, load_adapted, load_base, load_tokenizer, window
from bini.models.registry.registry import Registry
from bini.models.runs import newest_adapter
from bini.models.text import encode_chat

SHORT_QUOTE = 40
"""When the window is nearly full, quotes may be shortened to this many characters before a request is refused."""


@dataclass(frozen=True)
class Request:
    """A checked request, tokenised."""

    product: str
    elements: tuple[str, ...]
    prompt: list[int]
    grammar: AnswerGrammar


class Assessor:
    """A loaded model that assesses any number of products and claims.

    Parameters
    ----------
    model
        A role ("tuned-1b", "base-4b"), a model name, or a folder.
    adapter
        A run folder of `bini train`, or None for the bare model.
    notice
        Told, in one line each, what the user should know: which model takes the role, and so on.
    force
        Load an adapter whose checks fail; every result says which.

    Raises
    ------
    ModelError, AdapterError
        If the model or the adapter is not there, broken, or they do not belong together; likewise its calibration.
    """

    def __init__(
        self,
        model: str = Role.TUNED,
        adapter: Path | str | None = None,
        notice: Callable[[str], None] = lambda _: None,
        force: bool = False,
    ) -> None:
        self.place: ModelPlace = resolve(model, notice)
        self.adapter = Path(adapter) if adapter is not None else None
        self.forced: tuple[str, ...] = ()
        self._adapter_hash = self._calibration_hash = self._calibration = None
        if self.adapter is not None:
            self.forced = admit(self.adapter, check_adapter(self.adapter, self.place), force, notice)
            self._adapter_hash = sha256_file(self.adapter / ADAPTER_WEIGHTS)
            folder = calibration_folder(self.adapter)
            self._calibration = load_calibration(folder, self._adapter_hash)
            self._calibration_hash = sha256_file(folder / CALIBRATION) if self._calibration else None
        base = load_base(self.place)
        loaded = base if self.adapter is None else load_adapted(base, self.adapter)
        self.decoder = Decoder(loaded, load_tokenizer(self.place))
        self.window = window(loaded)
        self.prompt = DEFAULT
        self._opening: Context | None = None
        self._fingerprint = self.place.fingerprint()

    @property
    def adapter_name(self) -> str | None:
        """What results call the adapter: one that ships, or of the registry, by its name, others by where they lie."""
        if self.adapter is None:
            return None
        named = ships(self.adapter) or Registry().holds(self.adapter)
        return self.adapter.name if named else str(self.adapter)

    def asking(self, prompt: Prompt) -> Self:
        """The same loaded model, asked with another prompt."""
        other = copy.copy(self)
        other.prompt, other._opening = prompt, None
        return other

    def context(self) -> Context:
        """A context for one request, or for several that share more, which has read what every request begins with.

        That is always read in a pass of its own, so that a request alone is computed the same way whatever was asked
        before.
        """
        if self._opening is None:
            one, other = (self._encode(text, (text,)) for text in ("가", "A"))
            opening = self.decoder.context()
            opening.read(one[: alike(one, other)])
            self._opening = opening
        return self._opening.fork()

    def assess(self, product: str, claim: str, elements: Sequence[str] | None = None) -> Assessment:
        """Judge one product under one claim.

        Parameters
        ----------
        product
            Product description, free text.
        claim
            One claim, Korean or US English.
        elements
            The claim's elements where they are already known; by default the claim is split.

        Raises
        ------
        InputError
            If a text is empty, has no element, or does not fit the model's window.
        ModelError
            If the model gives no usable numbers.
        """
        return self.judge(self.prepare(product, claim, elements))

    def judge(self, request: Request, context: Context | None = None) -> Assessment:
        """The assessment of a prepared request; a `context` that several requests share spares what they share."""
        with self._named():
            decoded = self.decoder.constrained(request.prompt, request.grammar, context or self.context())
        return self.assemble(request, decoded)

    def judge_briefly(self, request: Request, context: Context | None = None) -> Verdict:
        """The verdict on a prepared request; `context` as for `judge`."""
        with self._named():
            decoded = self.decoder.verdict(request.prompt, request.grammar, context or self.context())
        return Verdict.of(self.assemble(request, decoded))

    def verdict(self, product: str, claim: str, elements: Sequence[str] | None = None) -> Verdict:
        """Judge as `assess` does, but write no reason: a fraction of the work, for sorting and ranking.

        The matches are those of the chart; the level is the one that the model gives without having written a reason.

        Parameters
        ----------
        product, claim, elements
            As for `assess`.

        Raises
        ------
        InputError, ModelError
            As `assess`.
        """
        return self.judge_briefly(self.prepare(product, claim, elements))

    def assess_patent(
        self, product: str, claims: ClaimSet, advance: Callable[[int, int], None] = lambda _done, _total: None
    ) -> PatentAssessment:
        """Judge one product under every claim in force.

        Parameters
        ----------
        product
            Product description, free text.
        claims
            A claim set, as `bini.domain.claims.parse_claims` reads it.
        advance
            Told how many claims are done, and of how many.

        Raises
        ------
        InputError
            If the product is empty, no independent claim is in force, or a request does not fit the model's window.
        ModelError
            If the model gives no usable numbers.
        """
        if not claims.independent():
            raise InputError("no independent claim is in force", "give the whole claim set")
        in_force = claims.in_force()
        assessments: dict[int, Assessment] = {}
        advance(0, len(in_force))
        for done, claim in enumerate(in_force, start=1):
            assessments[claim.number] = self.assess(product, claim.text, own_elements(claim))
            advance(done, len(in_force))
        return assemble_patent(claims, assessments)

    def answer(self, assessment: Assessment, answers: Sequence[Answer]) -> Assessment:
        """Apply answers about a product's elements to its assessment.

        Facts that neither state a match nor decide it by their numbers are added to the product description, a line
        each, and the model judges all of it again.

        Parameters
        ----------
        assessment
            An assessment of this assessor, without answers.
        answers
            As `bini.domain.answers.load_answers` reads them.

        Raises
        ------
        InputError
            If the product with the facts does not fit the model's window.
        ModelError
            If the model gives no usable numbers.
        """
        facts = facts_to_read(assessment, answers)
        after = assessment
        if facts:
            elements = [row.patent_element for row in assessment.comparisons]
            after = self.assess("\n".join([assessment.product, *facts]), "; ".join(elements), elements)
        return with_answers(assessment, after, answers)

    def answer_patent(
        self,
        patent: PatentAssessment,
        claims: ClaimSet,
        answers: Mapping[int, Sequence[Answer]],
        advance: Callable[[int, int], None] = lambda _done, _total: None,
    ) -> PatentAssessment:
        """Apply answers to the claims of a patent and take the levels again; raises what `answer` raises.

        Parameters
        ----------
        patent
            An assessment of this assessor, without answers.
        claims
            The claim set that was assessed.
        answers
            By the number of the claim, as `bini.domain.answers.load_answers` reads them.
        advance
            Told how many of the answered claims are done, and of how many.
        """
        assessments = {claim.number: claim.assessment for claim in patent.claims}
        advance(0, len(answers))
        for done, (number, given) in enumerate(answers.items(), start=1):
            assessments[number] = self.answer(assessments[number], given)
            advance(done, len(answers))
        return assemble_patent(claims, assessments, before=patent)

    def prepare(self, product: str, claim: str, elements: Sequence[str] | None = None) -> Request:
        """Check and tokenise a request; raises what `assess` raises on bad input."""
        product, claim = clean_text(product, "product description"), clean_text(claim, "claim")
        pieces = (
            tuple(clean_text(e, "claim element") for e in elements)
            if elements
            else tuple(e.text for e in split_claim(claim))
        )
        prompt = self._encode(product, pieces)
        for quote_chars in (QUOTE_CHARS, SHORT_QUOTE):
            grammar = answer_grammar(pieces, even(product), quote_chars)
            if len(prompt) + grammar.max_bytes < self.window:
                return Request(product, pieces, prompt, grammar)
        raise InputError(
            f"the request is too long for {self.place.name}: {len(prompt):,} tokens of prompt and up to "
            f"{grammar.max_bytes:,} of answer, but its window holds {self.window:,}",
            "shorten the product description, or assess fewer claim elements at a time; nothing was cut off",
        )

    def _encode(self, product: str, elements: Sequence[str]) -> list[int]:
        return encode_chat(self.decoder.tokenizer, *self.prompt.turns(product, elements))

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Errors of the model bear its name."""
        try:
            yield
        except ModelError as error:
            raise ModelError(f"{self.place.name}: {error.message}", error.hint) from error

    def assemble(self, request: Request, decoded: Decoded) -> Assessment:
        """Check an answer against the schema and add what code can tell."""
        try:
            judgement = parse_judgement(decoded.text, request.elements)
        except ValueError as error:
            raise ModelError(
                f"{self.place.name} gave no valid answer", "its weights may be broken: fetch or train them again"
            ) from error
        product = Evened.of(request.product)
        rows = tuple(
            with_evidence(row, request.elements, product, choice.over(list(Match)))
            for row, choice in zip(judgement.comparisons, decoded.choices, strict=True)
        )
        pack = pack_for(request.elements)
        probabilities = likely_levels(rows)
        known = self._calibration
        possible = known.possible_levels(probabilities, level_to_read(rows, judgement.risk_level)) if known else None
        return Assessment(
            product=request.product,
            comparisons=rows,
            decision_reason=judgement.decision_reason,
            risk_level=judgement.risk_level,
            probabilities=probabilities,
            **rule(rows, judgement.risk_level, pack, possible or ())._asdict(),
            provenance=Provenance(
                model=self.place.name,
                model_fingerprint=self._fingerprint,
                adapter=self.adapter_name,
                adapter_sha256=self._adapter_hash,
                forced=self.forced,
                prompt_sha256=self.prompt.sha256,
                schema_sha256=sha256(json.dumps(judgement_schema(request.elements), ensure_ascii=False)),
                calibration_sha256=self._calibration_hash,
                rules=pack.name,
                bini_version=__version__,
            ),
            calibrated=known.probabilities(probabilities) if known else None,
            possible_levels=possible,
        )


def assess(product: str, claim: str, model: str = Role.TUNED, adapter: Path | str | None = None) -> Assessment:
    """Judge one product under one claim with the newest adapter that was trained here, else the one that ships.

    Parameters
    ----------
    product, claim
        Free text; see `Assessor.assess`.
    model
        A role, a model name, or a folder.
    adapter
        A run folder; by default the newest finished run under ./outputs that was trained on `model`, else the one that
        ships with the model, if any.

    Returns
    -------
    Assessment
        The claim chart with levels, probabilities and provenance. For many requests keep an `Assessor`.
    """
    return loaded(model, adapter).assess(product, claim)


def assess_verdict(product: str, claim: str, model: str = Role.TUNED, adapter: Path | str | None = None) -> Verdict:
    """Judge as `assess` does, without quotes and reason; see `Assessor.verdict`.

    Parameters
    ----------
    product, claim, model, adapter
        As for `assess`.
    """
    return loaded(model, adapter).verdict(product, claim)


def loaded(model: str, adapter: Path | str | None) -> Assessor:
    """The assessor of the last call, if it was for the same model and adapter, else a new one."""
    key = (model, str(adapter) if adapter is not None else None, Path.cwd())
    if key not in _loaded:
        _loaded.clear()
        _loaded[key] = Assessor(model, adapter if adapter is not None else newest_adapter(model))
    return _loaded[key]


_loaded: dict[tuple[str, str | None, Path], Assessor] = {}
"""The assessor of the last call of `assess` or its like, so that repeated calls do not load the model again."""
