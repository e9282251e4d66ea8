"""The command line: arguments in, text out; the one place that prints errors and exits."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bini.errors import BiniError, DataError, InputError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Patent-infringement screening on your own machine. A screening aid, not legal advice.",
)
claims_app = typer.Typer(no_args_is_help=True, help="Claim sets: what a patent claims.")
data_app = typer.Typer(no_args_is_help=True, help="The labelled cases.")
models_app = typer.Typer(no_args_is_help=True, help="The models on this machine.")
app.add_typer(claims_app, name="claims")
app.add_typer(data_app, name="data")
app.add_typer(models_app, name="models")

out = Console()
err = Console(stderr=True)


class Language(StrEnum):
    """Language of what people read; data and JSON stay Korean."""

    KO = "ko"
    EN = "en"


ModelOption = Annotated[str, typer.Option("--model", help="A role, a model name, or a folder.")]
AdapterOption = Annotated[
    Path | None, typer.Option("--adapter", help="A run folder; by default the newest under outputs/ for this model.")
]


def main() -> None:
    """Run the command line; user errors end with one line, a hint and exit code 2."""
    try:
        app()
    except BiniError as error:
        _fail(error.message, error.hint)
    except OSError as error:
        _fail(
            f"{error.strerror or error}: {error.filename or ''}".rstrip(": "), "check that path and who may write to it"
        )


def _fail(message: str, hint: str) -> NoReturn:
    err.print(f"error: {message}", style="bold red", markup=False, highlight=False, soft_wrap=True)
    if hint:
        err.print(f"hint: {hint}", markup=False, highlight=False, soft_wrap=True)
    sys.exit(2)


def _notice(line: str) -> None:
    err.print(line, style="dim", markup=False, highlight=False, soft_wrap=True)


@contextmanager
def _progress(label: str, unit: str) -> Iterator[Callable[[int, int, str], None]]:
    """A progress bar on standard error; yields a function of done, total and a note."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(unit),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
    )
    with Progress(*columns, console=err) as bar:
        task = bar.add_task(label, total=None, note="")
        try:
            yield lambda done, total, note: bar.update(task, completed=done, total=total, note=note)
        except KeyboardInterrupt:
            bar.stop()
            err.print("stopped; the same command goes on from here")
            raise typer.Exit(130) from None


def _read(value: str, what: str) -> str:
    """The text that an argument stands for: itself, @file, or - for standard input."""
    if value == "-":
        raw, source = sys.stdin.buffer.read(), "standard input"
    elif value.startswith("@"):
        source = value[1:]
        try:
            raw = Path(source).read_bytes()
        except OSError as error:
            raise InputError(
                f"the {what} file {source} cannot be read ({error.strerror})", "check the name of the file"
            ) from error
    else:
        return value
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{source} is not valid UTF-8 (byte {error.start})", "save it as UTF-8 and try again"
        ) from error


def _adapter(adapter: Path | None, model: str) -> Path | None:
    from bini.inference.assessor import newest_adapter

    chosen = adapter or newest_adapter(model)
    _notice(
        f"adapter: {chosen}"
        if chosen
        else "no adapter was trained for this model, none ships with it: using the bare model"
    )
    return chosen


@app.command()
def assess(
    product: Annotated[
        str, typer.Option("--product", help="Product description: text, @file, or - for standard input.")
    ],
    claim: Annotated[str, typer.Option("--claim", help="One patent claim: text or @file.")] = "",
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
) -> None:
    """Judge one product under one claim and show the claim chart, or under every claim of a patent."""
    if patent:
        if claim or file or answers or bundle:
            raise InputError(
                "--patent goes with none of --claim, --out, --answers and --bundle", "use those with one --claim"
            )
        _assess_patent(product, patent, model, adapter, as_json, lang)
        return
    product_text, claim_text = _read(product, "product"), _read(claim, "claim")
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
        _notice(f"the claim cites “{words}”: only what is written here is judged, not what that claim holds")
    if file:
        form_of(file)
    if answers and (bundle or as_json or (file and file.suffix.lower() == ".json")):
        raise InputError(
            "JSON and a bundle hold the model's judgement, not what answers make of it", "leave out --answers or those"
        )
    given = load_answers(answers, [element.text for element in elements]) if answers else ()
    assessor = Assessor(model, _adapter(adapter, model), _notice)
    result = assessor.assess(product_text, claim_text)
    if given:
        result = assessor.answer(result, given)
    if file:
        write_charts(file, [result], lang.value)
        _notice(f"chart: {file}")
    if bundle:
        from bini.domain.bundle import write_bundle
        from bini.inference.replay import record

        write_bundle(bundle, record(assessor, product_text, claim_text, result))
        _notice(f"bundle: {bundle}")
    if as_json:
        sys.stdout.write(result.to_json() + "\n")
        return
    from bini.domain.charts.terminal import terminal_chart

    out.print(terminal_chart(result, lang.value))


