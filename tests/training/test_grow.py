"""A grown model computes what the small one does."""

import pytest
import torch
from transformers import Gemma3ForCausalLM, Gemma3TextConfig

from bini.training.grow import grow, split_keys

IDS = torch.randint(1, 300, (2, 40), generator=torch.Generator().manual_seed(0))


@pytest.fixture(scope="module")
def small() -> Gemma3ForCausalLM:
    torch.manual_seed(3)
    config = Gemma3TextConfig(
        vocab_size=300,
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=3,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=16,
        query_pre_attn_scalar=16,
        sliding_window=8,
        initializer_range=0.2,
    )
    model = Gemma3ForCausalLM(config).eval()
    with torch.no_grad():  # norms as they are after training, and no longer all alike
        for name, parameter in model.named_parameters():
            if "norm" in name:
                parameter.add_(torch.randn_like(parameter) * 0.1)
    return model


def logits(model: Gemma3ForCausalLM) -> torch.Tensor:
    with torch.inference_mode():
        return model.eval()(input_ids=IDS).logits


@pytest.mark.parametrize("layers", [3, 5])
def test_logits_are_those_of_the_small_model(small: Gemma3ForCausalLM, layers: int) -> None:
    before = logits(small)
    assert before.std() > 0.1
    grown = grow(small, layers, seed=1)
    assert torch.allclose(logits(grown), before, atol=1e-3)
    assert torch.equal(logits(small), before)


def test_the_grown_shape(small: Gemma3ForCausalLM) -> None:
    config = grow(small, 4, seed=1).config
    assert (config.hidden_size, config.intermediate_size) == (64, 96)
    assert (config.num_attention_heads, config.num_key_value_heads, config.head_dim) == (4, 2, 16)
    assert config.num_hidden_layers == len(config.layer_types) == 4
    assert (config.vocab_size, config.sliding_window) == (300, 8)


def test_copies_differ_and_the_seed_says_how(small: Gemma3ForCausalLM) -> None:
    weight = [grow(small, 3, seed).model.layers[0].mlp.up_proj.weight for seed in (1, 1, 2)]
    assert torch.equal(weight[0], weight[1])
    assert not torch.equal(weight[0], weight[2])
    left, right = weight[0].chunk(2, dim=1)
    assert not torch.allclose(left, right)


def test_new_layers_can_learn(small: Gemma3ForCausalLM) -> None:
    grown = grow(small, 4, seed=1)
    grown(input_ids=IDS, labels=IDS).loss.backward()
    gate = grown.model.layers[3].post_feedforward_layernorm.weight.grad
    assert gate is not None
    assert gate.abs().max() > 0


def test_fewer_layers_are_refused(small: Gemma3ForCausalLM) -> None:
    with pytest.raises(ValueError, match="cannot grow 3 layers to 2"):
        grow(small, 2, seed=1)


def test_more_key_heads_give_the_same_logits_and_learn_apart(small: Gemma3ForCausalLM) -> None:
    split = split_keys(small, 2)
    assert split.config.num_key_value_heads == 2
    assert split.model.layers[0].self_attn.k_proj.weight.shape == (32, 32)
    assert torch.allclose(logits(split), logits(small), atol=1e-4)
    split(input_ids=IDS, labels=IDS).loss.backward()
    gradient = split.model.layers[1].self_attn.k_proj.weight.grad
    assert gradient is not None
    one, other = gradient.chunk(2)
    assert not torch.allclose(one, other)


def test_each_query_reads_the_copy_of_its_own_keys() -> None:
    torch.manual_seed(5)
    config = Gemma3TextConfig(
        vocab_size=300, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=8,
        num_key_value_heads=2, head_dim=16, query_pre_attn_scalar=16, initializer_range=0.2,
    )  # fmt: skip
    model = Gemma3ForCausalLM(config)
    assert torch.allclose(logits(split_keys(model, 4)), logits(model), atol=1e-4)


def test_key_heads_that_do_not_divide_are_refused(small: Gemma3ForCausalLM) -> None:
    with pytest.raises(ValueError, match="cannot split 1 key heads into 3"):
        split_keys(small, 3)
