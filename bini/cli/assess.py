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
    recorded,
)
from bini.errors import InputError

if TYPE_CHECKING:
    from bini.domain.monitoring.log import AssessmentLog


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
) -> None:
    """Judge one product under one claim and show the claim chart, or under every claim of a patent."""
    if patent:
        if claim is not None or file or answers or bundle:
            raise InputError(
                "--patent goes with none of --claim, --out, --answers and --bundle", "use those with one --claim"
            )
        _assess_patent(product, patent, model, adapter, as_json, lang, force, open_log(log, log_texts))
        return
    if claim is None:
        raise InputError("there is no claim", "give --claim, or --patent with a file of all claims")
    product_text, claim_text = read(product, "product"), read(claim, "claim")
    from bini.domain.answers import load_answers
    from bini.domain.charts.files import form_of, write_charts
    from bini.domain.claims import find_citations, split_claim
    from bini.inference.assessor import Assessor, clean_text

    # Bad input is told before a model is loaded.
    clean_text(product_text, "product description")
    one_claim = clean_text(claim_text, "claim")
    elements = split_claim(one_claim)
    if cited := next(find_citations(one_claim), None):
        words = one_claim[cited.start : cited.end]
        notice(f"the claim cites “{words}”: only what is written here is judged, not what that claim holds")
    if file:
        form_of(file)
    if answers and (bundle or as_json or (file and file.suffix.lower() == ".json")):
        raise InputError(
            "JSON and a bundle hold the model's judgement, not what answers make of it", "leave out --answers or those"
        )
    given = load_answers(answers, [element.text for element in elements]) if answers else ()
    kept = open_log(log, log_texts)
    assessor = Assessor(model, adapter_of(adapter, model), notice, force)
    with recorded(kept, assessor, product_text, claim_text) as made:
        result = assessor.assess(product_text, claim_text)
        if given:
            result = assessor.answer(result, given)
        made.append(result)
    if file:
        write_charts(file, [result], lang.value)
        notice(f"chart: {file}")
    if bundle:
        from bini.domain.bundle import write_bundle
        from bini.inference.replay import record

        write_bundle(bundle, record(assessor, product_text, claim_text, result))
        notice(f"bundle: {bundle}")
    if as_json:
        sys.stdout.write(result.to_json() + "\n")
        return
    from bini.domain.charts.terminal import terminal_chart

    out.print(terminal_chart(result, lang.value))


def _assess_patent(
    product: str,
    patent: Path,
    model: str,
    adapter: Path | None,
    as_json: bool,
    lang: Language,
    force: bool,
    log: "AssessmentLog | None",
) -> None:
    text = read(product, "product")
    from bini.domain.charts.terminal import terminal_patent
    from bini.domain.claim_files import read_claims
    from bini.inference.assessor import Assessor, clean_text

    clean_text(text, "product description")
    claims = read_claims(patent)
    assessor = Assessor(model, adapter_of(adapter, model), notice, force)
    with progress("assessing", "claims") as advance, recorded(log, assessor, text, None) as made:
        result = assessor.assess_patent(text, claims, lambda done, total: advance(done, total, ""))
        made += [claim.assessment for claim in result.claims]
    if as_json:
        sys.stdout.write(result.model_dump_json() + "\n")
        return
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

    found = run_again(saved, model, adapter, notice, force)
    if found.surroundings:
        notice("other surroundings, which count as no difference:")
        err.print(difference_table(found.surroundings))
    if not found.differences:
        out.print(
            f"identical: {found.result.risk_level}, {len(found.result.comparisons)} elements; "
            f"probabilities within {TOLERANCE:g}",
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
