"""A larger Gemma 3 shape that computes what bini-nano computes: what answers cost at that shape, without its weights.

    python eval/experiments/at_shape.py --config CONFIG.json --model bini-nano [--adapter RUN] OUT
    bini bench --model OUT --suite chart

Random weights write what nothing can foresee, so they say little of drafts that a model may go along with. Here the
smaller model stands in the larger one's first channels, heads, units, rows and layers, and the rest adds nothing: every
matrix has its full size and the answers are the smaller model's. Of a Gemma at this size it says nothing but the cost.
"""

import argparse
import json
from pathlib import Path

import torch
from torch import nn
from transformers import Gemma3ForCausalLM, Gemma3TextConfig

from bini.inference.assessor import Assessor


@torch.no_grad()
def widened(small: Gemma3ForCausalLM, config: Gemma3TextConfig) -> Gemma3ForCausalLM:
    """A model of the shape of `config` with the logits of `small` at the rows of its vocabulary.

    Parameters
    ----------
    small
        Of as many query heads as `config` has and no more of anything else; its layers' attention of the same kinds.
    config
        Of the model to make, which gets as many key heads as `small` has, whatever is said here.

    Raises
    ------
    ValueError
        If `small` does not fit into that shape.
    """
    old: Gemma3TextConfig = small.config
    kinds = config.layer_types[: old.num_hidden_layers]
    if old.num_attention_heads != config.num_attention_heads or kinds != old.layer_types:
        raise ValueError("the models' query heads or kinds of layers differ")
    config.num_key_value_heads = old.num_key_value_heads
    config.sliding_window = old.sliding_window
    large = Gemma3ForCausalLM(config)
    hidden, width = old.hidden_size, config.hidden_size
    spread = (hidden / width) ** 0.5  # a norm divides by the mean over all channels, most of which are empty
    # Channel i of a head turns by theta^(-2i/d): it must stand where the larger head turns as fast.
    step = config.head_dim // old.head_dim
    placed = torch.arange(old.head_dim) * step
    of_queries, of_keys = (
        torch.cat([placed + head * config.head_dim for head in range(heads)])
        for heads in (old.num_attention_heads, old.num_key_value_heads)
    )
    scale = (config.query_pre_attn_scalar / old.query_pre_attn_scalar) ** 0.5

    # Gemma multiplies embeddings by the root of its width; the head shares them.
    large.model.embed_tokens.weight[: old.vocab_size].zero_()
    large.model.embed_tokens.weight[: old.vocab_size, :hidden] = small.model.embed_tokens.weight * spread
    _norm(large.model.norm, small.model.norm, torch.arange(hidden), 1.0)
    channels, units = torch.arange(hidden), torch.arange(old.intermediate_size)
    for number, layer in enumerate(large.model.layers):
        after = (layer.post_attention_layernorm, layer.post_feedforward_layernorm)
        if number >= old.num_hidden_layers:
            for norm in after:
                norm.weight.fill_(-1)  # Gemma's norms multiply by 1 + weight
            continue
        source = small.model.layers[number]
        _norm(layer.input_layernorm, source.input_layernorm, channels, spread)
        _norm(layer.pre_feedforward_layernorm, source.pre_feedforward_layernorm, channels, spread)
        _norm(after[0], source.post_attention_layernorm, channels, spread)
        _norm(after[1], source.post_feedforward_layernorm, channels, spread)
        theirs, ours = source.self_attn, layer.self_attn
        _norm(ours.q_norm, theirs.q_norm, placed, step**-0.5 * scale)
        _norm(ours.k_norm, theirs.k_norm, placed, step**-0.5)
        _matrix(ours.q_proj, theirs.q_proj, of_queries, channels)
        _matrix(ours.k_proj, theirs.k_proj, of_keys, channels)
        _matrix(ours.v_proj, theirs.v_proj, of_keys, channels)
        _matrix(ours.o_proj, theirs.o_proj, channels, of_queries)
        _matrix(layer.mlp.gate_proj, source.mlp.gate_proj, units, channels)
        _matrix(layer.mlp.up_proj, source.mlp.up_proj, units, channels)
        _matrix(layer.mlp.down_proj, source.mlp.down_proj, channels, units)
    return large


def _norm(target: nn.Module, origin: nn.Module, places: torch.Tensor, factor: float) -> None:
    """Gemma's norms multiply by 1 + weight; empty channels are multiplied by 0."""
    target.weight.fill_(-1)
    target.weight[places] = (1 + origin.weight) * factor - 1


def _matrix(target: nn.Module, origin: nn.Module, rows: torch.Tensor, columns: torch.Tensor) -> None:
    """(out, in) at some rows and columns of a larger matrix of zeros."""
    target.weight.zero_()
    target.weight[rows[:, None], columns] = origin.weight


def main() -> None:
    """Make the folder."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--config", type=Path, required=True, help="config.json of the larger model")
    parser.add_argument("--model", required=True)
    parser.add_argument("--adapter", type=Path)
    given = parser.parse_args()
    decoder = Assessor(given.model, given.adapter).decoder
    settings = json.loads(given.config.read_text(encoding="utf-8"))
    large = widened(decoder.model.float(), Gemma3TextConfig(**settings.get("text_config", settings)))
    ids = torch.arange(100, 300)[None]
    with torch.inference_mode():
        small, wide = decoder.model(ids).logits, large(ids).logits[..., : decoder.model.config.vocab_size]
    torch.testing.assert_close(wide, small, atol=1e-2, rtol=1e-3)
    large.generation_config = decoder.model.generation_config
    large.to(torch.bfloat16).save_pretrained(given.out)
    decoder.tokenizer.save_pretrained(given.out)


if __name__ == "__main__":
    main()
