"""The registry: what is kept is what was checked, and no crash, race or file name makes it something else."""

import json
import os
import shutil
import signal
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bini.errors import AdapterError
from bini.models.adapters.report import Check, Status
from bini.models.registry import registry as module
from bini.models.registry.events import Action, Event, State, fold, parse_reference, step
from bini.models.registry.objects import STAGING
from bini.models.registry.registry import Registry, resolve_adapter

ROOT = Path(__file__).parents[2]
SOUND = [Check("files", Status.PASS, "all there")]
NOW = "2026-11-21T00:00:00Z"
RECORD = "e" * 64

REGISTER = """
import sys
from pathlib import Path
from bini.models.adapters.report import Check, Status
from bini.models.registry.registry import Registry

folder, sources = Path(sys.argv[1]), sys.argv[2:]
for source in sources:
    print(Registry(folder).register(Path(source), "mine", "base", lambda _: [Check("files", Status.PASS, "")])[0])
"""
KILLED = """
import os, signal, sys
from pathlib import Path
from bini.models.adapters.report import Check, Status
from bini.models.registry.registry import Registry

root, source = map(Path, sys.argv[1:])
steps = {"open", "os.mkdir", "os.rename", "os.chmod", "os.remove", "os.rmdir", "os.truncate", "fcntl.flock"}

def register(folder, last):
    done = 0

    def count(event, arguments):
        nonlocal done
        if event not in steps:
            return
        done += 1
        if done == last:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
    Registry(folder).register(source, "mine", "base", lambda _: [Check("files", Status.PASS, "")])
    os._exit(0)

status = None
last = 0
while status != 0:
    last += 1
    child = os.fork()
    if child == 0:
        register(root / str(last), last)
    status = os.waitpid(child, 0)[1]
    print(os.waitstatus_to_exitcode(status))
"""


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(tmp_path / "registry")


def run_folder(path: Path, content: str = "weights") -> Path:
    path.mkdir(parents=True)
    (path / "adapter_model.safetensors").write_text(content, encoding="utf-8")
    (path / "run.json").write_text("{}", encoding="utf-8")
    (path / "eval").mkdir()
    (path / "eval/report.md").write_text("# 평가\n", encoding="utf-8")
    return path


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return run_folder(tmp_path / "runs/one")


def keep(registry: Registry, source: Path, name: str = "mine") -> int | None:
    return registry.register(source, name, "base", lambda _: SOUND)[0]


def keep_some(registry: Registry, folder: Path, count: int) -> None:
    for number in range(1, count + 1):
        assert keep(registry, run_folder(folder / f"run-{number}", f"weights {number}")) == number


