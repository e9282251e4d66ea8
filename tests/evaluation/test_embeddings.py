"""The baseline on sentence embeddings, with an encoder that the tests make."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from bini.domain.cases import Case
from bini.domain.labels import Match, roll_up
from bini.errors import ModelError
from bini.evaluation.embeddings import Embedder, embedding_baseline, find_embedder
from bini.evaluation.score import score_system
from bini.models.catalog import ModelPlace

CONCEPTS = [("센서", "감지기"), ("로봇", "자동 기계"), ("청소", "세척")]


def case(number: int, product: str, *matches: str) -> Case:
    rows = [{"patent_element": e, "match": m} for e, m in zip(["센서", "로봇"], matches, strict=True)]
    fields = {"case_id": f"c{number}", "regit_num": f"10-{number}", "claim_text": "센서를 포함하는 로봇"}
    return Case.model_validate(fields | {"user_query": product, "label": {"comparisons": rows}})


TRAIN = [
    *(case(n, f"센서 로봇 {n}호", "대응", "대응") for n in range(6)),
    *(case(n, f"청소 로봇 {n}호", "미대응", "대응") for n in range(6, 12)),
]


def by_meaning(texts: Sequence[str]) -> np.ndarray:
    """Names of the same thing are the same dimension."""
    return np.array([[any(name in text for name in names) for names in CONCEPTS] for text in texts], dtype=np.float64)


def test_what_means_the_same_is_judged_the_same() -> None:
    """Words that training never had: no word-counting baseline could."""
    asked = [case(20, "감지기 자동 기계", "대응", "대응"), case(21, "세척 자동 기계", "미대응", "대응")]
    made = embedding_baseline(TRAIN, asked, by_meaning)
    assert score_system("x", made).risk_accuracy == 1
    assert [[row.match for row in p.comparisons] for p in made] == [[Match.YES, Match.YES], [Match.NO, Match.YES]]
    for prediction in made:
        assert prediction.rule_level is roll_up(row.match for row in prediction.comparisons)
        assert prediction.probabilities == {}


def test_every_text_is_embedded_once() -> None:
    asked: list[str] = []

    def encode(texts: Sequence[str]) -> np.ndarray:
        asked.extend(texts)
        return by_meaning(texts)

    embedding_baseline(TRAIN, [case(20, "감지기 로봇", "대응", "대응")], encode)
    assert len(asked) == len(set(asked)) == 12 + 1 + 1 + 2  # products, the claim, its elements


@pytest.mark.usefixtures("encoder")
def test_an_encoder_of_this_machine(tiny_model: Path) -> None:
    found = find_embedder(str(tiny_model), lambda _: None)
    assert found
    assert found.encode(["센서 로봇", "로봇 센서", "청소"]).shape == (3, 64)
    with pytest.raises(ModelError, match="unknown model"):
        find_embedder("no/such-model", lambda _: None)


@pytest.mark.usefixtures("encoder")
def test_a_version_that_would_run_code_of_a_model_folder_is_not_used(
    tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr("sentence_transformers.__version__", "5.9.0")
    assert find_embedder(str(tiny_model), told.append) is None
    assert "sentence-transformers 6 is not installed" in told[0]


@pytest.mark.usefixtures("encoder")
def test_a_model_that_embeds_nothing_is_told_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("none", encoding="utf-8")
    with pytest.raises(ModelError) as told:
        Embedder(ModelPlace("odd", tmp_path)).encode(["x"])
    assert told.value.message == "odd embeds no text (no configuration)"
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ModelError, match="no usable vectors"), np.errstate(invalid="ignore"):
        Embedder(ModelPlace("odd", tmp_path)).encode([""])  # has no words, so no direction
