"""Bundles: the assessment of a claim or a patent with all that it depends on, as a ZIP file that can be run again.

A bundle may come from anyone. Its members are stored without compression, their names are known beforehand, and each is
read into memory whole: nothing is unpacked to disk, and nothing in a bundle names a file to be opened. The hashes of
its manifest tell damage, not forgery: whoever writes a bundle writes its hashes.
"""

import io
import json
import stat
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from zipfile import ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, ValidationError

from bini.domain.archive import packed
from bini.domain.claims import ClaimSet
from bini.domain.claims.numbering import CLAIMS_MAX, Numbered
from bini.domain.claims.reading import build_claims
from bini.domain.patents import PatentAssessment
from bini.domain.schema import Assessment
from bini.errors import InputError
from bini.files import read_bytes, sha256, write_bytes

BUNDLE_BYTES = 20_000_000
"""Largest bundle; the texts of a request are far smaller, or they would not fit a model's window."""

CLAIM_CHARS, CLAIMS_CHARS = 50_000, 200_000
"""Longest claim of a bundle, and most of all its claims: splitting one takes time that grows with the square of its
length."""

MANIFEST = "manifest.json"
MEMBERS = ("environment.json", "product.txt", "result.json")
"""What every bundle holds besides its manifest."""

CLAIM, CLAIMS = "claim.txt", "claims.json"
"""One of the two stands beside them: the text of one claim, or a claim set."""

_HINT = "give a file that `bini assess --bundle` wrote"


class Environment(BaseModel):
    """What a result depends on besides its provenance.

    Parameters
    ----------
    files
        SHA-256 of the small files that come with the weights (tokenizer, chat template, configurations), by name.
    libraries
        Versions of the libraries that compute, by name.
    python, device, dtype
        Version of Python; where the model ran, and in which numbers.
    threads
        Of torch: sums are added in another order with another number of them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    files: dict[str, str]
    libraries: dict[str, str]
    python: str
    device: str
    dtype: str
    threads: int


@dataclass(frozen=True)
class Bundle:
    """An assessment and what it was made of.

    Parameters
    ----------
    product
        The text as it was given.
    claim
        The text of one claim as it was given, or a claim set.
    result
        What came out, with its provenance: of a claim set the patent's assessment.
    environment
        Where it came out.

    Raises
    ------
    InputError
        If a claim is longer than `CLAIM_CHARS`, or a claim set than `CLAIMS_CHARS`.
    """

    product: str
    claim: str | ClaimSet
    result: Assessment | PatentAssessment
    environment: Environment

    def __post_init__(self) -> None:
        if isinstance(self.claim, str):
            _check_lengths(CLAIM, [len(self.claim)])
        else:
            _check_lengths(CLAIMS, [len(claim.text) for claim in self.claim.claims])


def _check_lengths(name: str, lengths: Sequence[int]) -> None:
    for length, most in ((max(lengths, default=0), CLAIM_CHARS), (sum(lengths), CLAIMS_CHARS)):
        if length > most:
            raise InputError(f"{name} holds {length:,} characters", f"a bundle's claim has {CLAIM_CHARS:,} at most")


class _Place(BaseModel):
    """Where a claim stands in the text of its set; its number, as a file may give it, has five digits at most."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: Annotated[int, Field(ge=0, lt=100_000)]
    start: NonNegativeInt
    end: NonNegativeInt


