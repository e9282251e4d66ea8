"""Loading what is sound, and refusing what is not with an error that names it."""

import json
import shutil
import warnings
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import ByT5Tokenizer, Gemma3Config, Gemma3ForConditionalGeneration

from bini.errors import AdapterError, ModelError
from bini.inference.assessor import Assessor
from bini.inference.decoding import Decoder
from bini.inference.grammar import answer_grammar
from bini.inference.prompt import user_message
from bini.models.adapters.files import ADAPTER_CONFIG, ADAPTER_WEIGHTS
from bini.models.catalog import ModelPlace
from bini.models.loading import load_adapted, load_base, load_tokenizer, preferred_dtype, window
from bini.models.text import encode_chat

IDS = torch.tensor([[2, 300, 301, 302, 400]])
POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 67108864\n"


def place(folder: Path) -> ModelPlace:
    return ModelPlace(folder.name, folder)


def logits(model) -> torch.Tensor:
    with torch.inference_mode():
        return model.eval()(IDS.to(model.device)).logits.float().cpu()


@pytest.fixture
def base(tiny_model, tmp_path) -> Path:
    """A copy to spoil."""
    return Path(shutil.copytree(tiny_model, tmp_path / "spoilt-base"))


@pytest.fixture
def run(tiny_adapter, tmp_path) -> Path:
    """A copy to spoil."""
    return Path(shutil.copytree(tiny_adapter, tmp_path / "my-run"))


# base models


def test_a_base_model_loads_ready_to_run(tiny_model) -> None:
    model = load_base(place(tiny_model))
    assert model.dtype is torch.float32, "small weights are computed in full"
    assert window(model) == 16384
    assert load_base(place(tiny_model), torch.bfloat16).dtype is torch.bfloat16
    assert torch.equal(logits(load_base(place(tiny_model))), logits(model))


def test_large_weights_are_loaded_in_the_processor_s_own_type(tiny_model, monkeypatch) -> None:
    monkeypatch.setattr("bini.models.loading.SMALL", place(tiny_model).size)
    assert load_base(place(tiny_model)).dtype is preferred_dtype()
    assert preferred_dtype() is not torch.float16


def test_each_tokenizer_is_a_fresh_one(tiny_model, tiny_tokenizer) -> None:
    first, second = load_tokenizer(place(tiny_model)), load_tokenizer(place(tiny_model))
    assert first is not second
    text = "깰 뷁 <end_of_turn> 크림"
    assert first(text).input_ids == second(text).input_ids == tiny_tokenizer(text).input_ids
    assert first.chat_template == tiny_tokenizer.chat_template


