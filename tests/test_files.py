"""Files that are written whole or not at all."""

import hashlib
import json
import os
from pathlib import Path

import pytest

from bini.errors import InputError
from bini.files import jsonl, read_bytes, sha256, sha256_file, write_bytes, write_json, write_text


def test_folders_are_made_and_content_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "file.bin"
    write_bytes(path, b"\x00old")
    write_bytes(path, b"\xffnew\r\n")
    assert path.read_bytes() == b"\xffnew\r\n"
    assert list(path.parent.iterdir()) == [path]
    assert path.stat().st_mode & 0o777 == 0o644


def test_reading_stops_at_a_limit(tmp_path: Path) -> None:
    path = tmp_path / "file.bin"
    path.write_bytes(b"12345")
    assert read_bytes(path, 5, "") == b"12345"
    with pytest.raises(InputError, match="larger than 4 bytes") as caught:
        read_bytes(path, 4, "give less")
    assert caught.value.hint == "give less"
    with pytest.raises(InputError, match="cannot be read"):
        read_bytes(tmp_path, 5, "")


def test_text_and_json_keep_their_characters(tmp_path: Path) -> None:
    write_text(tmp_path / "t", "한글\r\n끝")
    assert (tmp_path / "t").read_bytes() == "한글\r\n끝".encode()
    write_json(tmp_path / "j", {"이름": ["é", 1]})
    assert (tmp_path / "j").read_text(encoding="utf-8") == '{\n  "이름": [\n    "é",\n    1\n  ]\n}\n'


@pytest.mark.parametrize("failing", ["replace", "fdopen", "chmod"])
def test_a_failure_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    path = tmp_path / "file.txt"
    write_text(path, "old")

    def full_disk(*_: object, **__: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(os, failing, full_disk)
    with pytest.raises(OSError, match="no space"):
        write_text(path, "new")
    with pytest.raises(OSError, match="no space"):
        write_text(tmp_path / "other.txt", "new")
    monkeypatch.undo()
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_interrupt_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", stop)
    with pytest.raises(KeyboardInterrupt):
        write_text(tmp_path / "file.txt", "new")
    assert list(tmp_path.iterdir()) == []


def test_unencodable_text_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(UnicodeEncodeError):
        write_text(tmp_path / "file.txt", "\ud800")
    assert list(tmp_path.iterdir()) == []


def test_jsonl_is_one_value_a_line() -> None:
    rows = [{"글": "줄\n바꿈"}, [1, None]]
    text = jsonl(rows)
    assert text == '{"글": "줄\\n바꿈"}\n[1, null]\n'
    assert [json.loads(line) for line in text.split("\n")[:-1]] == rows
    assert jsonl([]) == ""


def test_digests(tmp_path: Path) -> None:
    content = "한글".encode() * 100_000
    (tmp_path / "f").write_bytes(content)
    expected = hashlib.sha256(content).hexdigest()
    assert sha256(content) == sha256(content.decode()) == sha256_file(tmp_path / "f") == expected
    assert sha256("a") == "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"
