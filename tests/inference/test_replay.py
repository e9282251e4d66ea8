"""A recorded assessment runs again identically, what differs is told, and a bundle chooses nothing that is loaded."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from bini.domain.bundle import Bundle, read_bundle, write_bundle
from bini.domain.claims import parse_claims
from bini.errors import AdapterError, InputError, ModelError
from bini.inference import replay as module
from bini.inference.assessor import Assessor
from bini.inference.replay import Replay, record, replay

pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit.script_method` is deprecated:DeprecationWarning")
CLAIM = "센서와 팔을 포함하는 로봇"
PRODUCT = " 거리 센서가 달린 로봇\r\n"


def again(bundle: Bundle, model: Path | str | None, adapter: Path | None = None) -> Replay:
    return replay(bundle, str(model) if model else None, adapter, lambda _: None)


def with_origin(bundle: Bundle, **changes: str | None) -> Bundle:
    """The bundle with another provenance than it was made with."""
    origin = bundle.result.provenance.model_copy(update=changes)
    return replace(bundle, result=bundle.result.model_copy(update={"provenance": origin}))


def where(found: Replay) -> set[str]:
    return {difference.where for difference in found.differences}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def bare(tiny_assessor: Assessor) -> Bundle:
    return record(tiny_assessor, PRODUCT, CLAIM, tiny_assessor.assess(PRODUCT, CLAIM))


@pytest.fixture(scope="module")
def adapted(tiny_model: Path, tiny_adapter: Path) -> Bundle:
    assessor = Assessor(str(tiny_model), tiny_adapter)
    return record(assessor, PRODUCT, CLAIM, assessor.assess(PRODUCT, CLAIM))


def test_a_bundle_from_disk_is_identical(bare: Bundle, tiny_model: Path) -> None:
    write_bundle(Path("b.zip"), bare)
    found = again(read_bundle(Path("b.zip")), tiny_model)
    assert (found.differences, found.surroundings) == ((), ())
    assert found.result == bare.result


def test_what_the_result_depends_on_is_recorded(adapted: Bundle) -> None:
    assert (adapted.product, adapted.claim) == (PRODUCT, CLAIM)
    place = adapted.environment
    assert {"tokenizer.json", "config.json", "adapter_config.json"} <= place.files.keys()
    assert "model.safetensors" not in place.files
    assert {"torch", "transformers", "outlines", "llguidance", "peft"} <= place.libraries.keys()
    assert place.dtype == "float32"


def test_a_patent_s_bundle_is_run_again(tiny_assessor: Assessor, tiny_model: Path, other_model: Path) -> None:
    claims = parse_claims(f"1. {CLAIM}.\n2. 삭제\n3. 제1항에 있어서, 상기 팔은 둘인 로봇.")
    stored = record(tiny_assessor, PRODUCT, claims, tiny_assessor.assess_patent(PRODUCT, claims))
    write_bundle(Path("p.zip"), stored)
    steps: list[tuple[int, int]] = []
    found = replay(read_bundle(Path("p.zip")), str(tiny_model), None, lambda _: None, lambda *step: steps.append(step))
    assert (found.differences, found.surroundings) == ((), ())
    assert (found.result, found.elements) == (stored.result, 5)
    assert steps[-1] == (2, 2)
    other = where(again(stored, other_model))
    assert "claims 1.assessment.provenance.model_fingerprint" in other
    assert not any(name.endswith("provenance.model") for name in other)


@pytest.mark.parametrize("field", ["model_fingerprint", "prompt_sha256", "schema_sha256", "bini_version"])
def test_another_provenance_is_told_by_its_field(bare: Bundle, tiny_model: Path, field: str) -> None:
    assert where(again(with_origin(bare, **{field: "0" * 64}), tiny_model)) == {f"provenance.{field}"}


def test_where_model_and_adapter_lie_is_no_difference(bare: Bundle, tiny_model: Path) -> None:
    assert again(with_origin(bare, model="m", adapter="elsewhere"), tiny_model).differences == ()


def test_another_model_is_told_with_what_it_changes(bare: Bundle, other_model: Path) -> None:
    found = again(bare, other_model)
    assert "provenance.model_fingerprint" in where(found)
    assert any(name.startswith(("comparisons ", "probabilities.", "decision_reason")) for name in where(found))


def test_other_elements_and_answers_are_told(bare: Bundle, tiny_model: Path) -> None:
    first, *others = bare.result.comparisons
    moved = {match: (p + 0.01 if n == 0 else p) for n, (match, p) in enumerate(first.probabilities.items())}
    result = bare.result.model_copy(
        update={"comparisons": (first.model_copy(update={"probabilities": moved}), *others)}
    )
    label = next(iter(moved))
    assert where(again(replace(bare, result=result), tiny_model)) == {f"comparisons 1.probabilities.{label}"}
    found = again(replace(bare, claim="센서와 바퀴를 포함하는 로봇"), tiny_model)
    assert where(found) == {"elements 2"}


def test_other_model_files_differ_and_other_libraries_are_only_told(bare: Bundle, tiny_model: Path) -> None:
    files = bare.environment.files | {"tokenizer.json": "0"}
    libraries = bare.environment.libraries | {"torch": "0.1"}
    changed = bare.environment.model_copy(update={"files": files, "libraries": libraries})
    found = again(replace(bare, environment=changed), tiny_model)
    assert where(found) == {"files.tokenizer.json"}
    assert [d.where for d in found.surroundings] == ["libraries.torch"]


def test_the_adapter_is_found_by_its_hash(
    adapted: Bundle, tiny_model: Path, tiny_adapter: Path, make_adapter, tmp_path: Path
) -> None:
    shutil.copytree(tiny_adapter, Path("outputs/right"))
    make_adapter(tiny_model, tmp_path / "outputs/newer", seed=1)
    found = again(adapted, tiny_model)
    assert found.differences == ()
    assert found.result.provenance.adapter == "outputs/right"


def test_an_adapter_that_is_named_is_taken(
    adapted: Bundle, tiny_model: Path, tiny_adapter: Path, make_adapter, tmp_path
) -> None:
    assert again(adapted, tiny_model, tiny_adapter).differences == ()
    other = make_adapter(tiny_model, tmp_path / "other", seed=1)
    assert "provenance.adapter_sha256" in where(again(adapted, tiny_model, other))


def test_a_forced_result_says_so_and_only_the_user_forces_it_again(tiny_model: Path, tiny_adapter: Path) -> None:
    spoilt = Path(shutil.copytree(tiny_adapter, Path("outputs/spoilt")))
    (spoilt / "tool.py").write_text("", encoding="utf-8")
    assessor = Assessor(str(tiny_model), spoilt, force=True)
    write_bundle(Path("b.zip"), record(assessor, PRODUCT, CLAIM, assessor.assess(PRODUCT, CLAIM)))
    saved = read_bundle(Path("b.zip"))
    assert saved.result.provenance.forced == ("programs",)
    with pytest.raises(AdapterError, match="fails the check programs"):
        again(saved, tiny_model)
    told: list[str] = []
    assert replay(saved, str(tiny_model), None, told.append, force=True).differences == ()
    assert [line for line in told if line.startswith("adapter check programs, fail: tool.py")]
    assert where(again(saved, tiny_model, tiny_adapter)) == {"provenance.forced"}


def test_a_path_in_a_bundle_is_never_followed(
    adapted: Bundle, tiny_model: Path, tiny_adapter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Model and adapter lie where the bundle says, and are what it says: still only the user may name them."""
    monkeypatch.setattr(module, "Assessor", lambda *_, **__: pytest.fail("something was loaded"))
    named = with_origin(adapted, model=str(tiny_model), adapter=str(tiny_adapter))
    with pytest.raises(ModelError, match="no model that Bini knows has the fingerprint"):
        again(named, None)
    with pytest.raises(AdapterError, match=r"no adapter of .* has the SHA-256 that the bundle names"):
        again(named, tiny_model)


def test_texts_that_cannot_be_assessed_are_told(bare: Bundle, tiny_model: Path) -> None:
    with pytest.raises(InputError, match="claim is empty"):
        again(replace(bare, claim=" \n"), None)
    with pytest.raises(InputError, match="product description is empty"):
        again(replace(bare, product=" "), tiny_model)
    with pytest.raises(InputError, match="too long"):
        again(replace(bare, product="긴 설명 " * 100_000), tiny_model)
