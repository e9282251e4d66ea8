"""The log: what stands in it, what never does, and how it lives through kills, other writers and hostile hands."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bini.domain.labels import Match, RiskLevel
from bini.domain.monitoring import log as log_module
from bini.domain.monitoring.log import AssessmentLog, read_log
from bini.domain.monitoring.record import LogRecord, answered, failed
from bini.domain.schema import Ground
from bini.errors import DataError, ModelError

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
PRODUCT = "비밀센서가 달린 secret 로봇"
CLAIM = "비밀청구항을 포함하는 로봇"
ROWS = [("비밀요소", "비밀센서", Match.YES), ("다리", None, Match.NO), ("로봇", "로봇", Match.UNKNOWN)]
SECRETS = ("비밀", "secret", "두 구성이")

GOOD = {"at": "2026-11-21T09:30:00Z", "model": "m", "adapter": None, "product_chars": 3, "korean": 1.0}


@pytest.fixture(scope="module")
def judged(ruled):
    return ruled(PRODUCT, ROWS, RiskLevel.AMBIGUOUS)


@pytest.fixture
def log(tmp_path: Path) -> AssessmentLog:
    return AssessmentLog(tmp_path / "logs/assess.jsonl")


def test_a_line_tells_of_the_assessment_and_holds_no_text(log: AssessmentLog, judged) -> None:
    with log.recorded("bini-test", None, PRODUCT, CLAIM) as made:
        made.append(judged)
    content = log.path.read_text(encoding="utf-8")
    assert content.endswith("}\n")
    assert not any(secret in content for secret in SECRETS)
    line = json.loads(content)
    assert (line["model"], line["adapter"], line["error"]) == ("bini-test", None, None)
    assert (line["level"], line["rule_level"], line["needs_review"]) == ("애매", "애매", True)
    assert line["grounds"] == [Ground.NO_WORDS.value]
    assert line["matches"] == {"대응": 1, "미대응": 1, "판단불가": 1}
    assert line["elements"] == 3
    assert line["confidence"] == line["probabilities"]["애매"] == pytest.approx(0.62)
    assert line["product_chars"] == len(PRODUCT)
    assert line["korean"] == pytest.approx(9 / 15)
    assert line["seconds"] >= 0
    assert datetime.fromisoformat(line["at"]).tzinfo == UTC
    assert (line["product"], line["claim"]) == (None, None)


def test_an_error_is_logged_by_its_kind_alone_and_goes_on(log: AssessmentLog) -> None:
    with pytest.raises(ModelError), log.recorded("m", "a", PRODUCT, CLAIM):
        raise ModelError(f"no answer about {PRODUCT}")
    content = log.path.read_text(encoding="utf-8")
    assert not any(secret in content for secret in SECRETS)
    (record,) = read_log(log.path)
    assert record is not None
    assert (record.error, record.level, record.adapter, record.product_chars) == ("ModelError", None, "a", len(PRODUCT))


def test_texts_are_kept_when_asked_for(tmp_path: Path, judged) -> None:
    log = AssessmentLog(tmp_path / "log", with_text=True)
    with log.recorded("m", None, PRODUCT, CLAIM) as made:
        made.append(judged)
    with log.recorded("m", None, PRODUCT, None) as made:
        made += [judged, judged]
    with pytest.raises(ValueError, match="broken"), log.recorded("m", None, PRODUCT, CLAIM):
        raise ValueError("broken")
    one, *several, error = read_log(log.path)
    assert (one.product, one.claim) == (error.product, error.claim) == (PRODUCT, CLAIM)
    assert [(r.claim, r.seconds) for r in several] == [("비밀요소; 다리; 로봇", None)] * 2


@given(st.text(st.characters(codec=None)), st.text(st.characters(codec=None)))
def test_any_text_that_fails_is_logged(product: str, claim: str) -> None:
    for with_text in (False, True):
        record = failed(RuntimeError(), "m", None, product, claim, NOW, with_text)
        line = record.model_dump_json()
        assert "\n" not in line
        assert LogRecord.model_validate_json(line.encode()) == record
        assert with_text or (record.product, record.claim) == (None, None)


def test_a_log_cut_off_anywhere_keeps_the_records_before_and_takes_new_ones(tmp_path: Path, judged) -> None:
    record = answered(judged, NOW, 0.5)
    line = (record.model_dump_json() + "\n").encode()
    for cut in range(0, len(line) - 1, 7):
        path = tmp_path / f"{cut}.jsonl"
        path.write_bytes(line + line[:cut])
        assert list(read_log(path)) == [record, None][: 2 if cut else 1]
        AssessmentLog(path).append([record])
        assert list(read_log(path)) == ([record, None, record] if cut else [record, record])


def test_writers_at_once_lose_and_mix_nothing(tmp_path: Path) -> None:
    code = """
