"""Bundles: the same content is the same file, all of it comes back, and a hostile one is refused by name."""

import io
import json
import stat
import tracemalloc
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_LZMA, ZIP_STORED, ZipFile, ZipInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bini.domain.bundle import BUNDLE_BYTES, MANIFEST, MEMBERS, Bundle, Environment, read_bundle, write_bundle
from bini.domain.claims import parse_claims
from bini.domain.labels import Match, RiskLevel
from bini.domain.patents import assemble_patent
from bini.errors import InputError
from bini.files import sha256

PLACE = Environment(
    files={"tokenizer.json": "1"}, libraries={"torch": "2.9"}, python="3.11.2", device="cpu", dtype="float32", threads=1
)
HELD = (*MEMBERS, "claim.txt")
CLAIM_SET = "특허\n1. 센서를 포함하는 로봇.\n2-3. 삭제\n4. 제1항에 있어서, 상기 센서는 거리 센서인 로봇."

Members = dict[str, bytes]


@pytest.fixture(scope="module")
def bundle(assessment) -> Bundle:
    result = assessment("센서가 달린 로봇", [("센서", "센서가", Match.YES)], adapter="outputs/x")
    return Bundle(" 센서가 달린 로봇\r\n", "센서를 포함하는 로봇", result, PLACE)


@pytest.fixture(scope="module")
def patent(ruled) -> Bundle:
    claims = parse_claims(CLAIM_SET)
    rows = {1: [("센서", "센서", Match.YES)], 4: [("거리 센서인", None, Match.UNKNOWN)]}
    found = {number: ruled("센서가 달린 로봇", row, RiskLevel.HIGH) for number, row in rows.items()}
    return Bundle("센서가 달린 로봇", claims, assemble_patent(claims, found), PLACE)


@pytest.fixture
def good(tmp_path: Path, bundle: Bundle) -> Path:
    path = tmp_path / "good.zip"
    write_bundle(path, bundle)
    return path


@pytest.fixture
def good_patent(tmp_path: Path, patent: Bundle) -> Path:
    path = tmp_path / "patent.zip"
    write_bundle(path, patent)
    return path


def members(path: Path) -> Members:
    with ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def signed(content: Members) -> Members:
    """With the hashes that its members have now."""
    manifest = json.loads(content[MANIFEST])
    manifest["sha256"] = {name: sha256(body) for name, body in content.items() if name != MANIFEST}
    return content | {MANIFEST: json.dumps(manifest).encode()}


def zipped(path: Path, content: Members, compression: int = ZIP_STORED) -> Path:
    with ZipFile(path, "w", compression) as archive:
        for name, body in content.items():
            archive.writestr(name, body)
    return path


