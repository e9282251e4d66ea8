"""Models fetched for a while: what a download added to this disk is noted, so that just that can be removed again."""

import json
from pathlib import Path

from bini.files import write_json
from bini.models.catalog import hub_id, pull


def fetch(name: str, ledger: Path) -> None:
    """Pull a model, and note in `ledger` which files this added, also if it is interrupted.

    Parameters
    ----------
    name
        As `bini.models.catalog.pull` takes it.
    ledger
        JSON: a list of paths inside the model's folder of the hub's cache. What it holds already stays in it.

    Raises
    ------
    ModelError
        If the model cannot be pulled.
    """
    before = _files(name)
    try:
        pull(name)
    finally:
        added = {*_noted(ledger), *(str(path.relative_to(_folder(name))) for path in _files(name) - before)}
        if added:
            write_json(ledger, sorted(added))


def drop(name: str, ledger: Path) -> int:
    """Remove the files that `fetch` noted, the folders that this leaves empty, and the note; the bytes set free."""
    folder = _folder(name)
    here = _files(name)
    freed = 0
    for path in (folder / noted for noted in _noted(ledger)):
        if path in here:  # so never a file outside the model's folder, whatever the note says
            freed += path.lstat().st_size
            path.unlink()
    for path in sorted(folder.rglob("*"), reverse=True):  # the inner ones first
        if path.is_dir() and not path.is_symlink() and not any(path.iterdir()):
            path.rmdir()
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
    ledger.unlink(missing_ok=True)
    return freed


def _noted(ledger: Path) -> list[str]:
    return [str(name) for name in json.loads(ledger.read_text(encoding="utf-8"))] if ledger.is_file() else []


def _folder(name: str) -> Path:
    """The model's folder in the hub's cache, whether it is there or not."""
    from huggingface_hub import constants
    from huggingface_hub.file_download import repo_folder_name

    return Path(constants.HF_HUB_CACHE) / repo_folder_name(repo_id=hub_id(name), repo_type="model")


def _files(name: str) -> set[Path]:
    """Files and links in the model's folder of the hub's cache."""
    return {path for path in _folder(name).rglob("*") if path.is_symlink() or path.is_file()}
