"""Checks of the files of a run folder: nothing here parses more than a file's first bytes or its list of names."""

import os
import pickletools
import re
import stat
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath

from bini.models.adapters.report import Check, Status, printable

ADAPTER_WEIGHTS = "adapter_model.safetensors"
ADAPTER_CONFIG = "adapter_config.json"
RUN = "run.json"

PICKLED = {".bin", ".ckpt", ".dill", ".joblib", ".npy", ".npz", ".pickle", ".pkl", ".pt", ".pth"}
"""Suffixes under which pickles are kept."""
PROGRAMS = {".bat", ".cmd", ".dll", ".dylib", ".exe", ".jar", ".js", ".ps1", ".py", ".pyc", ".sh", ".so", ".vbs"}
PROGRAM_STARTS = (
    b"#!",
    b"\x7fELF",
    b"MZ",
    b"\xca\xfe\xba\xbe",
    b"\xfe\xed\xfa",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
)
"""First bytes of scripts, ELF, PE, and Java class or Mach-O files."""

UNDER_WAY = re.compile(r"\.fold-\d+\.partial")
"""Name of a folder in which `bini eval --folds` trains a fold."""

SMALL_PICKLE = 1_000_000
"""Bytes up to which a file is read whole to see whether it is a pickle of protocol 0 or 1, which has no first bytes
of its own."""
IMPORTING = {"GLOBAL", "INST", "STACK_GLOBAL"}
"""Pickle opcodes that name something to import."""

TAKE_OUT = "take it out of the folder, or get the adapter from who trained it"


def entries(folder: Path) -> list[Path]:
    """Every file and every link below `folder`; links are not followed.

    Left out are folders in which a fold's training is under way: the trainer's checkpoints, which it reads back without
    running them, hold pickles.
    """
    found = []
    for root, folders, files in os.walk(folder, followlinks=False):
        folders[:] = [name for name in folders if not UNDER_WAY.fullmatch(name) or Path(root, name).is_symlink()]
        found += [Path(root, name) for name in files]
        found += [path for path in (Path(root, name) for name in folders) if path.is_symlink()]
    return sorted(found)


def check_links(folder: Path, paths: Sequence[Path]) -> Check:
    """No link leads out of the folder, and nothing is a device, a socket or a pipe: opening one may never end."""
    inside = folder.resolve()
    for path in paths:
        name = printable(path.relative_to(folder))
        if path.is_symlink() and not path.resolve().is_relative_to(inside):
            return Check("links", Status.FAIL, f"{name} is a link out of the folder", "put the file itself there")
        if not path.is_symlink() and not stat.S_ISREG(path.lstat().st_mode):
            return Check("links", Status.FAIL, f"{name} is no ordinary file", TAKE_OUT)
    return Check("links", Status.PASS, "every file lies in the folder itself")


def check_complete(folder: Path) -> Check:
    """Weights, configuration and run.json are there."""
    missing = [name for name in (ADAPTER_WEIGHTS, ADAPTER_CONFIG, RUN) if not (folder / name).is_file()]
    if missing:
        why = f"not a finished run: {missing[0]} is missing"
        return Check("complete", Status.FAIL, why, "train it again with: bini train, or name another folder")
    return Check("complete", Status.PASS, "weights, configuration and run.json are there")


def check_pickles(folder: Path, paths: Sequence[Path]) -> Check:
    """No pickle, by suffix or by content; Bini opens none, but the next tool might, and a pickle can run anything."""
    found = [printable(path.relative_to(folder)) for path in paths if path.is_file() and _is_pickle(path)]
    if found:
        return Check("pickles", Status.FAIL, f"{_listed(found)}: pickles can run programs when opened", TAKE_OUT)
    return Check("pickles", Status.PASS, "no pickles, weights are safetensors")


def check_programs(folder: Path, paths: Sequence[Path]) -> Check:
    """No program or script; a file that is merely marked executable is a warning, some file systems mark all."""
    files = [path for path in paths if path.is_file()]
    found = [path for path in files if path.suffix.lower() in PROGRAMS or _head(path).startswith(PROGRAM_STARTS)]
    if found:
        names = _listed(printable(path.relative_to(folder)) for path in found)
        return Check("programs", Status.FAIL, f"{names}: a run holds no programs", TAKE_OUT)
    marked = [printable(path.relative_to(folder)) for path in files if path.stat().st_mode & 0o111]
    if marked:
        return Check("programs", Status.WARN, f"{_listed(marked)}: marked as executable", "chmod a-x")
    return Check("programs", Status.PASS, "no programs")


def check_names(folder: Path, paths: Sequence[Path], recorded: Iterable[str]) -> Check:
    """No name leads out of the folder: of a file, in run.json, or in an archive, whatever system unpacks it."""
    names = [*(path.relative_to(folder).as_posix() for path in paths), *recorded]
    for path in paths:
        names += _members(path) if path.is_file() else []
    out = [printable(name) for name in names if leaves_folder(name)]
    if out:
        return Check("names", Status.FAIL, f"{_listed(out)}: leads out of the folder", TAKE_OUT)
    return Check("names", Status.PASS, "no name leads out of the folder")


def leaves_folder(name: str) -> bool:
    """Whether a name from a file, joined to a folder, may point outside it on any system."""
    path = PurePosixPath(name.replace("\\", "/"))
    return path.is_absolute() or ".." in path.parts or re.match(r"[A-Za-z]:", name) is not None or "\0" in name


def _is_pickle(path: Path) -> bool:
    if path.suffix.lower() in PICKLED or any(member.endswith((".pkl", ".npy")) for member in _members(path)):
        return True
    head = _head(path)
    if re.match(rb"\x80[\x02-\x05]", head):
        return True
    return path.stat().st_size <= SMALL_PICKLE and _imports_as_pickle(path.read_bytes())


def _imports_as_pickle(content: bytes) -> bool:
    """Whether `content` reads as a pickle to its end and imports something; it is parsed, never run."""
    try:
        opcodes = {code.name for code, _, _ in pickletools.genops(content)}
    except Exception:  # whatever a file that is no pickle makes of the parser
        return False
    return not opcodes.isdisjoint(IMPORTING)


def _members(path: Path) -> list[str]:
    """Names in a zip archive; none if it is no archive."""
    if not _head(path).startswith(b"PK"):
        return []
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.namelist()
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError):
        return []


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(8)


def _listed(names: Iterable[str]) -> str:
    """The first three names, and how many more there are."""
    every = list(names)
    return ", ".join(every[:3]) + (f" and {len(every) - 3} more" if len(every) > 3 else "")