class _Claims(BaseModel):
    """A claim set as it was read: dividing the text at these places makes it again."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    places: Annotated[tuple[_Place, ...], Field(max_length=CLAIMS_MAX)]


class _Manifest(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["bini-bundle"]
    version: Literal[1]
    bini_version: str
    sha256: dict[str, str]


def write_bundle(path: Path, bundle: Bundle) -> None:
    """Write a bundle whole or not at all; the same bundle is the same file, byte for byte."""
    members = {
        **_claim_member(bundle.claim),
        "environment.json": _json(bundle.environment.model_dump(mode="json")),
        "product.txt": bundle.product.encode(),
        "result.json": _json(bundle.result.model_dump(mode="json")),
    }
    manifest = _Manifest(
        format="bini-bundle",
        version=1,
        bini_version=bundle.result.provenance.bini_version,
        sha256={name: sha256(content) for name, content in members.items()},
    )
    members[MANIFEST] = _json(manifest.model_dump(mode="json"))
    content = packed(sorted(members.items()), ZIP_STORED)
    if len(content) > BUNDLE_BYTES:
        raise InputError(f"{path} would be larger than {BUNDLE_BYTES:,} bytes", "bundle fewer claims at a time")
    write_bytes(path, content)


def _claim_member(claim: str | ClaimSet) -> dict[str, bytes]:
    if isinstance(claim, str):
        return {CLAIM: claim.encode()}
    places = tuple(_Place(number=c.number, start=c.start, end=c.end) for c in claim.claims)
    return {CLAIMS: _json(_Claims(text=claim.text, places=places).model_dump(mode="json"))}


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()


def read_bundle(path: Path) -> Bundle:
    """Read a bundle that may have been written by anyone.

    Raises
    ------
    InputError
        If the file cannot be read or is no sound bundle; names the member that is not.
    """
    content = read_bytes(path, BUNDLE_BYTES, _HINT)
    try:
        return _bundle(_members(content))
    except InputError as error:
        raise InputError(f"{path}: {error.message}", error.hint) from error


def _members(content: bytes) -> dict[str, bytes]:
    """The members by name, once each is known to be one that a bundle has, stored, and no larger than the file."""
    try:
        with ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            for entry in entries:
                if fault := _fault(entry, len(content)):
                    raise InputError(f"the member {_shown(entry.orig_filename)} {fault}", _HINT)
            names = [entry.filename for entry in entries]
            if CLAIM in names and CLAIMS in names:
                raise InputError(f"it holds both {CLAIM} and {CLAIMS}", _HINT)
            for name in (MANIFEST, *MEMBERS, CLAIMS if CLAIMS in names else CLAIM):
                if names.count(name) != 1:
                    raise InputError(
                        f"the member {name} {'is missing' if name not in names else 'stands twice'}", _HINT
                    )
            return {entry.filename: _content(archive, entry) for entry in entries}
    except (BadZipFile, NotImplementedError, ValueError, EOFError, OSError) as error:
        raise InputError(f"not a ZIP file that can be read ({_shown(str(error))})", _HINT) from error


def _fault(entry: ZipInfo, largest: int) -> str:
    """What keeps a member from being read, or nothing."""
    if entry.orig_filename not in (MANIFEST, *MEMBERS, CLAIM, CLAIMS):
        return "is none of a bundle's"
    if stat.S_ISLNK(entry.external_attr >> 16):
        return "is a symbolic link"
    if entry.flag_bits & 1:
        return "is encrypted"
    if entry.compress_type != ZIP_STORED or entry.compress_size != entry.file_size:
        return "is compressed, which a bundle's members never are"
    return "is larger than the whole file" if entry.file_size > largest else ""


def _content(archive: ZipFile, entry: ZipInfo) -> bytes:
    try:
        return archive.read(entry)
    except (BadZipFile, NotImplementedError, RuntimeError, ValueError, EOFError, OSError, zlib.error) as error:
        raise InputError(f"the member {entry.filename} is damaged ({_shown(str(error))})", _HINT) from error


def _bundle(members: dict[str, bytes]) -> Bundle:
    manifest = _parsed(_Manifest, MANIFEST, members)
    named = members.keys() - {MANIFEST}
    for name in sorted(named):
        if manifest.sha256.get(name) != sha256(members[name]):
            raise InputError(f"the member {name} does not have the SHA-256 that {MANIFEST} names", _HINT)
    if extra := manifest.sha256.keys() - named:
        raise InputError(f"the member {MANIFEST} names the unknown {_shown(min(extra))}", _HINT)
    note = f" (bini {_shown(manifest.bini_version)} wrote it)"
    claim: str | ClaimSet
    result: Assessment | PatentAssessment
    if CLAIMS in members:
        claim, result = _claim_set(members), _parsed(PatentAssessment, "result.json", members, note)
    else:
        claim, result = _text(CLAIM, members), _parsed(Assessment, "result.json", members, note)
    return Bundle(_text("product.txt", members), claim, result, _parsed(Environment, "environment.json", members))


def _claim_set(members: dict[str, bytes]) -> ClaimSet:
    stored = _parsed(_Claims, CLAIMS, members)
    _check_lengths(CLAIMS, [len(stored.text[place.start : place.end]) for place in stored.places])
    found = [Numbered(range(place.number, place.number + 1), place.start, place.end) for place in stored.places]
    try:
        return build_claims(stored.text, found)
    except InputError as error:
        raise InputError(f"the member {CLAIMS}: {error.message}", _HINT) from error


_Model = TypeVar("_Model", bound=BaseModel)


def _parsed(model: type[_Model], name: str, members: dict[str, bytes], note: str = "") -> _Model:
    try:
        return model.model_validate_json(members[name])
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(map(str, first["loc"]))
        where = f", {_shown(field)}" if field else ""
        raise InputError(f"the member {name}{where}: {_shown(first['msg'])}{note}", _HINT) from error


def _text(name: str, members: dict[str, bytes]) -> str:
    try:
        return members[name].decode()
    except UnicodeDecodeError as error:
        raise InputError(f"the member {name} is not valid UTF-8 (byte {error.start})", _HINT) from error


def _shown(text: str) -> str:
    """A stranger's text on one short line, without characters that a terminal obeys."""
    return repr(text)[1:-1][:100]