def truncate(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


BAD_WEIGHTS = {
    "truncated": truncate,
    "empty": lambda path: path.write_bytes(b""),
    "a git-lfs pointer": lambda path: path.write_text(POINTER, encoding="utf-8"),
    "gone": lambda path: path.unlink(),
}


@pytest.mark.parametrize("damage", BAD_WEIGHTS)
def test_weights_that_cannot_be_read_are_an_error(base, damage: str) -> None:
    BAD_WEIGHTS[damage](base / "model.safetensors")
    with pytest.raises(ModelError, match="spoilt-base") as caught:
        load_base(place(base))
    assert "\n" not in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize("damage", [damage for damage in BAD_WEIGHTS if damage != "gone"])
def test_weights_that_cannot_be_read_are_an_error_with_an_adapter_too(base, run, damage: str) -> None:
    BAD_WEIGHTS[damage](base / "model.safetensors")
    with pytest.raises((ModelError, AdapterError), match="spoilt-base"):
        Assessor(str(base), run)


@pytest.mark.parametrize("config", ["", "{", "[]", '{"model_type": "no-such-model"}', "{}"])
def test_a_config_that_cannot_be_read_is_an_error(base, run, config: str) -> None:
    (base / "config.json").write_text(config, encoding="utf-8")
    with pytest.raises(ModelError, match="spoilt-base"):
        load_base(place(base))
    with pytest.raises((ModelError, AdapterError), match="spoilt-base"):
        Assessor(str(base), run)


def test_weights_of_another_shape_are_an_error(base) -> None:
    tensors = load_file(base / "model.safetensors")
    tensors["model.norm.weight"] = torch.zeros(7)
    save_file(tensors, base / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelError, match="spoilt-base"):
        load_base(place(base))


def test_missing_tensors_are_an_error(base) -> None:
    """transformers fills what is missing with random numbers, and only says so in its log."""
    tensors = load_file(base / "model.safetensors")
    del tensors["model.layers.0.mlp.down_proj.weight"]
    save_file(tensors, base / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelError, match="spoilt-base"):
        load_base(place(base))


def test_pickled_weights_are_not_loaded(base) -> None:
    tensors = load_file(base / "model.safetensors")
    torch.save(tensors, base / "pytorch_model.bin")
    (base / "model.safetensors").unlink()
    with pytest.raises(ModelError, match="spoilt-base"):
        load_base(place(base))


def test_a_model_s_own_code_is_not_run(base, tmp_path) -> None:
    witness = tmp_path / "ran"
    (base / "evil.py").write_text(f"open({str(witness)!r}, 'w')\n", encoding="utf-8")
    own = {"AutoConfig": "evil.C", "AutoModelForCausalLM": "evil.M", "AutoTokenizer": ["evil.T", None]}
    config = json.loads((base / "config.json").read_text(encoding="utf-8"))
    config.update(model_type="evil", auto_map=own)
    (base / "config.json").write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(ModelError):
        load_base(place(base))
    with pytest.raises(ModelError):
        Assessor(str(base))
    assert not witness.exists()


@pytest.mark.parametrize("content", [None, "", "{", "{}", "[]"])
def test_a_tokenizer_that_cannot_be_read_is_an_error(base, content: str | None) -> None:
    path = base / "tokenizer.json"
    path.unlink() if content is None else path.write_text(content, encoding="utf-8")
    with pytest.raises(ModelError, match=r"spoilt-base.*tokenizer"):
        load_tokenizer(place(base))


def test_a_tokenizer_without_tokenizer_json_is_an_error(base) -> None:
    (base / "tokenizer.json").unlink()
    ByT5Tokenizer(chat_template="{{ messages }}").save_pretrained(base)
    with pytest.raises(ModelError, match=r"has no tokenizer\.json"):
        load_tokenizer(place(base))


def test_a_tokenizer_without_chat_template_is_an_error(base) -> None:
    """A pre-trained model that was never taught to chat, such as gemma-3-1b-pt."""
    (base / "chat_template.jinja").unlink()
    with pytest.raises(ModelError, match="spoilt-base"):
        Assessor(str(base))


# a multimodal checkpoint


@pytest.fixture(scope="module")
def multimodal(tiny_tokenizer, tmp_path_factory) -> Path:
    """The class of gemma-3-4b-it, tiny."""
    torch.manual_seed(0)
    text = {
        "vocab_size": len(tiny_tokenizer),
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "head_dim": 16,
        "sliding_window": 512,
        "max_position_embeddings": 4096,
        "initializer_range": 0.2,
    }
    vision = {
        "hidden_size": 16,
        "intermediate_size": 32,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "image_size": 28,
        "patch_size": 14,
    }
    ends = {"bos_token_id": 2, "eos_token_id": 1, "pad_token_id": 0}
    config = Gemma3Config(text_config={**text, **ends}, vision_config=vision, mm_tokens_per_image=4, **ends)
    folder = tmp_path_factory.mktemp("models") / "tiny-multimodal"
    Gemma3ForConditionalGeneration(config).save_pretrained(folder)
    tiny_tokenizer.save_pretrained(folder)
    return folder


def test_a_multimodal_checkpoint_answers_text_without_images(multimodal) -> None:
    model = load_base(place(multimodal))
    assert isinstance(model, Gemma3ForConditionalGeneration)
    assert window(model) == 4096
    decoder = Decoder(model, load_tokenizer(place(multimodal)))
    elements, product = ("조성물",), "미백 크림"
    prompt = encode_chat(decoder.tokenizer, user_message(product, elements))
    value = json.loads(decoder.constrained(prompt, answer_grammar(elements, product)).text)
    assert value["comparisons"][0]["patent_element"] == "조성물"
    result = Assessor(str(multimodal)).assess(product, "조성물", elements)
    assert json.loads(result.to_json()) == value
    assert decoder.free([prompt], 5) == decoder.free([prompt], 5)


# adapters


def test_an_adapter_changes_the_output_and_the_base_stays(tiny_model, tiny_adapter) -> None:
    plain = logits(load_base(place(tiny_model)))
    adapted = logits(load_adapted(load_base(place(tiny_model)), tiny_adapter))
    assert adapted.shape == plain.shape
    assert not torch.allclose(adapted, plain, atol=0.1)
    assert torch.equal(logits(load_base(place(tiny_model))), plain)


def test_a_merged_adapter_computes_what_the_adapter_does(tiny_model, tiny_adapter) -> None:
    from peft import PeftModel

    merged = load_adapted(load_base(place(tiny_model), torch.float32), tiny_adapter)
    apart = PeftModel.from_pretrained(load_base(place(tiny_model), torch.float32), str(tiny_adapter))
    assert torch.allclose(logits(merged), logits(apart), rtol=1e-3, atol=1e-3)
    assert not [name for name, _ in merged.named_parameters() if "lora" in name]


@pytest.mark.parametrize("config", ["", "{", "{}", "[]", '{"peft_type": "NO_SUCH"}', '{"peft_type": "LORA"}'])
def test_a_config_that_is_no_plain_lora_is_not_handed_to_peft(tiny_model, run, config: str) -> None:
    """Also not with --force, which leads here without a check."""
    (run / ADAPTER_CONFIG).write_text(config, encoding="utf-8")
    with pytest.raises(AdapterError, match=ADAPTER_CONFIG):
        load_adapted(load_base(place(tiny_model)), run)


def test_tensors_of_another_shape_are_an_error(tiny_model, run) -> None:
    tensors = {name: torch.zeros(3, 3) for name in load_file(run / ADAPTER_WEIGHTS)}
    save_file(tensors, run / ADAPTER_WEIGHTS, metadata={"format": "pt"})
    with pytest.raises(AdapterError, match="my-run"):
        load_adapted(load_base(place(tiny_model)), run)


@pytest.mark.parametrize("change", ["half is missing", "other names"])
def test_tensors_that_fit_no_module_are_an_error(tiny_model, run, change: str) -> None:
    """peft only warns, and the user would assess with less than was trained."""
    tensors = load_file(run / ADAPTER_WEIGHTS)
    names = sorted(tensors)
    kept = {n: tensors[n] for n in names[::2]} if "half" in change else {f"x.{n}": tensors[n] for n in names}
    save_file(kept, run / ADAPTER_WEIGHTS, metadata={"format": "pt"})
    model = load_base(place(tiny_model))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(AdapterError, match="my-run"):
            load_adapted(model, run)
