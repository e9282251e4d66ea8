"""What is fetched for a while can be removed again, and nothing else."""

from pathlib import Path

import pytest
from huggingface_hub import constants

from bini.errors import ModelError
from bini.models import downloads
from bini.models.downloads import drop, fetch

NAME = "owner/model"


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A hub cache in which other things lie already."""
    cache = tmp_path / "hub"
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache))
    store(cache / "models--owner--other", "blobs/1", "snapshots/a/config.json")
    return cache


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return tmp_path / "fetched.json"


def store(repo: Path, *names: str) -> None:
    for name in names:
        (repo / name).parent.mkdir(parents=True, exist_ok=True)
        (repo / name).write_text("0123456789", encoding="utf-8")


def pulling(monkeypatch: pytest.MonkeyPatch, hub: Path, *names: str, then: BaseException | None = None) -> None:
    """A pull that leaves files and one link, as the hub's client does, and may be cut off."""

    def pull(name: str) -> Path:
        repo = hub / f"models--{name.replace('/', '--')}"
        store(repo, *names)
        (repo / "snapshots/b").mkdir(parents=True, exist_ok=True)
        link = repo / "snapshots/b/model.safetensors"
        if not link.is_symlink():
            link.symlink_to("../../blobs/2")
        if then:
            raise then
        return repo

    monkeypatch.setattr(downloads, "pull", pull)


def tree(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def test_dropping_leaves_the_cache_as_it_was(hub: Path, ledger: Path, monkeypatch) -> None:
    before = tree(hub)
    pulling(monkeypatch, hub, "blobs/2", "refs/main")
    fetch(NAME, ledger)
    assert "models--owner--model/snapshots/b/model.safetensors" in tree(hub)
    assert drop(NAME, ledger) >= 20
    assert tree(hub) == before
    assert not ledger.exists()


def test_what_was_there_before_stays(hub: Path, ledger: Path, monkeypatch) -> None:
    """Another revision, and a file that the pull did not have to fetch."""
    store(hub / "models--owner--model", "blobs/1", "snapshots/a/config.json", "refs/main")
    before = tree(hub)
    pulling(monkeypatch, hub, "blobs/2", "refs/main")
    fetch(NAME, ledger)
    drop(NAME, ledger)
    assert tree(hub) == before


def test_a_model_that_was_here_is_not_dropped(hub: Path, ledger: Path, monkeypatch) -> None:
    pulling(monkeypatch, hub, "blobs/2", "refs/main")
    downloads.pull(NAME)
    before = tree(hub)
    fetch(NAME, ledger)
    assert not ledger.exists()
    assert drop(NAME, ledger) == 0
    assert tree(hub) == before


@pytest.mark.parametrize("error", [KeyboardInterrupt(), ModelError("cut off")], ids=str)
def test_an_interrupted_pull_can_be_dropped_after_it_went_on(hub: Path, ledger: Path, monkeypatch, error) -> None:
    before = tree(hub)
    pulling(monkeypatch, hub, "blobs/1", then=error)
    with pytest.raises(type(error)):
        fetch(NAME, ledger)
    pulling(monkeypatch, hub, "blobs/1", "blobs/2", "refs/main")
    fetch(NAME, ledger)
    drop(NAME, ledger)
    assert tree(hub) == before


def test_files_that_came_later_stay(hub: Path, ledger: Path, monkeypatch) -> None:
    pulling(monkeypatch, hub, "blobs/2", "refs/main")
    fetch(NAME, ledger)
    store(hub / "models--owner--model", "blobs/3")
    drop(NAME, ledger)
    assert [p.name for p in (hub / "models--owner--model").rglob("*") if p.is_file()] == ["3"]


def test_a_forged_note_reaches_nothing_outside_the_model_s_folder(hub: Path, ledger: Path, tmp_path: Path) -> None:
    store(hub / "models--owner--model", "blobs/1")
    store(tmp_path, "mine.txt")
    before = tree(tmp_path)
    ledger.write_text(f'["../models--owner--other/blobs/1", "../../mine.txt", "{tmp_path}/mine.txt"]', encoding="utf-8")
    drop(NAME, ledger)
    assert tree(tmp_path) == before - {"fetched.json"}