def _assess_patent(product: str, patent: Path, model: str, adapter: Path | None, as_json: bool, lang: Language) -> None:
    text = _read(product, "product")
    from bini.domain.charts.terminal import terminal_patent
    from bini.domain.claim_files import read_claims
    from bini.inference.assessor import Assessor, clean_text

    clean_text(text, "product description")
    claims = read_claims(patent)
    assessor = Assessor(model, _adapter(adapter, model), _notice)
    with _progress("assessing", "claims") as advance:
        result = assessor.assess_patent(text, claims, lambda done, total: advance(done, total, ""))
    if as_json:
        sys.stdout.write(result.model_dump_json() + "\n")
        return
    out.print(terminal_patent(result, lang.value))


@app.command()
def train(
    name: Annotated[str, typer.Option("--name", help="Name of the run: outputs/NAME.")] = "tuned-1b",
    model: ModelOption = "tuned-1b",
    data: Annotated[
        list[Path] | None,
        typer.Option(
            "--data", help="Labelled cases; may be repeated; by default the seeds and BiniBench's training patents."
        ),
    ] = None,
    recipe: Annotated[
        Path | None, typer.Option("--recipe", help="By default training/lora_MODEL.yaml or lora_config.yaml.")
    ] = None,
    glossary: Annotated[
        Path | None, typer.Option("--glossary", help="A table of your own concepts, merged over Bini's.")
    ] = None,
) -> None:
    """Train a LoRA adapter on labelled cases."""
    folder = _run_folder(name)
    from bini.domain.cases import load_cases, refuse_overlap
    from bini.domain.glossary import shipped_glossary
    from bini.models.catalog import resolve
    from bini.resources import resource
    from bini.training import rows, sft

    names = shipped_glossary(glossary)
    sources = data or [resource(path) for path in rows.TRAINING]
    cases = [case for source in sources for case in load_cases(source)]
    refuse_overlap(cases, rows.held_out())
    place = resolve(model, _notice)
    recipe_path = recipe or sft.default_recipe(place.name)
    chosen = sft.load_recipe(recipe_path)
    dropped = rows.dropped_quotes(cases)
    if dropped:
        _notice(f"{dropped} labelled quotes are no piece of their product text and become null")
    _notice(f"training {place.name} on {len(cases)} cases with {recipe_path.name}")
    with _progress("training", "steps") as advance:
        sft.train(
            cases,
            place,
            chosen,
            folder,
            lambda step, total, loss: advance(step, total, f"loss {loss:.3f}" if loss else ""),
            names,
        )
    out.print(f"adapter: {folder}", highlight=False)


def _run_folder(name: str) -> Path:
    if not name or name.startswith(".") or Path(name).name != name:
        raise InputError(
            f"{name!r} is not a run name", "use letters, digits and dashes: the run is written to outputs/NAME"
        )
    return Path("outputs") / name


