"""A zoo of adapters that must not be trusted, each caught by the name of its check, and honest ones that must pass.

Every animal is sealed again after it was spoilt, as one who knows Bini would: the digests of run.json then tell
nothing, and the check that is named has to find it alone.
"""

import os
import pickle
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from peft import LoraConfig, get_peft_model
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, AutoTokenizer

from bini.errors import AdapterError, ModelError
from bini.files import write_json
from bini.inference.assessor import Assessor
from bini.models.adapters.effect import check_effect
from bini.models.adapters.files import ADAPTER_CONFIG, ADAPTER_WEIGHTS, RUN, leaves_folder
from bini.models.adapters.record import read_object, seal, with_digest
from bini.models.adapters.report import Check, Status, failures, printable
from bini.models.adapters.size import check_size
from bini.models.adapters.static import check_adapter
from bini.models.catalog import ModelPlace
from bini.models.outline import outline

POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 67108864\n"


def place(folder: Path) -> ModelPlace:
    return ModelPlace(folder.name, folder)


@dataclass(frozen=True)
class Cage:
    """Where an animal is made: its folder, a copy of a sound adapter's, and what else there is."""

    folder: Path
    base: ModelPlace
    outside: Path  # a file that is none of its business
    witness: Path  # exists once a payload ran

    def tensors(self, change: Callable[[str, torch.Tensor], torch.Tensor]) -> None:
        path = self.folder / ADAPTER_WEIGHTS
        save_file({n: change(n, t).contiguous() for n, t in load_file(path).items()}, path, metadata={"format": "pt"})

    def json(self, name: str, /, **changes: Any) -> None:
        write_json(self.folder / name, read_object(self.folder / name) | changes)

    def reseal(self) -> None:
        run = read_object(self.folder / RUN)
        strange = {name: digest for name, digest in run["files"].items() if leaves_folder(name)}
        fresh = seal(self.folder, run)
        write_json(self.folder / RUN, with_digest(fresh | {"files": fresh["files"] | strange}))

    def failed(self) -> list[str]:
        return [check.name for check in failures(check_adapter(self.folder, self.base))]


@pytest.fixture
def cage(tiny_model: Path, tiny_adapter: Path, tmp_path: Path) -> Cage:
    folder = Path(shutil.copytree(tiny_adapter, tmp_path / "runs" / "my-run"))
    outside = tmp_path / "secret.json"
    outside.write_text("{}", encoding="utf-8")
    return Cage(folder, place(tiny_model), outside, tmp_path / "ran")


def names(checks: list[Check]) -> dict[str, Status]:
    return {check.name: check.status for check in checks}


# what is sound


def train_some(base: Path, folder: Path, seed: int) -> Path:
    """A LoRA after a few real steps, its rank, layers, scale and rate drawn by `seed`."""
    torch.manual_seed(seed)
    layers = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
    config = LoraConfig(
        r=(1, 2, 4, 8, 16)[seed % 5],
        lora_alpha=(1, 8, 16, 32)[seed % 4],
        lora_dropout=0.05 * (seed % 2),
        target_modules="all-linear" if seed % 3 == 0 else layers[seed % 7 :] + layers[: seed % 2],
        use_rslora=seed % 4 == 1,
        task_type="CAUSAL_LM",
    )
    model = get_peft_model(AutoModelForCausalLM.from_pretrained(base), config)
    optimiser = torch.optim.AdamW((p for p in model.parameters() if p.requires_grad), lr=(1e-4, 1e-3, 5e-3)[seed % 3])
    for _ in range(2 + seed % 3):
        ids = torch.randint(10, 1000, (2, 24))
        model(input_ids=ids, labels=ids).loss.backward()
        optimiser.step()
        optimiser.zero_grad()
    model.save_pretrained(folder)
    AutoTokenizer.from_pretrained(base).save_pretrained(folder)
    recipe = {"r": config.r, "alpha": config.lora_alpha}
    run = {"name": folder.name, "base_model": base.name, "base_fingerprint": place(base).fingerprint()}
    write_json(folder / RUN, seal(folder, run | {"recipe": recipe}))
    return folder


@pytest.mark.parametrize("seed", range(20))
def test_an_honest_adapter_passes_every_check(tiny_model: Path, tmp_path: Path, seed: int) -> None:
    folder = train_some(tiny_model, tmp_path / f"honest-{seed}", seed)
    checks = check_adapter(folder, place(tiny_model))
    checks.append(check_effect(folder, place(tiny_model), [[2, 300, 301, 302]]))
    assert [check for check in checks if check.status is not Status.PASS] == []
    assert len(checks) == len(names(checks)), "each check has a name of its own"