def python(code: str, *arguments: object) -> subprocess.Popen[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


# registering


def test_a_version_is_a_copy_that_outlives_its_run(registry: Registry, source: Path) -> None:
    assert keep(registry, source) == 1
    shutil.rmtree(source)
    kept = registry.locate("mine@1")
    assert sorted(path.name for path in kept.iterdir()) == ["adapter_model.safetensors", "run.json"]
    assert (kept / "adapter_model.safetensors").read_text(encoding="utf-8") == "weights"
    (event,) = registry.events("mine")
    assert (event.action, event.version, event.checks) == (Action.REGISTERED, 1, {"files": Status.PASS})


def test_the_same_files_are_the_same_version(registry: Registry, source: Path, tmp_path: Path) -> None:
    again = shutil.copytree(source, tmp_path / "runs/copy")
    other = run_folder(tmp_path / "runs/two", "other weights")
    assert [keep(registry, one) for one in (source, again, other, source)] == [1, 1, 2, 1]
    registry.retire("mine", 1)
    assert keep(registry, source) == 3, "what is retired is not given again"
    assert keep(registry, source, "another") == 1


def test_what_fails_its_checks_leaves_nothing(registry: Registry, source: Path) -> None:
    failed = [Check("scale", Status.FAIL, "too large")]
    assert registry.register(source, "mine", "base", lambda _: failed) == (None, failed)
    assert registry.names() == []
    assert [path.name for path in registry.folder.rglob("*") if path.is_file()] == [".lock"]


def test_what_is_kept_is_what_was_checked(registry: Registry, source: Path) -> None:
    """The run folder changes while its copy is being checked."""

    def check(copy: Path) -> list[Check]:
        (source / "run.json").write_text('{"changed": true}', encoding="utf-8")
        assert (copy / "run.json").read_text(encoding="utf-8") == "{}"
        return SOUND

    registry.register(source, "mine", "base", check)
    assert (registry.locate("mine@1") / "run.json").read_text(encoding="utf-8") == "{}"


def test_an_error_in_the_checks_leaves_nothing(registry: Registry, source: Path) -> None:
    def check(_: Path) -> list[Check]:
        raise AdapterError("no such model")

    with pytest.raises(AdapterError, match="no such model"):
        registry.register(source, "mine", "base", check)
    assert [path.name for path in (registry.folder / "objects").iterdir()] == [".lock"]


# names

BAD_NAMES = [
    "",
    ".",
    "..",
    "../x",
    "/etc/passwd",
    "a/b",
    "a\\b",
    "C:x",
    "-x",
    "x\n",
    "x y",
    "mіne",
    "ｍｉｎｅ",
    "é",
    "어댑터",
]
BAD_NAMES += ["x" * 65, "x\0", "a.b", "x@1", "~", "$HOME"]


@pytest.mark.parametrize("name", BAD_NAMES, ids=ascii)
def test_a_name_cannot_leave_the_folder_or_look_like_another(
    registry: Registry, source: Path, tmp_path: Path, name: str
) -> None:
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(AdapterError, match="is no name"):
        keep(registry, source, name)
    for call in (registry.state, registry.roll_back, registry.events):
        with pytest.raises(AdapterError):
            call(name)
    assert sorted(tmp_path.rglob("*")) == before


@given(st.text())
def test_any_text_is_a_reference_or_told(text: str) -> None:
    try:
        name, version = parse_reference(text)
    except AdapterError:
        return
    assert text == (name if version is None else f"{name}@{version}")
    assert Path(name).name == name
    assert name.isascii()


@pytest.mark.parametrize(
    "reference", ["mine@0", "mine@01", "mine@-1", "mine@１", "mine@", "mine@1@2", "mine@1/..", "mine@x"]
)
def test_a_version_is_a_plain_number(reference: str) -> None:
    with pytest.raises(AdapterError, match="names no version"):
        parse_reference(reference)


# links and changed files


@pytest.mark.parametrize("name", ["adapter_model.safetensors", "note.txt", "eval"])
def test_a_link_is_not_copied(registry: Registry, source: Path, tmp_path: Path, name: str) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    path = source / name
    shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    path.symlink_to(secret)
    with pytest.raises(AdapterError, match="is a link"):
        keep(registry, source)


def test_a_pipe_is_not_waited_for(registry: Registry, source: Path) -> None:
    os.mkfifo(source / "pipe")
    with pytest.raises(AdapterError, match="no ordinary file"):
        keep(registry, source)


def edited(kept: Path) -> None:
    (kept / "run.json").chmod(0o644)
    (kept / "run.json").write_text("[]", encoding="utf-8")


def removed(kept: Path) -> None:
    (kept / "run.json").unlink()


def added(kept: Path) -> None:
    (kept / "calibration.json").write_text("{}", encoding="utf-8")


def gone(kept: Path) -> None:
    shutil.rmtree(kept)


def linked_file(kept: Path) -> None:
    moved = (kept / "run.json").rename(kept.parent / "run.json")
    (kept / "run.json").symlink_to(moved)


def linked_folder(kept: Path) -> None:
    moved = kept.rename(kept.parent / "elsewhere")
    kept.symlink_to(moved)


def linked_object(kept: Path) -> None:
    moved = kept.parent.rename(kept.parent.parent / "elsewhere")
    kept.parent.symlink_to(moved)


@pytest.mark.parametrize("change", [edited, removed, added, gone, linked_file, linked_folder, linked_object])
def test_a_changed_object_is_refused(registry: Registry, source: Path, change) -> None:
    keep(registry, source)
    change(registry.locate("mine@1"))
    with pytest.raises(AdapterError, match=r"changed|missing|link"):
        registry.locate("mine@1")
    with pytest.raises(AdapterError, match=r"changed|missing|link"):
        registry.promote("mine", 1, None, RECORD)


def test_a_linked_log_is_not_followed(registry: Registry, source: Path, tmp_path: Path) -> None:
    keep(registry, source)
    log = registry.folder / "names/mine.jsonl"
    log.rename(tmp_path / "log")
    log.symlink_to(tmp_path / "log")
    with pytest.raises(OSError, match="symbolic links"):
        registry.state("mine")


# production


def test_a_chain_of_promotions_is_rolled_back_step_by_step(registry: Registry, tmp_path: Path) -> None:
    keep_some(registry, tmp_path / "runs", 3)
    for over, version in ((None, 1), (1, 2), (2, 1), (1, 3)):
        assert registry.promote("mine", version, over, RECORD).production == version
        assert registry.locate("mine").name == f"mine@{version}"
    assert [registry.roll_back("mine", "worse").production for _ in range(4)] == [1, 2, 1, None]
    with pytest.raises(AdapterError, match="no version of mine is in production"):
        registry.roll_back("mine")
    with pytest.raises(AdapterError, match="no version of mine is in production"):
        registry.locate("mine")
    assert [event.reason for event in registry.events("mine")[-4:]] == ["worse"] * 4


def test_what_is_retired_is_used_no_more(registry: Registry, tmp_path: Path) -> None:
    keep_some(registry, tmp_path / "runs", 3)
    for over, version in ((None, 1), (1, 2), (2, 3)):
        registry.promote("mine", version, over, RECORD)
    with pytest.raises(AdapterError, match="in production"):
        registry.retire("mine", 3)
    registry.retire("mine", 2)
    for call in (lambda: registry.retire("mine", 2), lambda: registry.locate("mine@2")):
        with pytest.raises(AdapterError, match="retired"):
            call()
    assert registry.roll_back("mine").production == 1


def test_a_promotion_over_what_is_no_longer_in_production_is_refused(registry: Registry, tmp_path: Path) -> None:
    keep_some(registry, tmp_path / "runs", 3)
    registry.promote("mine", 1, None, RECORD)
    registry.promote("mine", 2, 1, RECORD)
    before = registry.events("mine")
    with pytest.raises(AdapterError, match="mine@2 is in production by now"):
        registry.promote("mine", 3, 1, RECORD)
    assert registry.events("mine") == before


def test_a_rollback_does_not_land_on_a_changed_version(registry: Registry, tmp_path: Path) -> None:
    keep_some(registry, tmp_path / "runs", 2)
    registry.promote("mine", 1, None, RECORD)
    registry.promote("mine", 2, 1, RECORD)
    added(registry.locate("mine@1"))
    with pytest.raises(AdapterError, match="changed"):
        registry.roll_back("mine")
    assert registry.state("mine").production == 2


EVENTS = st.builds(
    Event,
    at=st.just(NOW),
    user=st.just("someone"),
    action=st.sampled_from(Action),
    version=st.integers(1, 4),
    object=st.sampled_from(["a" * 64, "b" * 64]),
)


@given(st.lists(EVENTS, max_size=40))
def test_no_order_of_events_makes_a_state_that_cannot_be(events: list[Event]) -> None:
    state, taken = State(), []
    for event in events:
        try:
            after = step(state, event)
        except AdapterError:
            continue
        taken.append(event)
        if event.action is Action.PROMOTED:
            undone = step(after, event.model_copy(update={"action": Action.ROLLED_BACK}))
            assert undone == state, "a rollback undoes the promotion before it"
        else:
            assert event.action is Action.ROLLED_BACK or after.production == state.production
        state = after
        numbers = [one.version for one in state.registered]
        assert numbers == list(range(1, len(numbers) + 1))
        promoted = [one.version for one in state.promoted]
        assert not state.retired & set(promoted)
        assert state.retired | set(promoted) <= set(numbers)
        assert all(one != other for one, other in pairwise(promoted))
    assert fold(taken) == state


# crashes and races


@given(cut=st.integers(0, 400))
def test_a_line_that_a_killed_writer_left_unfinished_is_no_event(tmp_path_factory, cut: int) -> None:
    folder = tmp_path_factory.mktemp("torn")
    registry = Registry(folder / "registry")
    keep_some(registry, folder / "runs", 2)
    log = registry.folder / "names/mine.jsonl"
    first, second = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(first + second[: min(cut, len(second) - 1)])
    assert len(registry.state("mine").registered) == 1
    assert keep(registry, folder / "runs/run-2") == 2
    assert len(registry.state("mine").registered) == len(log.read_bytes().splitlines()) == 2


@pytest.mark.parametrize("line", ["", "nothing", "{}", '{"at": 1}', "\x00"])
def test_a_line_within_the_log_that_is_no_event_is_told(registry: Registry, tmp_path: Path, line: str) -> None:
    keep_some(registry, tmp_path / "runs", 2)
    log = registry.folder / "names/mine.jsonl"
    first, second = log.read_text(encoding="utf-8").splitlines()
    log.write_text(f"{first}\n{line}\n{second}\n", encoding="utf-8")
    with pytest.raises(AdapterError, match="line 2 is no event"):
        registry.state("mine")
    with pytest.raises(AdapterError, match="line 2 is no event"):
        registry.retire("mine", 1)


def test_a_log_that_does_not_follow_is_told(registry: Registry, source: Path) -> None:
    keep(registry, source)
    log = registry.folder / "names/mine.jsonl"
    log.write_bytes(log.read_bytes() * 2)
    with pytest.raises(AdapterError, match="version 1 cannot be registered"):
        registry.locate("mine@1")


def test_processes_that_register_at_once_get_a_version_each(registry: Registry, tmp_path: Path) -> None:
    sources = [run_folder(tmp_path / f"runs/{number}", f"weights {number}") for number in range(8)]
    writers = [python(REGISTER, registry.folder, *sources[n::4], sources[0]) for n in range(4)]
    told = [int(line) for writer in writers for line in writer.communicate(timeout=120)[0].split()]
    assert [writer.returncode for writer in writers] == [0] * 4
    assert len(told) == 12
    assert set(told) == set(range(1, 9)), "what two register is one version"
    texts = [(registry.locate(f"mine@{n}") / "adapter_model.safetensors").read_text() for n in range(1, 9)]
    assert sorted(texts) == [f"weights {number}" for number in range(8)]
    assert list((registry.folder / "objects").glob(f"{STAGING}*")) == []


def test_a_process_killed_anywhere_leaves_all_or_nothing(source: Path, tmp_path: Path) -> None:
    """Killed before each of its calls in turn, until one gets through."""
    codes = [int(line) for line in python(KILLED, tmp_path, source).communicate(timeout=120)[0].split()]
    assert codes == [-signal.SIGKILL] * (len(codes) - 1) + [0]
    assert len(codes) > 10
    registered = 0
    for number in range(1, len(codes) + 1):
        left = Registry(tmp_path / str(number))
        if left.names():
            left.locate("mine@1")
            registered += 1
        assert keep(left, source) == 1
        assert list((left.folder / "objects").glob(f"{STAGING}*")) == []
        assert left.folders() == [left.locate("mine@1")]
    assert 0 < registered < len(codes)


# --adapter


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def test_an_argument_names_a_folder_or_a_registered_adapter(here: Path, source: Path) -> None:
    registry = Registry()
    keep(registry, source)
    assert resolve_adapter("outputs/any") == Path("outputs/any")
    assert resolve_adapter("mine@1") == registry.locate("mine@1")
    with pytest.raises(AdapterError, match="no version of mine is in production"):
        resolve_adapter("mine")
    registry.promote("mine", 1, None, RECORD)
    assert resolve_adapter("mine") == registry.locate("mine@1")
    for reference in ("mine@2", "other@1", "mine@one", "../mine@1"):
        with pytest.raises(AdapterError):
            resolve_adapter(reference)
    run_folder(here / "mine")
    with pytest.raises(AdapterError, match="a folder and a registered adapter"):
        resolve_adapter("mine")
    assert resolve_adapter("./mine") == Path("mine")


def test_only_versions_of_the_registry_are_its_own(registry: Registry, source: Path) -> None:
    keep(registry, source)
    kept = registry.locate("mine@1")
    assert registry.folders() == [kept]
    assert registry.holds(kept)
    assert not registry.holds(source)
    assert not registry.results(kept).is_relative_to(kept)


def test_the_user_without_a_name_is_told_by_number(
    registry: Registry, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody() -> str:
        raise KeyError("uid not found")

    monkeypatch.setattr(module.getpass, "getuser", nobody)
    keep(registry, source)
    line = json.loads((registry.folder / "names/mine.jsonl").read_text(encoding="utf-8"))
    assert line["user"] == str(os.getuid())