import sys
from pathlib import Path
from bini.domain.monitoring.log import AssessmentLog
from bini.domain.monitoring.record import LogRecord
log = AssessmentLog(Path(sys.argv[1]))
for number in range(200):
    log.append([LogRecord(at="2026-11-21T09:30:00Z", model=sys.argv[2] * 999, adapter=None, product_chars=number,
                          korean=0)])
"""
    path = tmp_path / "log"
    writers = [subprocess.Popen([sys.executable, "-c", code, str(path), name]) for name in "abc"]
    assert [writer.wait(120) for writer in writers] == [0, 0, 0]
    records = [record for record in read_log(path) if record]
    assert len(path.read_bytes().splitlines()) == len(records) == 600
    for name in "abc":
        assert [r.product_chars for r in records if r.model == name * 999] == list(range(200))


def test_a_full_disk_leaves_no_half_record(tmp_path: Path) -> None:
    code = """
import resource, sys
from pathlib import Path
from bini.domain.monitoring.log import AssessmentLog
from bini.domain.monitoring.record import LogRecord
log = AssessmentLog(Path(sys.argv[1]))
record = LogRecord(at="2026-11-21T09:30:00Z", model="m", adapter=None, product_chars=1, korean=0)
log.append([record])
resource.setrlimit(resource.RLIMIT_FSIZE, (log.path.stat().st_size * 3 // 2, resource.RLIM_INFINITY))
try:
    log.append([record])
except OSError:
    sys.exit(7)
"""
    path = tmp_path / "log"
    assert subprocess.run([sys.executable, "-c", code, str(path)], timeout=120, check=False).returncode == 7
    assert [record is not None for record in read_log(path)] == [True]
    assert path.read_bytes().endswith(b"}\n")


@pytest.mark.parametrize(
    "line",
    [
        b"\xff\xfe",
        b"\x00" * 50,
        b"null",
        b"[]",
        b'"text"',
        b"{}",
        b"[" * 100_000,
        json.dumps(GOOD | {"at": "2026-11-21T09:30:00"}).encode(),
        json.dumps(GOOD | {"at": "0001-01-01T00:00:00+09:00"}).encode(),
        json.dumps(GOOD | {"at": "yesterday"}).encode(),
        json.dumps(GOOD | {"level": "높 음"}).encode(),
        json.dumps(GOOD | {"level": "높음", "confidence": float("nan")}).encode(),
        json.dumps(GOOD | {"confidence": 1.5}).encode(),
        json.dumps(GOOD | {"probabilities": {"높음": -0.1}}).encode(),
        json.dumps(GOOD | {"matches": {"대응": 10**400}}).encode(),
        json.dumps(GOOD | {"product_chars": -1}).encode(),
        json.dumps(GOOD | {"seconds": 1e300}).encode(),
        json.dumps(GOOD | {"model": "m" * 1_001}).encode(),
        json.dumps(GOOD)[:-1].encode(),
    ],
    ids=lambda line: repr(line[:90]),
)
def test_a_line_that_is_no_record_costs_only_itself(tmp_path: Path, line: bytes) -> None:
    good = json.dumps(GOOD).encode()
    (tmp_path / "log").write_bytes(good + b"\n" + line + b"\n\n" + good + b"\n")
    assert [record is not None for record in read_log(tmp_path / "log")] == [True, False, True]


def test_what_a_later_version_adds_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "log").write_text(json.dumps(GOOD | {"mood": "good"}))
    (record,) = read_log(tmp_path / "log")
    assert record is not None
    assert record.product_chars == 3


def test_a_line_too_long_for_a_record_is_one_unreadable_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good = json.dumps(GOOD).encode()
    monkeypatch.setattr(log_module, "LINE_BYTES", len(good) + 1)
    for extra in (1, 2, len(good), 5 * len(good)):
        (tmp_path / "log").write_bytes(good + b"\n" + b" " * extra + good + b"\n" + good + b"\n")
        assert [record is not None for record in read_log(tmp_path / "log")] == [True, False, True]


@given(st.lists(st.binary(max_size=60)))
def test_no_bytes_break_the_reading(tmp_path_factory: pytest.TempPathFactory, lines: list[bytes]) -> None:
    path = tmp_path_factory.mktemp("hostile") / "log"
    path.write_bytes(b"\n".join(lines))
    assert set(read_log(path)) <= {None}


def test_a_log_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none"):
        with pytest.raises(DataError, match="cannot be read"):
            list(read_log(path))