@app.command("eval")
def evaluate(
    model: ModelOption = "tuned-1b",
    adapter: AdapterOption = None,
    compare: Annotated[
        list[str] | None, typer.Option("--compare", help="A role, model or folder to compare with; may be repeated.")
    ] = None,
    suite: Annotated[
        Path | None, typer.Option("--suite", help="Labelled cases; by default the held-out suite.")
    ] = None,
    baselines: Annotated[
        Path | None,
        typer.Option("--baselines", help="Labelled cases of other patents; adds baselines that count words."),
    ] = None,
    folder: Annotated[Path | None, typer.Option("--out", help="Folder of the report; by default RUN/eval.")] = None,
    folds: Annotated[
        int | None,
        typer.Option("--folds", help="First train again without each part of the adapter's patents, and calibrate it."),
    ] = None,
) -> None:
    """Predict, score and report: an adapter beside untuned models on the same rows."""
    from bini.evaluation.run import evaluate as run_evaluation

    chosen = _adapter(adapter, model)
    if folds is not None:
        _cross_validate(model, chosen, folds)
    target = folder or (chosen / "eval" if chosen else Path("outputs") / f"eval-{Path(model).name}")
    with _progress("evaluating", "cases") as advance:
        report = run_evaluation(model, chosen, compare or [], suite, target, _notice, advance, baselines)
    out.print(report.summary(), highlight=False)
    out.print(f"report: {report.path}", highlight=False, soft_wrap=True)


def _cross_validate(model: str, adapter: Path | None, folds: int) -> None:
    if adapter is None:
        raise InputError(
            "there is no adapter to cross-validate", "train one with: bini train, or name it with --adapter"
        )
    from bini.crossvalidation import cross_validate

    with _progress("cross-validating", "") as advance:
        report, _ = cross_validate(model, adapter, folds, _notice, advance)
    out.print(report.summary(), highlight=False)
    out.print(f"report: {report.path}", highlight=False, soft_wrap=True)


@app.command()
def calibrate(
    predictions: Annotated[Path, typer.Argument(help="A file under predictions/ that bini eval wrote.")],
    adapter: Annotated[Path, typer.Option("--adapter", help="The run folder of the adapter that made it.")],
    alpha: Annotated[
        float | None,
        typer.Option("--alpha", help="Of a level's cases, at most this share may have it ruled out; by default 0.1."),
    ] = None,
) -> None:
    """Calibrate an adapter from its predictions on disk: writes calibration.json, which assess uses."""
    from bini.evaluation.calibrate import ALPHA
    from bini.evaluation.calibrate import calibrate as make_calibration
    from bini.files import sha256_file
    from bini.models.loading import ADAPTER_WEIGHTS

    weights = sha256_file(adapter / ADAPTER_WEIGHTS)
    made = make_calibration(predictions, adapter, weights, ALPHA if alpha is None else alpha)
    out.print(f"calibrated: {adapter} on {made.cases} cases of {len(made.patents)} patents", highlight=False)


@app.command()
def pretrain(
    recipe: Annotated[Path, typer.Option("--recipe", help="What to train: training/nano.yaml and its like.")],
    folder: Annotated[Path, typer.Option("--out", help="Folder for log, state and the finished model.")],
) -> None:
    """Pre-train an embedded model from random weights on generated text; goes on where it was stopped."""
    import torch

    from bini.domain.glossary import shipped_glossary
    from bini.training import pretrain as pretraining

    device = "cuda" if torch.cuda.is_available() else "cpu"
    chosen = pretraining.load_recipe(recipe, device)
    glossary = shipped_glossary()
    with _progress(f"pre-training {chosen.name}", "‰") as advance:
        report = lambda progress, loss: advance(round(progress * 1000), 1000, f"loss {loss:.3f}")  # noqa: E731
        path = pretraining.pretrain(chosen, glossary, folder, report, device)
    out.print(f"model: {path}", highlight=False)


@claims_app.command("show")
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


@app.command()
def replay(
    bundle: Annotated[Path, typer.Argument(help="A file that `bini assess --bundle` wrote.")],
    model: Annotated[
        str | None,
        typer.Option(
            "--model", help="A role, a model name, or a folder; by default the one of the bundle's fingerprint."
        ),
    ] = None,
    adapter: Annotated[
        Path | None, typer.Option("--adapter", help="A run folder; by default the one of the bundle's hash.")
    ] = None,
) -> None:
    """Run a saved assessment again: identical (exit code 0), or what differs (1)."""
    from bini.domain.bundle import read_bundle

    saved = read_bundle(bundle)
    from bini.domain.charts.terminal import difference_table
    from bini.domain.differences import TOLERANCE
    from bini.inference.replay import replay as run_again

    found = run_again(saved, model, adapter, _notice)
    if found.surroundings:
        _notice("other surroundings, which count as no difference:")
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


