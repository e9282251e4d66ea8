"""How the claim parser divides real claims: crashes, losses, blocks left whole, time, and agreement with a gold.

    python eval/experiments/claims_division.py CLAIMS [--gold FILE]

CLAIMS is JSON lines, plain or gzipped, one patent a line: {"application_number": …, "independent_claims": [{"n": …,
"text": …}, …]}. FILE is JSON lines, one claim a line: {"patent": …, "claim": n, "sha256": …, "divisible": …,
"elements": [[start, end], …]}, with offsets into the claim in NFC and the first 16 hexadecimal digits of its hash.
"""

import argparse
import gzip
import hashlib
import json
import time
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles

from bini.domain.claims import Element, split_claim
from bini.errors import InputError

NEAR = 2
"""An element's start counts as found within so many characters, white space left out."""

BLOCK, BLOCK_CHARS = 0.9, 100
"""A claim of at least so many characters is a block if one element holds this share of the characters of all."""

Key = tuple[str, int]


def read_claims(path: Path) -> dict[Key, str]:
    """The claims of a file in NFC, by patent and number."""
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    patents = [json.loads(line) for line in content.decode("utf-8").splitlines()]
    return {
        (patent["application_number"], claim["n"]): unicodedata.normalize("NFC", claim["text"])
        for patent in patents
        for claim in patent["independent_claims"]
    }


def is_lossless(claim: str, elements: list[Element]) -> bool:
    """Whether the elements are pieces of the claim, in order and without overlap."""
    ends = [0, *(e.end for e in elements)]
    ordered = all(end <= e.start < e.end <= len(claim) for end, e in zip(ends, elements, strict=False))
    return ordered and all(claim[e.start : e.end] == e.text for e in elements)


def is_block(claim: str, elements: list[Element]) -> bool:
    """Whether one element holds nearly all of a claim."""
    sizes = [len(e.text) for e in elements]
    return len(claim) >= BLOCK_CHARS and max(sizes) >= BLOCK * sum(sizes)


def measure(claims: dict[Key, str]) -> Iterator[str]:
    """What the parser makes of every claim, as lines of text."""
    crashed, refused, lossy, single, blocks, times = [], [], [], 0, 0, []
    for key, claim in claims.items():
        started = time.process_time()
        try:
            elements = split_claim(claim)
        except InputError:
            refused.append(key)
            continue
        except Exception as error:  # any crash is what is counted here
            crashed.append((*key, repr(error)))
            continue
        times.append(time.process_time() - started)
        lossy += [] if is_lossless(claim, elements) else [key]
        single += len(elements) == 1
        blocks += len(elements) > 1 and is_block(claim, elements)
    total = len(claims)
    yield f"claims: {total:,}"
    yield f"crashed: {len(crashed)} {crashed[:5] or ''}; refused with an error: {len(refused)} {refused[:5] or ''}"
    yield f"lossless: {(total - len(lossy) - len(crashed)) / total:.2%} {lossy[:5] or ''}"
    yield f"one undivided element: {single / total:.2%}"
    yield f"divided, but one element holds {BLOCK:.0%} of the characters: {blocks / total:.2%}"
    late = quantiles(times, n=20)[-1]
    yield f"CPU time a claim: median {median(times) * 1e3:.2f} ms, 95th percentile {late * 1e3:.2f} ms"


def without_space(claim: str, offset: int) -> int:
    """An offset as it would be without white space."""
    return sum(not c.isspace() for c in claim[:offset])


def agreed(cuts: list[tuple[int, int]], wanted: list[int]) -> int:
    """How many starts of the gold lie within `NEAR` characters of a cut, each cut taken once."""
    left = list(wanted)
    for low, high in cuts:
        near = [start for start in left if low - NEAR <= start <= high + NEAR]
        if near:
            left.remove(min(near, key=lambda start: abs(start - high)))
    return len(wanted) - len(left)


def compare(claims: dict[Key, str], gold: Path) -> Iterator[str]:
    """How the parser agrees with a gold made by hand, as lines of text.

    A cut is where an element starts, or the whole gap before it: particles, transitions and list marks stand in gaps,
    and a gold may count them to the next element.
    """
    rows = [json.loads(line) for line in gold.read_text(encoding="utf-8").splitlines() if line.strip()]
    divisible = whole = starts = gaps = found = wanted = 0
    for row in rows:
        claim = claims[row["patent"], row["claim"]]
        if hashlib.sha256(claim.encode()).hexdigest()[:16] != row["sha256"]:
            raise SystemExit(f"{row['patent']} claim {row['claim']} is another text than the gold's")
        elements = split_claim(claim)
        begin = [without_space(claim, e.start) for e in elements]
        ends = [0, *(without_space(claim, e.end) for e in elements)]
        theirs = [without_space(claim, start) for start, _ in row["elements"]]
        starts += agreed([(start, start) for start in begin], theirs)
        gaps += agreed(list(zip(ends, begin, strict=False)), theirs)
        found, wanted = found + len(elements), wanted + len(theirs)
        divisible += row["divisible"]
        whole += row["divisible"] and len(elements) == 1
    yield f"gold: {len(rows)} claims, {divisible} of them divisible; {wanted} elements, the parser's {found}"
    yield f"undivided though divisible: {whole} ({whole / len(rows):.2%} of all)"
    for name, count in {"starts": starts, "starts, or the gaps before them": gaps}.items():
        yield f"{name}: precision {count / found:.2%}, recall {count / wanted:.2%}"


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("claims", type=Path)
    parser.add_argument("--gold", type=Path)
    given = parser.parse_args()
    claims = read_claims(given.claims)
    for line in measure(claims):
        print(line)
    if given.gold:
        for line in compare(claims, given.gold):
            print(line)


if __name__ == "__main__":
    main()
