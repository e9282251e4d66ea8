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
data_app = typer.Typer(no_args_is_help=True, help="The labelled cases.")
models_app = typer.Typer(no_args_is_help=True, help="The models on this machine.")
adapters_app = typer.Typer(no_args_is_help=True, help="The adapters: whether they can be trusted.")
app.add_typer(data_app, name="data")
app.add_typer(models_app, name="models")
app.add_typer(adapters_app, name="adapters")

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
ForceOption = Annotated[bool, typer.Option("--force", help="Load an adapter whose checks fail; the result says which.")]


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
    claim: Annotated[str, typer.Option("--claim", help="One patent claim: text or @file.")],
    model: ModelOption = "tuned-1b",
    adapter: AdapterOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print exactly the judgement's JSON.")] = False,
    file: Annotated[
        Path | None,
        typer.Option("--out", help="Write the chart to this file too: .md, .html, .docx, .xlsx or .json."),
    ] = None,
    lang: Annotated[Language, typer.Option("--lang", help="Language of the chart.")] = Language.KO,
    force: ForceOption = False,
) -> None:
    """Judge one product under one claim and show the claim chart."""
    product_text, claim_text = _read(product, "product"), _read(claim, "claim")
    from bini.domain.charts.files import form_of, write_charts
    from bini.domain.claims import split_claim
    from bini.inference.assessor import Assessor, clean_text

    # Bad input is told before a model is loaded.
    clean_text(product_text, "product description")
    split_claim(clean_text(claim_text, "claim"))
    if file:
        form_of(file)
    result = Assessor(model, _adapter(adapter, model), _notice, force).assess(product_text, claim_text)
    if file:
        write_charts(file, [result], lang.value)
        _notice(f"chart: {file}")
    if as_json:
        sys.stdout.write(result.to_json() + "\n")
        return
    from bini.domain.charts.terminal import terminal_chart

    out.print(terminal_chart(result, lang.value))


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
    force: ForceOption = False,
) -> None:
    """Predict, score and report: an adapter beside untuned models on the same rows."""
    from bini.evaluation.run import evaluate as run_evaluation

    chosen = _adapter(adapter, model)
    target = folder or (chosen / "eval" if chosen else Path("outputs") / f"eval-{Path(model).name}")
    with _progress("evaluating", "cases") as advance:
        report = run_evaluation(model, chosen, compare or [], suite, target, _notice, advance, baselines, force)
    out.print(report.summary(), highlight=False)
    out.print(f"report: {report.path}", highlight=False, soft_wrap=True)


@app.command()
def pretrain(
    recipe: Annotated[Path, typer.Option("--recipe", help="What to train: training/nano.yaml and its like.")],
    folder: Annotated[Path, typer.Option("--out", help="Folder for log, state and the finished model.")],
) -> None:
    """Pre-train an embedded model from random weights on generated text; goes on where it was stopped."""
    from bini.domain.glossary import shipped_glossary
    from bini.training import pretrain as pretraining

    chosen = pretraining.load_recipe(recipe)
    glossary = shipped_glossary()
    with _progress(f"pre-training {chosen.name}", "‰") as advance:
        report = lambda progress, loss: advance(round(progress * 1000), 1000, f"loss {loss:.3f}")  # noqa: E731
        path = pretraining.pretrain(chosen, glossary, folder, report)
    out.print(f"model: {path}", highlight=False)


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


@adapters_app.command("check")
def adapters_check(
    path: Annotated[Path, typer.Argument(help="A run folder.")],
    base: Annotated[
        str | None, typer.Option("--base", help="The model to load it on; by default the one it was trained on.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the checks as JSON.")] = False,
) -> None:
    """Check files, tensors and answers of an adapter; exit code 1 if a check fails."""
    import json

    from bini.evaluation.behaviour import check_all
    from bini.models.adapters import report
    from bini.models.adapters.record import find_base
    from bini.models.catalog import Role, resolve

    found = None if base else find_base(path)
    place = found or resolve(base or Role.TUNED, _notice)
    with _progress("checking", "cases") as advance:
        checks = check_all(path, place, lambda done, total: advance(done, total, ""))
    if as_json:
        value = report.as_json(str(path), place.name, checks)
        sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")
    else:
        out.print(report.as_table(checks))
        out.print(f"{path} on {place.name}: {report.verdict(checks)}", markup=False, highlight=False, soft_wrap=True)
    if report.failures(checks):
        raise typer.Exit(1)


@adapters_app.command("matrix")
def adapters_matrix(
    folders: Annotated[list[Path], typer.Argument(help="Run folders, or folders of run folders.")],
    bases: Annotated[
        list[str] | None,
        typer.Option("--bases", help="A model; may be repeated; by default every known model on this machine."),
    ] = None,
    folder: Annotated[Path, typer.Option("--out", help="Folder of matrix.csv and matrix.png.")] = Path(
        "outputs/matrix"
    ),
) -> None:
    """Show which adapters fit which models, from the headers of their files."""
    from bini.evaluation import matrix
    from bini.models.catalog import CATALOG, find, resolve

    known = bases or [card.name for card in CATALOG.values() if find(card)]
    cells = matrix.matrix(matrix.find_adapters(folders), {name: resolve(name, _notice) for name in known})
    matrix.write_matrix(cells, folder)
    out.print(matrix.as_table(cells))
    out.print(f"wrote: {folder / matrix.CSV}, {folder / matrix.PICTURE}", highlight=False, soft_wrap=True)
