"""`bini eval` and `bini stability`: how far the judgements can be trusted."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from bini.cli.calibrate import cross_validate
from bini.cli.console import AdapterOption, ForceOption, ModelOption, adapter_of, notice, out, progress, read
from bini.errors import InputError

CompareOption = Annotated[
    list[str] | None,
    typer.Option(
        "--compare", help="A role, model, folder, adapter's run folder or http://HOST:PORT/v1#MODEL; may be repeated."
    ),
]
BaselinesOption = Annotated[
    Path | None, typer.Option("--baselines", help="Labelled cases of other patents; adds baselines that count words.")
]
EmbeddingsOption = Annotated[
    str | None,
    typer.Option("--baseline-embeddings", help="A sentence-embedding model on this machine: one more baseline."),
]


def evaluate(
    model: ModelOption = "tuned-1b",
    adapter: AdapterOption = None,
    compare: CompareOption = None,
    allow_remote: Annotated[
        bool, typer.Option("--allow-remote", help="Let --compare send the suite to a server that is not this machine.")
    ] = False,
    suite: Annotated[
        Path | None, typer.Option("--suite", help="Labelled cases; by default the held-out suite.")
    ] = None,
    baselines: BaselinesOption = None,
    embeddings: EmbeddingsOption = None,
    shots: Annotated[
        int, typer.Option("--shots", min=0, help="Ask the untuned models also after so many labelled examples.")
    ] = 0,
    ensemble: Annotated[
        bool, typer.Option("--ensemble", help="Combine the compared systems as well, in three ways.")
    ] = False,
    gate: Annotated[
        Path | None,
        typer.Option("--gate", help="A results.json: exit with code 1 if a headline figure fell behind it."),
    ] = None,
    folder: Annotated[Path | None, typer.Option("--out", help="Folder of the report; by default RUN/eval.")] = None,
    folds: Annotated[
        int | None,
        typer.Option("--folds", help="First train again without each part of the patents, and calibrate the adapter."),
    ] = None,
    data: Annotated[
        list[Path] | None,
        typer.Option(
            "--data", help="Labelled cases for the folds, instead of those the adapter learned from; may be repeated."
        ),
    ] = None,
    force: ForceOption = False,
) -> None:
    """Predict, score and report: an adapter beside other systems on the same rows."""
    if data and folds is None:
        raise InputError("--data is for --folds alone", "give --suite to evaluate on cases of your own")
    from bini.evaluation.gate import gate as falls_behind
    from bini.evaluation.gate import read_reference
    from bini.evaluation.run import Contenders
    from bini.evaluation.run import evaluate as run_evaluation
    from bini.models.loading import results_folder

    reference = read_reference(gate) if gate else None
    chosen = adapter_of(adapter, model)
    if folds is not None:
        cross_validate(model, chosen, folds, data or [], force)
    target = folder or (results_folder(chosen) / "eval" if chosen else Path("outputs") / f"eval-{Path(model).name}")
    with progress("evaluating", "cases") as advance:
        contenders = Contenders(compare or [], allow_remote, baselines, embeddings, ensemble, shots)
        report = run_evaluation(model, chosen, contenders, suite, target, notice, advance, force)
    out.print(report.summary(), highlight=False, markup=False)
    out.print(f"report: {report.path}", highlight=False, soft_wrap=True)
    falls = falls_behind(report.scores, reference) if reference else []
    for fall in falls:
        out.print(f"fell behind: {fall}", highlight=False, soft_wrap=True)
    if falls:
        raise typer.Exit(1)


def stability(
    product: Annotated[
        str | None, typer.Option("--product", help="Product description: text, @file, or - for standard input.")
    ] = None,
    claim: Annotated[str | None, typer.Option("--claim", help="One patent claim: text or @file.")] = None,
    suite: Annotated[Path | None, typer.Option("--suite", help="Labelled cases, instead of one product.")] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Only the first cases of the suite.")] = None,
    model: ModelOption = "tuned-1b",
    adapter: AdapterOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print every trial as JSON.")] = False,
    folder: Annotated[
        Path | None, typer.Option("--out", help="Folder of a suite's predictions; by default outputs/stability-NAME.")
    ] = None,
) -> None:
    """Assess again under changes that leave the meaning: how often level and matches hold."""
    if (suite is None) is (product is None or claim is None) or (suite and (product or claim)):
        raise InputError("give either --product and --claim, or --suite", "see: bini stability --help")
    from bini.domain.cases import load_cases
    from bini.domain.claims import split_claim
    from bini.domain.glossary import shipped_glossary
    from bini.domain.untrusted import clean_text
    from bini.inference.assessor import Assessor

    glossary = shipped_glossary()
    if suite:
        cases = load_cases(suite)[:limit]
        from bini.evaluation.run import system_of
        from bini.evaluation.stability import stability_of_suite

        chosen = adapter_of(adapter, model)
        target = folder or Path("outputs") / f"stability-{(chosen or Path(model)).name}"
        system = system_of(model, chosen, notice)
        with progress("stability", "texts") as advance:
            found = stability_of_suite(system, cases, glossary, target, advance)
        notice(f"predictions: {target}")
    else:
        product_text, claim_text = read(product or "", "product"), read(claim or "", "claim")
        clean_text(product_text, "product description")
        split_claim(clean_text(claim_text, "claim"))
        from bini.evaluation.stability import stability_of_one

        assessor = Assessor(model, adapter_of(adapter, model), notice)
        found = stability_of_one(assessor, assessor.assess(product_text, claim_text), claim_text, glossary)
    if as_json:
        sys.stdout.write(found.model_dump_json(indent=2) + "\n")
        return
    from bini.evaluation.stability_tables import tables

    out.print(tables(found))