def told(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        read_bundle(path)
    assert str(path) in caught.value.message
    assert caught.value.hint
    assert len(caught.value.message.splitlines()) == 1
    assert caught.value.message.isprintable()
    return caught.value.message


def test_all_of_a_bundle_comes_back(good: Path, bundle: Bundle) -> None:
    assert read_bundle(good) == bundle


def test_all_of_a_patent_s_bundle_comes_back(good_patent: Path, patent: Bundle) -> None:
    assert sorted(members(good_patent)) == sorted([MANIFEST, "claims.json", *MEMBERS])
    assert read_bundle(good_patent) == patent


def test_the_same_bundle_is_the_same_file(good: Path, bundle: Bundle, tmp_path: Path) -> None:
    write_bundle(tmp_path / "other.zip", bundle)
    assert (tmp_path / "other.zip").read_bytes() == good.read_bytes()
    with ZipFile(good) as archive:
        assert archive.namelist() == sorted([MANIFEST, *HELD])
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    manifest = json.loads(members(good)[MANIFEST])
    assert manifest["sha256"] == {name: sha256(body) for name, body in members(good).items() if name != MANIFEST}


def test_a_bundle_is_written_whole_or_not_at_all(tmp_path: Path, bundle: Bundle) -> None:
    with pytest.raises(UnicodeEncodeError):
        write_bundle(tmp_path / "x.zip", replace(bundle, product="\ud800"))
    assert list(tmp_path.iterdir()) == []


@given(st.text(st.characters(codec="utf-8")), st.text(st.characters(codec="utf-8")))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
def test_any_texts_come_back(bundle: Bundle, tmp_path: Path, product: str, claim: str) -> None:
    written = replace(bundle, product=product, claim=claim)
    write_bundle(tmp_path / "any.zip", written)
    assert read_bundle(tmp_path / "any.zip") == written


@pytest.mark.parametrize("name", [MANIFEST, *HELD])
def test_a_changed_missing_or_doubled_member_is_named(good: Path, name: str) -> None:
    content = members(good)
    if name != MANIFEST:
        message = told(zipped(good, content | {name: content[name] + b" "}))
        assert f"{name} does not have the SHA-256" in message
    assert f"{name} is missing" in told(zipped(good, {n: b for n, b in content.items() if n != name}))
    with pytest.warns(UserWarning, match="Duplicate"), ZipFile(zipped(good, content), "a") as archive:
        archive.writestr(name, content[name])
    assert f"{name} stands twice" in told(good)


@pytest.mark.parametrize(
    "name",
    ["../product.txt", "/etc/passwd", "a/product.txt", "product.txt/", "x\x1b[31m\u202e.txt", "PRODUCT.TXT", "새.txt"],
)
def test_an_unknown_member_is_named_and_nothing_is_unpacked(good: Path, name: str) -> None:
    before = set(good.parent.parent.rglob("*"))
    assert "is none of a bundle's" in told(zipped(good, members(good) | {name: b"x"}))
    assert set(good.parent.parent.rglob("*")) == before


def test_a_name_that_goes_on_after_a_nul_is_unknown(good: Path) -> None:
    content = good.read_bytes().replace(b"product.txt", b"product\x00txt")
    good.write_bytes(content)
    assert "product\\x00txt is none of a bundle's" in told(good)


def test_a_symbolic_link_is_refused(good: Path) -> None:
    content = members(good)
    with ZipFile(good, "w") as archive:
        for name, body in content.items():
            entry = ZipInfo(name)
            entry.external_attr = ((stat.S_IFLNK if name == "claim.txt" else stat.S_IFREG) | 0o777) << 16
            archive.writestr(entry, body)
    assert "claim.txt is a symbolic link" in told(good)


@pytest.mark.parametrize("compression", [ZIP_DEFLATED, ZIP_LZMA])
def test_a_bomb_is_refused_before_it_is_unpacked(good: Path, compression: int) -> None:
    content = members(good) | {"product.txt": bytes(200_000_000)}
    with ZipFile(good, "w", compression) as archive:
        archive.writestr("product.txt", content["product.txt"])
    assert good.stat().st_size < BUNDLE_BYTES
    del content
    tracemalloc.start()
    assert "product.txt is compressed" in told(good)
    assert tracemalloc.get_traced_memory()[1] < 2 * BUNDLE_BYTES
    tracemalloc.stop()


def test_a_member_that_claims_to_be_huge_is_refused(good: Path) -> None:
    raw = bytearray(good.read_bytes())
    entry = raw.index(b"PK\x01\x02")
    raw[entry + 20 : entry + 28] = b"\xff\xff\xff\x7f" * 2
    good.write_bytes(raw)
    assert "claim.txt is larger than the whole file" in told(good)


def test_an_encrypted_member_is_refused(good: Path) -> None:
    raw = bytearray(good.read_bytes())
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    good.write_bytes(raw)
    assert "claim.txt is encrypted" in told(good)


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "huge.zip"
    with path.open("wb") as file:
        file.truncate(10 * BUNDLE_BYTES)
    assert "larger than 20,000,000 bytes" in told(path)


@pytest.mark.parametrize("content", [b"", b"PK", b"no zip", b"PK\x05\x06" + bytes(18)])
def test_a_file_that_is_no_zip(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(content)
    told(path)


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    assert "No such file" in told(tmp_path / "none.zip")
    assert "Is a directory" in told(tmp_path)


BAD_JSON = [b"", b"{", b"\xff", b"[]", b"null", b"[" * 1_000_000, b'{"a": ' * 100_000, b'"\\ud800"', b"9" * 100_000]


@pytest.mark.parametrize("name", ["claims.json", "environment.json", "result.json", MANIFEST])
@pytest.mark.parametrize("body", BAD_JSON, ids=lambda body: repr(body[:8]))
def test_bad_json_is_named(good: Path, good_patent: Path, name: str, body: bytes) -> None:
    content = members(good_patent if name == "claims.json" else good) | {name: body}
    assert f"the member {name}" in told(zipped(good, content if name == MANIFEST else signed(content)))


def test_a_field_that_is_not_the_results_is_named_harmlessly(good: Path) -> None:
    result = json.loads(members(good)["result.json"])
    odd = json.dumps(result | {"x\x1b[2J": 1}).encode()
    message = told(zipped(good, signed(members(good) | {"result.json": odd})))
    assert "result.json, x\\x1b[2J" in message
    assert "bini 0.1.0 wrote it" in message


@pytest.mark.parametrize("name", ["product.txt", "claim.txt"])
def test_text_that_is_no_utf8_is_named(good: Path, name: str) -> None:
    content = signed(members(good) | {name: b"caf\xe9"})
    assert f"{name} is not valid UTF-8 (byte 3)" in told(zipped(good, content))


def test_a_claim_that_would_take_too_long_is_refused(good: Path) -> None:
    content = signed(members(good) | {"claim.txt": b"a,b;" * 20_000})
    assert "claim.txt holds 80,000 characters" in told(zipped(good, content))


PLACES = [{"number": 1, "start": 6, "end": 20}, {"number": 4, "start": 31, "end": 62}]
UNSOUND = {
    "a claim that is cited and missing": (PLACES[1:], "cites claim 1, which is not there"),
    "the same number twice": ([PLACES[0], PLACES[0]], "claim 1 comes twice"),
    "a place beyond the text": ([{"number": 1, "start": 9_000, "end": 9_001}], "claim 1"),
    "a place that ends before it starts": ([{"number": 1, "start": 20, "end": 6}], "claim 1"),
    "a negative place": ([{"number": 1, "start": -3, "end": 6}], "places.0.start"),
    "a huge number": ([{"number": 10**30, "start": 6, "end": 20}], "places.0.number"),
    "too many claims": ([{"number": n, "start": 0, "end": 1} for n in range(10_000)], "places"),
    "no claim": ([], "no claim"),
}


@pytest.mark.parametrize(("places", "told_of"), UNSOUND.values(), ids=UNSOUND)
def test_a_claim_set_that_is_not_sound_is_refused(
    good_patent: Path, places: list[dict[str, int]], told_of: str
) -> None:
    content = members(good_patent)
    stored = json.loads(content["claims.json"]) | {"places": places}
    message = told(zipped(good_patent, signed(content | {"claims.json": json.dumps(stored).encode()})))
    assert "the member claims.json" in message
    assert told_of in message


def test_a_claim_set_that_would_take_too_long_is_refused(good_patent: Path) -> None:
    places = [{"number": n, "start": 0, "end": 40_000} for n in range(1, 7)]
    stored = json.dumps({"text": "a,b;" * 10_000, "places": places}).encode()
    content = signed(members(good_patent) | {"claims.json": stored})
    assert "claims.json holds 240,000 characters" in told(zipped(good_patent, content))


def test_a_bundle_holds_one_claim_or_a_claim_set(good: Path, good_patent: Path) -> None:
    both = members(good) | {"claims.json": members(good_patent)["claims.json"]}
    assert "claim" in told(zipped(good, signed(both)))


def test_a_patent_s_result_holds_a_claim(good_patent: Path) -> None:
    content = members(good_patent)
    result = json.loads(content["result.json"]) | {"claims": []}
    assert "result.json, claims" in told(
        zipped(good_patent, signed(content | {"result.json": json.dumps(result).encode()}))
    )


def test_another_format_or_version_is_told(good: Path) -> None:
    manifest = json.loads(members(good)[MANIFEST])
    for changed in ({"format": "other"}, {"version": 2}):
        content = members(good) | {MANIFEST: json.dumps(manifest | changed).encode()}
        assert f"{MANIFEST}, {next(iter(changed))}" in told(zipped(good, content))


@given(st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300, deadline=None)
def test_a_bundle_with_any_bytes_changed_is_read_as_it_was_or_refused(
    bundle: Bundle, tmp_path: Path, data: st.DataObject
) -> None:
    path = tmp_path / "fuzz.zip"
    write_bundle(path, bundle)
    raw = bytearray(path.read_bytes())
    directory = raw.index(b"PK\x01\x02")
    for _ in range(data.draw(st.integers(1, 4))):
        low = data.draw(st.sampled_from([0, directory]))
        raw[data.draw(st.integers(low, len(raw) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(raw)
    with suppress(InputError):
        assert read_bundle(path) == bundle


@given(st.binary(max_size=300))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_bytes_break_the_reader(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bytes.zip"
    path.write_bytes(content)
    told(path)


def test_the_archive_of_an_empty_zip_is_missing_everything(tmp_path: Path) -> None:
    empty = io.BytesIO()
    ZipFile(empty, "w").close()
    (tmp_path / "e.zip").write_bytes(empty.getvalue())
    assert "the member manifest.json is missing" in told(tmp_path / "e.zip")
