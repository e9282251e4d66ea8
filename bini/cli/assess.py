"""`bini assess`, `bini replay`, `bini claims show`: claims, products and what is said of them."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bini.cli.console import (
    AdapterOption,
    ForceOption,
    Language,
    LogOption,
    LogTextsOption,
    ModelOption,
    adapter_folder,
    adapter_of,
    err,
    notice,
    open_log,
    out,
    progress,
    read,
)
from bini.errors import InputError

if TYPE_CHECKING:
    from bini.domain.answers import Answer
    from bini.domain.claims import ClaimSet
    from bini.domain.monitoring.log import AssessmentLog
    from bini.domain.patents import PatentAssessment
    from bini.domain.schema import Assessment
    from bini.domain.verdict import Verdict
    from bini.inference.assessor import Assessor

WHOLE_CHARTS = "--verdict-only goes with none of --patent, --out, --answers, --bundle and --log"


def assess(
    product: Annotated[
        str, typer.Option("--product", help="Product description: text, @file, or - for standard input.")
    ],
    claim: Annotated[str | None, typer.Option("--claim", help="One patent claim: text or @file.")] = None,
    patent: Annotated[
        Path | None, typer.Option("--patent", help="A file of all claims instead of one, as `bini claims show` reads.")
    ] = None,
    model: ModelOption = "tuned-1b",
    adapter: AdapterOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print exactly the judgement's JSON.")] = False,
    file: Annotated[
        Path | None,
        typer.Option("--out", help="Write the chart to this file too: .md, .html, .docx, .xlsx or .json."),
    ] = None,
    answers: Annotated[
        Path | None,
        typer.Option("--answers", help="Answers about elements (YAML or JSON); the chart shows what they changed."),
    ] = None,
    lang: Annotated[Language, typer.Option("--lang", help="Language of the chart.")] = Language.KO,
    bundle: Annotated[
        Path | None, typer.Option("--bundle", help="Save what the result depends on, for `bini replay`: a .zip file.")
    ] = None,
    force: ForceOption = False,
    log: LogOption = None,
    log_texts: LogTextsOption = False,
    verdict_only: Annotated[
        bool,
        typer.Option("--verdict-only", help="Levels and matches without quotes and reason: a fraction of the time."),
    ] = False,
) -> None:
    """Judge one product under one claim and show the claim chart, or under every claim of a patent."""
    _check_answers(answers, bundle, patent, as_json, file)
    if verdict_only and (patent or file or answers or bundle or log):
        raise InputError(WHOLE_CHARTS, "those hold whole charts")
    from bini import Assessor
    from bini.domain.charts.files import form_of
    from bini.domain.untrusted import clean_text

    # Bad input is told before a model is loaded.
    text = read(product, "product")
    clean_text(text, "product description")
    asked = _asked(claim, patent)
    given = _given(answers, asked)
    if file:
        form_of(file)
    kept = open_log(log, log_texts)
    assessor = Assessor(model, adapter_of(adapter, model), notice, force)
    if verdict_only and isinstance(asked, str):
        _show_verdict(assessor.verdict(text, asked), as_json, lang)
        return
    result = _assessed(assessor, text, asked, given, kept)
    if file:
        _write_charts(file, result, lang)
    if bundle:
        _write_bundle(bundle, assessor, text, asked, result)
    if as_json:
        sys.stdout.write(result.to_json() + "\n")
    else:
        _print_chart(result, lang)


def _check_answers(
    answers: Path | None, bundle: Path | None, patent: Path | None, as_json: bool, file: Path | None
) -> None:
    """Refuse answers where they would be lost; the JSON of a patent holds them."""
    to_json = as_json or (file is not None and file.suffix.lower() == ".json")
    if answers and (bundle or (to_json and not patent)):
        raise InputError(
            "a bundle and the JSON of one claim hold the model's judgement, not what answers make of it",
            "leave out --answers or those",
        )


def _asked(claim: str | None, patent: Path | None) -> "str | ClaimSet":
    """The claim as it was given, or the claims of a patent."""
    if claim is not None and patent is None:
        return _one_claim(read(claim, "claim"))
    if patent is not None and claim is None:
        from bini.domain.claim_files import read_claims

        return read_claims(patent)
    raise InputError(
        "there is no claim" if claim is None else "--patent and --claim do not go together",
        "give --claim, or --patent with a file of all claims",
    )


def _one_claim(text: str) -> str:
    from bini.domain.claims import find_citations
    from bini.domain.untrusted import clean_text

    cleaned = clean_text(text, "claim")
    if cited := next(find_citations(cleaned), None):
        words = cleaned[cited.start : cited.end]
        notice(f"the claim cites “{words}”: only what is written here is judged, not what that claim holds")
    return text


def _given(answers: Path | None, asked: "str | ClaimSet") -> "dict[int, tuple[Answer, ...]]":
    """The answers by claim; a claim that was given alone has number 1."""
    from bini.domain.answers import load_answers
    from bini.domain.claims import split_claim
    from bini.domain.patents import own_elements
    from bini.domain.untrusted import clean_text

    if isinstance(asked, str):
        elements = {1: [element.text for element in split_claim(clean_text(asked, "claim"))]}
    else:
        elements = {claim.number: own_elements(claim) for claim in asked.in_force()}
    return load_answers(answers, elements) if answers else {}


def _assessed(
    assessor: "Assessor",
    product: str,
    asked: "str | ClaimSet",
    given: "dict[int, tuple[Answer, ...]]",
    log: "AssessmentLog | None",
) -> "Assessment | PatentAssessment":
    """The assessment with what answers make of it; the log gets a line for each claim."""
    from bini.inference.logged import recorded

    if isinstance(asked, str):
        with recorded(log, assessor, product, asked) as made:
            result = assessor.assess(product, asked)
            if given:
                result = assessor.answer(result, given[1])
            made.append(result)
        return result
    stopped = "nothing was written"
    with progress("assessing", "claims", stopped) as advance, recorded(log, assessor, product, None) as made:
        patent = assessor.assess_patent(product, asked, advance)
        if given:
            patent = assessor.answer_patent(
                patent, asked, given, lambda done, total: advance(done, total, "taking answers")
            )
        made += [claim.assessment for claim in patent.claims]
    return patent


def _show_verdict(verdict: "Verdict", as_json: bool, lang: Language) -> None:
    if as_json:
        sys.stdout.write(verdict.model_dump_json() + "\n")
        return
    from bini.domain.charts.terminal import terminal_verdict

    out.print(terminal_verdict(verdict, lang.value))


def _write_charts(file: Path, result: "Assessment | PatentAssessment", lang: Language) -> None:
    from bini.domain.charts.files import write_charts
    from bini.domain.schema import Assessment

    write_charts(file, [result] if isinstance(result, Assessment) else result, lang.value)
    notice(f"chart: {file}")


def _write_bundle(
    file: Path, assessor: "Assessor", product: str, asked: "str | ClaimSet", result: "Assessment | PatentAssessment"
) -> None:
    from bini.domain.bundle import write_bundle
    from bini.inference.replay import record

    write_bundle(file, record(assessor, product, asked, result))
    notice(f"bundle: {file}")


def _print_chart(result: "Assessment | PatentAssessment", lang: Language) -> None:
    from bini.domain.charts.terminal import terminal_chart, terminal_patent
    from bini.domain.schema import Assessment

    if isinstance(result, Assessment):
        out.print(terminal_chart(result, lang.value))
    else:
        out.print(terminal_patent(result, lang.value))


def replay(
    bundle: Annotated[Path, typer.Argument(help="A file that `bini assess --bundle` wrote.")],
    model: Annotated[
        str | None,
        typer.Option(
            "--model", help="A role, a model name, or a folder; by default the one of the bundle's fingerprint."
        ),
    ] = None,
    adapter: Annotated[
        Path | None,
        typer.Option(
            "--adapter",
            parser=adapter_folder,
            metavar="FOLDER|NAME[@VERSION]",
            help="A run folder, or a registered adapter; by default the one of the bundle's hash.",
        ),
    ] = None,
    force: ForceOption = False,
) -> None:
    """Run a saved assessment again: identical (exit code 0), or what differs (1)."""
    from bini.domain.bundle import read_bundle

    saved = read_bundle(bundle)
    from bini.domain.charts.terminal import difference_table
    from bini.domain.differences import TOLERANCE
    from bini.inference.replay import replay as run_again

    with progress("assessing", "claims", stopped="nothing was written") as advance:
        found = run_again(saved, model, adapter, notice, advance, force)
    if found.surroundings:
        notice("other surroundings, which count as no difference:")
        err.print(difference_table(found.surroundings))
    if not found.differences:
        out.print(
            f"identical: {found.result.level}, {found.elements} elements; probabilities within {TOLERANCE:g}",
            highlight=False,
        )
        return
    out.print(
        f"{len(found.differences)} differences; probabilities within {TOLERANCE:g} count as none", highlight=False
    )
    out.print(difference_table(found.differences))
    raise typer.Exit(1)


def claims_show(
    file: Annotated[
        Path,
        typer.Argument(
            help="A claim set: .txt, .md, .docx, .xml of KIPRIS or the USPTO, .html saved from Google Patents."
        ),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print the set as one line of JSON, with offsets.")] = False,
    lang: Annotated[Language, typer.Option("--lang", help="Language of the labels.")] = Language.KO,
) -> None:
    """Draw a claim set: which claim narrows which, what each is open to, and its elements."""
    from bini.domain.charts.claim_tree import claim_tree
    from bini.domain.claim_files import read_claims

    claims = read_claims(file)
    if as_json:
        sys.stdout.write(claims.to_json() + "\n")
        return
    out.print(claim_tree(claims, lang.value))