def test_an_adapter_on_another_architecture_passes_too(llama_model: Path, make_adapter, tmp_path: Path) -> None:
    folder = make_adapter(llama_model, tmp_path / "run")
    assert set(names(check_adapter(folder, place(llama_model))).values()) == {Status.PASS}


def test_what_lies_beside_the_adapter_is_no_matter(cage: Cage) -> None:
    """An evaluation, notes and a link within the folder; people also write in the model card."""
    (cage.folder / "eval").mkdir()
    (cage.folder / "eval/report.md").write_text("# 평가\n", encoding="utf-8")
    (cage.folder / "README.md").write_text("# 나의 메모\n", encoding="utf-8")
    (cage.folder / "latest.md").symlink_to("eval/report.md")
    with zipfile.ZipFile(cage.folder / "eval/chart.docx", "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    work = cage.folder / "folds-5/.fold-1.partial/checkpoint-9"
    work.mkdir(parents=True)
    torch.save({}, work / "optimizer.pt")
    assert cage.failed() == []


def test_what_is_made_of_a_sealed_adapter_may_be_made_again(cage: Cage) -> None:
    later = [cage.folder / "eval/report.md", cage.folder / "calibration.json", cage.folder / "README.md"]
    later[0].parent.mkdir()
    for path in later:
        path.write_text("1", encoding="utf-8")
    cage.reseal()
    for path in later:
        path.write_text("2", encoding="utf-8")
    assert cage.failed() == []
    (cage.folder / "notes.txt").write_text("3", encoding="utf-8")
    cage.reseal()
    (cage.folder / "notes.txt").write_text("4", encoding="utf-8")
    assert cage.failed() == ["artefacts"]


# the zoo


def another_width(cage: Cage) -> None:
    """As if trained on a model twice as wide: what the story behind these checks began with."""
    wide = {"A": lambda t: torch.cat([t, t], 1), "B": lambda t: torch.cat([t, t], 0)}
    cage.tensors(lambda name, tensor: wide["A" if "lora_A" in name else "B"](tensor))


def swapped(cage: Cage) -> None:
    path = cage.folder / ADAPTER_WEIGHTS
    other = {"A": "B", "B": "A"}
    tensors = load_file(path)
    swapped = {
        n.replace(f"lora_{s}", f"lora_{other[s]}"): t for n, t in tensors.items() for s in "AB" if f"lora_{s}" in n
    }
    save_file(swapped, path)


def relabelled_rank(cage: Cage) -> None:
    cage.json(ADAPTER_CONFIG, r=16)


def relabelled_layers(cage: Cage) -> None:
    cage.json(ADAPTER_CONFIG, target_modules=["q_proj", "k_proj", "down_proj"])


def relabelled_alpha(cage: Cage) -> None:
    cage.json(RUN, recipe={"r": 4, "alpha": 8})
    cage.json(ADAPTER_CONFIG, lora_alpha=16)


def relabelled_base(cage: Cage) -> None:
    cage.json(ADAPTER_CONFIG, base_model_name_or_path="models/gemma-3-4b-it")


def deeper(cage: Cage) -> None:
    path = cage.folder / ADAPTER_WEIGHTS
    tensors = load_file(path)
    save_file(tensors | {n.replace("layers.1", "layers.2"): t.clone() for n, t in tensors.items()}, path)


def half(cage: Cage) -> None:
    path = cage.folder / ADAPTER_WEIGHTS
    tensors = load_file(path)
    save_file({name: tensor for name, tensor in tensors.items() if "layers.1" not in name}, path)


def integers(cage: Cage) -> None:
    cage.tensors(lambda _, tensor: tensor.to(torch.int32))


def one_value(value: float) -> Callable[[Cage], None]:
    def spoil(cage: Cage) -> None:
        def change(name: str, tensor: torch.Tensor) -> torch.Tensor:
            tensor.view(-1)[3] = value if "layers.1.mlp" in name else tensor.view(-1)[3]
            return tensor

        cage.tensors(change)

    return spoil


def content(name: str, made: bytes | str) -> Callable[[Cage], None]:
    data = made.encode() if isinstance(made, str) else made
    return lambda cage: (cage.folder / name).write_bytes(data) and None


def cut_off(cage: Cage) -> None:
    path = cage.folder / ADAPTER_WEIGHTS
    path.write_bytes(path.read_bytes()[:-100])


class Payload:
    def __init__(self, witness: Path) -> None:
        self.witness = witness

    def __reduce__(self):
        return os.mkdir, (str(self.witness),)


def pickled(name: str, protocol: int) -> Callable[[Cage], None]:
    return lambda cage: content(name, pickle.dumps(Payload(cage.witness), protocol))(cage)


def saved_by_torch(cage: Cage) -> None:
    torch.save({"weights": Payload(cage.witness)}, cage.folder / "optimizer.dat")


def imports_a_module(cage: Cage) -> None:
    """peft imports the module that a configuration names as its megatron core."""
    (cage.folder / "payload.txt").write_text("", encoding="utf-8")
    cage.json(ADAPTER_CONFIG, megatron_config={"a": 1}, megatron_core="antigravity")


def zip_slip(cage: Cage) -> None:
    with zipfile.ZipFile(cage.folder / "extra.zip", "w") as archive:
        archive.writestr("../../../etc/cron.d/x", "")


def recorded_outside(name: str) -> Callable[[Cage], None]:
    def spoil(cage: Cage) -> None:
        run = read_object(cage.folder / RUN)
        cage.json(RUN, files=run["files"] | {name: "0" * 64})

    return spoil


def linked_outside(name: str) -> Callable[[Cage], None]:
    def spoil(cage: Cage) -> None:
        (cage.folder / name).unlink(missing_ok=True)
        (cage.folder / name).symlink_to(cage.outside)

    return spoil


ZOO: dict[str, tuple[Callable[[Cage], Any], set[str]]] = {
    "trained for another width": (another_width, {"shapes"}),
    "A and B swapped": (swapped, {"config", "shapes"}),
    "another rank in the configuration": (relabelled_rank, {"config", "shapes"}),
    "other layers in the configuration": (relabelled_layers, {"config", "shapes"}),
    "another alpha than trained with": (relabelled_alpha, {"recipe"}),
    "configuration that names a 4B": (relabelled_base, {"size"}),
    "run that names a 4B": (lambda cage: cage.json(RUN, base_model="qwen-4B-chat"), {"size"}),
    "trained for more layers": (deeper, {"shapes"}),
    "half of the layers": (half, {"shapes"}),
    "integers": (integers, {"readable"}),
    "zeroed": (lambda cage: cage.tensors(lambda _, t: t * 0), {"zero"}),
    "B zeroed": (lambda cage: cage.tensors(lambda n, t: t * 0 if "lora_B" in n else t), {"zero"}),
    "one NaN": (one_value(float("nan")), {"finite"}),
    "one infinity": (one_value(float("-inf")), {"finite"}),
    "huge numbers": (lambda cage: cage.tensors(lambda n, t: t * 1000 if "lora_B" in n else t), {"scale"}),
    "numbers near the end of their range": (lambda cage: cage.tensors(lambda _, t: t.sign() * 3e38), {"scale"}),
    "huge alpha": (lambda cage: cage.json(ADAPTER_CONFIG, lora_alpha=8000), {"scale"}),
    "cut off": (cut_off, {"readable"}),
    "empty weights": (content(ADAPTER_WEIGHTS, b""), {"readable"}),
    "git-lfs pointer": (content(ADAPTER_WEIGHTS, POINTER), {"readable"}),
    "no tensors": (lambda cage: save_file({}, cage.folder / ADAPTER_WEIGHTS), {"readable"}),
    "weights gone": (lambda cage: (cage.folder / ADAPTER_WEIGHTS).unlink(), {"complete"}),
    "configuration gone": (lambda cage: (cage.folder / ADAPTER_CONFIG).unlink(), {"complete"}),
    "configuration of another method": (lambda cage: cage.json(ADAPTER_CONFIG, peft_type="IA3"), {"readable"}),
    "DoRA": (lambda cage: cage.json(ADAPTER_CONFIG, use_dora=True), {"readable"}),
    "pattern for layers": (lambda cage: cage.json(ADAPTER_CONFIG, target_modules="(.*)*x"), {"readable"}),
    "negative alpha": (lambda cage: cage.json(ADAPTER_CONFIG, lora_alpha=-8), {"readable"}),
    "endless alpha": (lambda cage: cage.json(ADAPTER_CONFIG, lora_alpha=float("inf")), {"readable"}),
    "module to import": (imports_a_module, {"readable"}),
    "deeply nested configuration": (content(ADAPTER_CONFIG, "[" * 100_000), {"readable"}),
    "pickled weights": (pickled("adapter_model.bin", 4), {"pickles"}),
    "pickle under another name": (pickled("notes.txt", 2), {"pickles"}),
    "pickle of the first protocol": (pickled("notes.md", 0), {"pickles"}),
    "checkpoint of torch": (saved_by_torch, {"pickles"}),
    "script": (content("setup", "#!/bin/sh\nrm -r x\n"), {"programs"}),
    "library": (content("kernel.so", "x"), {"programs"}),
    "archive that leaves its folder": (zip_slip, {"names"}),
    "recorded file outside": (recorded_outside("../../secret.json"), {"names"}),
    "recorded file outside on Windows": (recorded_outside("..\\..\\secret.json"), {"names"}),
    "recorded file with a drive": (recorded_outside("C:secret.json"), {"names"}),
    "run with a name outside": (lambda cage: cage.json(RUN, name="../../../etc"), {"names"}),
    "file name for Windows": (content("..\\..\\x.md", ""), {"names"}),
    "weights linked from outside": (linked_outside(ADAPTER_WEIGHTS), {"links"}),
    "notes linked from outside": (linked_outside("notes.md"), {"links"}),
    "folder linked from outside": (lambda cage: (cage.folder / "eval").symlink_to(cage.outside.parent), {"links"}),
    "pipe": (lambda cage: os.mkfifo(cage.folder / "notes.md"), {"links"}),
}


@pytest.mark.parametrize("animal", ZOO)
def test_each_animal_is_caught_by_name(cage: Cage, animal: str) -> None:
    spoil, expected = ZOO[animal]
    spoil(cage)
    if "links" not in expected:  # a pipe has no digest
        cage.reseal()
    checks = check_adapter(cage.folder, cage.base)
    assert {check.name for check in failures(checks)} == expected
    for check in failures(checks):
        assert check.why
        assert check.todo
        assert "\n" not in check.why + check.todo
    with pytest.raises(AdapterError, match=rf"my-run fails the check {failures(checks)[0].name}"):
        Assessor(str(cage.base.path), cage.folder)
    assert not cage.witness.exists()


@pytest.mark.parametrize("name", ["adapter_model.bin", "notes.txt"])
def test_a_payload_never_runs_also_when_loading_is_forced(cage: Cage, name: str) -> None:
    pickled(name, 4)(cage)
    cage.reseal()
    assert Assessor(str(cage.base.path), cage.folder, force=True).forced == ("pickles",)
    assert not cage.witness.exists()
    pickle.loads((cage.folder / name).read_bytes())
    assert cage.witness.exists(), "the payload would have told"


def test_another_tokenizer_is_caught(cage: Cage, llama_tokenizer) -> None:
    llama_tokenizer.save_pretrained(cage.folder)
    cage.reseal()
    assert cage.failed() == ["tokenizer"]


def test_another_chat_template_is_caught(cage: Cage) -> None:
    path = cage.folder / "chat_template.jinja"
    path.write_text(path.read_text(encoding="utf-8") + "\n<end_of_turn>", encoding="utf-8")
    cage.reseal()
    assert cage.failed() == ["tokenizer"]


def test_the_adapter_of_another_model_of_the_same_shapes_is_caught(
    tiny_model: Path, other_model: Path, llama_model: Path, make_adapter, tmp_path: Path
) -> None:
    twin = make_adapter(other_model, tmp_path / "twin")
    assert [c.name for c in failures(check_adapter(twin, place(tiny_model)))] == ["base"]
    family = make_adapter(llama_model, tmp_path / "family")
    assert [c.name for c in failures(check_adapter(family, place(tiny_model)))] == ["base", "tokenizer"]


@pytest.mark.parametrize("key", ["base_fingerprint", "base_model", "name", "seconds"])
def test_a_run_file_that_was_edited_is_caught(cage: Cage, key: str) -> None:
    cage.json(RUN, **{key: "x"})
    assert "record" in cage.failed()


@pytest.mark.parametrize("content", ["", "{", "null", "[]", '{"base_model": "x"}', '{"base_model": 1, "files": 3}'])
def test_a_run_file_that_says_nothing_is_caught(cage: Cage, content: str) -> None:
    (cage.folder / RUN).write_text(content, encoding="utf-8")
    assert set(cage.failed()) <= {"readable", "record", "base"}
    assert cage.failed()


def test_a_changed_or_missing_file_is_caught(cage: Cage) -> None:
    with (cage.folder / "tokenizer_config.json").open("a", encoding="utf-8") as file:
        file.write(" ")
    assert cage.failed() == ["artefacts"]
    (cage.folder / "tokenizer_config.json").unlink()
    assert "artefacts" in cage.failed()


def test_a_run_of_an_older_bini_is_a_warning(cage: Cage) -> None:
    run = read_object(cage.folder / RUN)
    write_json(cage.folder / RUN, {key: run[key] for key in ("base_model", "base_fingerprint")})
    checks = names(check_adapter(cage.folder, cage.base))
    assert {name for name, status in checks.items() if status is not Status.PASS} == {"record", "artefacts"}
    assert Status.FAIL not in checks.values()
    told: list[str] = []
    Assessor(str(cage.base.path), cage.folder, told.append)
    assert [line.split(",")[0] for line in told] == ["adapter check record", "adapter check artefacts"]


def test_one_silent_layer_is_a_warning(cage: Cage) -> None:
    cage.tensors(lambda name, tensor: tensor * 0 if "layers.0.self_attn.q_proj.lora_B" in name else tensor)
    cage.reseal()
    assert {c.name for c in check_adapter(cage.folder, cage.base) if c.status is Status.WARN} == {"zero"}


def test_an_adapter_too_small_to_do_anything_is_caught_by_its_effect(cage: Cage) -> None:
    """Not all zero, and yet no output changes."""
    cage.tensors(lambda name, tensor: tensor * 1e-30 if "lora_B" in name else tensor)
    cage.reseal()
    assert cage.failed() == []
    assert check_effect(cage.folder, cage.base, [[2, 300, 301]]).status is Status.FAIL


# the parts


def test_a_forced_adapter_says_so_in_every_result(cage: Cage) -> None:
    with (cage.folder / "tokenizer_config.json").open("a", encoding="utf-8") as file:
        file.write(" ")
    told: list[str] = []
    assessor = Assessor(str(cage.base.path), cage.folder, told.append, force=True)
    assert told == ["adapter check artefacts, fail: tokenizer_config.json was changed after training"]
    assert assessor.assess("미백 크림", "조성물", ["조성물"]).provenance.forced == ("artefacts",)


def test_there_is_no_such_folder(tiny_model: Path, tmp_path: Path) -> None:
    with pytest.raises(AdapterError, match="no-such-run") as caught:
        check_adapter(tmp_path / "no-such-run", place(tiny_model))
    assert "bini train" in caught.value.hint


@pytest.mark.parametrize(
    ("name", "parameters", "fits"),
    [
        ("gemma-3-1b-it", 999_885_952, True),
        ("gemma-3-4b-it", 4_300_079_472, True),
        ("gemma-2-2b", 2_614_341_888, True),
        ("Llama-3.2-1B", 1_235_814_400, True),
        ("gemma-3-270m", 268_098_176, True),
        ("qwen2.5-1.5b", 1_543_714_304, True),
        ("tuned-1b", 5_446_656, True),
        ("client-4m", 5_446_656, True),
        ("b4b0c1b-2b3c", 5_446_656, True),
        ("나의 실험", 5_446_656, True),
        ("gemma-3-4b-it", 1_543_714_304, False),
        ("chart_4B", 999_885_952, False),
        ("1.5B", 4_300_079_472, False),
        ("tuned-1b-of-4b", 5_446_656, False),
        ("한국어4b", 999_885_952, False),
    ],
)
def test_a_size_in_a_name(name: str, parameters: int, fits: bool) -> None:
    assert (check_size([name], "base", parameters).status is Status.PASS) is fits


def test_the_outline_is_that_of_the_loaded_model(tiny_model: Path) -> None:
    model = AutoModelForCausalLM.from_pretrained(tiny_model)
    shape = outline(place(tiny_model))
    assert shape.parameters == sum(p.numel() for p in model.parameters())
    linear = {n: tuple(m.weight.shape) for n, m in model.named_modules() if isinstance(m, torch.nn.Linear)}
    assert shape.linear == linear


def test_a_base_whose_config_is_another_s_has_no_outline(tiny_model: Path, tmp_path: Path) -> None:
    """A relabelled base: the shapes that count are those of the weights."""
    base = Path(shutil.copytree(tiny_model, tmp_path / "relabelled"))
    config = read_object(base / "config.json") | {"intermediate_size": 256}
    write_json(base / "config.json", config)
    with pytest.raises(ModelError, match="relabelled"):
        outline(place(base))


@given(st.text(max_size=300))
def test_printable_text_is_one_safe_line(text: str) -> None:
    shown = printable(text)
    assert shown.isprintable()
    assert len(shown) <= 80


@given(
    st.lists(st.text(alphabet=st.characters(blacklist_characters="/\\\0:", blacklist_categories=["Cs"]), min_size=1))
)
def test_a_plain_name_stays_in_its_folder(parts: list[str]) -> None:
    name = "/".join(part for part in parts if part != "..")
    assert leaves_folder(name) is name.startswith("/")
    assert leaves_folder(f"{name}/../x")
    assert leaves_folder(f"/{name}")