@app.command()
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
    from bini.inference.assessor import Assessor, clean_text

    glossary = shipped_glossary()
    if suite:
        cases = load_cases(suite)[:limit]
        from bini.evaluation.run import system_of
        from bini.evaluation.stability import stability_of_suite

        chosen = _adapter(adapter, model)
        target = folder or Path("outputs") / f"stability-{(chosen or Path(model)).name}"
        system = system_of(model, chosen, _notice)
        with _progress("stability", "texts") as advance:
            found = stability_of_suite(system, cases, glossary, target, advance)
        _notice(f"predictions: {target}")
    else:
        product_text, claim_text = _read(product or "", "product"), _read(claim or "", "claim")
        clean_text(product_text, "product description")
        split_claim(clean_text(claim_text, "claim"))
        from bini.evaluation.stability import stability_of_one

        assessor = Assessor(model, _adapter(adapter, model), _notice)
        found = stability_of_one(assessor, assessor.assess(product_text, claim_text), claim_text, glossary)
    if as_json:
        sys.stdout.write(found.model_dump_json(indent=2) + "\n")
        return
    from bini.evaluation.stability_tables import tables

    out.print(tables(found))


@data_app.command("build")
def data_build(
    check: Annotated[bool, typer.Option("--check", help="Only say whether the files are fresh.")] = False,
) -> None:
    """Make data/processed from the sources, byte for byte."""
    _in_clone("data/raw")
    from bini.training.rows import build

    for path in build(Path(), check):
        out.print(f"{'fresh' if check else 'wrote'}: {path}", highlight=False)


@data_app.command("validate")
def data_validate(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Labelled cases; by default BiniBench's sources in a clone.")
    ] = None,
) -> None:
    """Check labelled cases: form, quotes, and whether stated levels follow from the matches."""
    from bini.domain.bench import load_bench
    from bini.domain.cases import load_cases
    from bini.training.rows import BENCH, dropped_quotes

    if not files:
        for split, patents in load_bench(_in_clone(BENCH)).items():
            out.print(f"{split}: {len(patents)} patents, {sum(len(p.cases) for p in patents)} cases", highlight=False)
    for path in files or []:
        cases = load_cases(path)
        notes = [f"{len(cases)} cases of {len({c.regit_num for c in cases})} patents"]
        if dropped := dropped_quotes(cases):
            notes.append(f"{dropped} quotes are no piece of their product text")
        out.print(f"{path}: {'; '.join(notes)}", highlight=False, soft_wrap=True)


@data_app.command("stats")
def data_stats(
    folder: Annotated[Path, typer.Option("--out", help="Folder of stats.json and stats.png.")] = Path("outputs/stats"),
) -> None:
    """Count BiniBench: levels, fields, tags, lengths, agreement of two labellings, and what counting words reaches."""
    from bini.evaluation.case_stats import write_stats
    from bini.training.rows import BENCH

    for line in write_stats(_in_clone(BENCH), folder):
        out.print(line, highlight=False, soft_wrap=True)


def _in_clone(folder: str) -> Path:
    if not Path(folder).is_dir():
        raise DataError(f"there is no {folder} here", "run this in a clone of the repository")
    return Path(folder)


@models_app.command("list")
def models_list() -> None:
    """Show the models Bini knows, what is here, and which role each plays."""
    from rich.table import Table

    from bini.models.catalog import CATALOG, find

    table = Table("model", "role", "here", "size", "licence", box=None, header_style="bold")
    for card in CATALOG.values():
        place = find(card)
        table.add_row(
            card.name, card.role, "yes" if place else "no", f"{place.size / 1e6:,.1f} MB" if place else "", card.licence
        )
    out.print(table)


@models_app.command("pull")
def models_pull(name: Annotated[str, typer.Argument(help="A model of `bini models list`.")]) -> None:
    """Download a model from the hub, with progress."""
    from bini.models.catalog import pull

    out.print(f"{name}: {pull(name)}", highlight=False, soft_wrap=True)
