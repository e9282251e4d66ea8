"""Growing a trained model to a larger one that computes the same function (Net2Net, Chen et al. 2016).

Width is doubled: every hidden channel, attention head and MLP unit stands twice, and what reads them halves its
weights. Depth grows by layers whose output norms are zero. Noise that cancels between the two copies breaks
their symmetry, so that training can tell them apart.
"""

import torch
from torch import nn
from transformers import Gemma3ForCausalLM, Gemma3TextConfig

NOISE = 0.05
"""Size of the cancelling noise, relative to the standard deviation of the matrix it is added to."""


@torch.no_grad()
def grow(model: Gemma3ForCausalLM, layers: int, seed: int) -> Gemma3ForCausalLM:
    """A model of twice the width and `layers` layers that gives the same logits as `model`.

    Parameters
    ----------
    model
        A trained Gemma 3 text model; left as it is.
    layers
        Layers of the grown model, at least those of `model`; new ones go on top and change nothing at first.
    seed
        Of the symmetry-breaking noise and of the new layers' weights.

    Raises
    ------
    ValueError
        If the grown model would have fewer layers.
    """
    old: Gemma3TextConfig = model.config
    if layers < old.num_hidden_layers:
        raise ValueError(f"cannot grow {old.num_hidden_layers} layers to {layers}")
    torch.manual_seed(seed)
    changes = {
        name: getattr(old, name) * 2
        for name in ("hidden_size", "intermediate_size", "num_attention_heads", "num_key_value_heads")
    }
    settings = old.to_dict() | changes | {"num_hidden_layers": layers, "layer_types": None}
    grown = Gemma3ForCausalLM(Gemma3TextConfig(**settings))
    wide, narrow = grown.model, model.model
    # Gemma scales embeddings by sqrt(hidden_size), which has grown by sqrt(2); the head shares them.
    wide.embed_tokens.weight.copy_(narrow.embed_tokens.weight.repeat(1, 2) / 2**0.5)
    wide.norm.weight.copy_((1 + narrow.norm.weight).repeat(2) / 2**0.5 - 1)
    for number, layer in enumerate(wide.layers):
        if number >= old.num_hidden_layers:
            layer.post_attention_layernorm.weight.fill_(-1)  # Gemma's norms multiply by 1 + weight
            layer.post_feedforward_layernorm.weight.fill_(-1)
            continue
        source = narrow.layers[number]
        for target, origin in zip(layer.modules(), source.modules(), strict=True):
            if isinstance(target, nn.Linear):
                _widen(target, origin)
            elif hasattr(target, "weight"):  # a norm: over the head dimension it keeps its size
                copies = target.weight.numel() // origin.weight.numel()
                target.weight.copy_(origin.weight.repeat(copies))
    return grown


@torch.no_grad()
def split_keys(model: Gemma3ForCausalLM, heads: int) -> Gemma3ForCausalLM:
    """A model with more key and value heads that gives the same logits as `model`.

    Query heads that shared keys and values get copies of these (the reverse of what Ainslie et al. 2023 do when they
    make multi-query models); training tells the copies apart, since other queries read them.

    Parameters
    ----------
    model
        A trained Gemma 3 text model; left as it is.
    heads
        Key and value heads of the new one: a multiple of those of `model`, of which its query heads are a multiple.

    Raises
    ------
    ValueError
        If the heads do not divide so.
    """
    old: Gemma3TextConfig = model.config
    if heads % old.num_key_value_heads or old.num_attention_heads % heads:
        raise ValueError(f"cannot split {old.num_key_value_heads} key heads into {heads}")
    split = Gemma3ForCausalLM(Gemma3TextConfig(**(old.to_dict() | {"num_key_value_heads": heads})))
    weights = model.state_dict()
    for name, target in split.state_dict().items():
        weight = weights[name]
        if target.shape != weight.shape:  # k_proj and v_proj: (heads x head_dim, in)
            copies = heads // old.num_key_value_heads
            weight = weight.unflatten(0, (-1, old.head_dim)).repeat_interleave(copies, dim=0).flatten(0, 1)
        target.copy_(weight)
    return split


def _widen(target: nn.Linear, origin: nn.Linear) -> None:
    """Fill (2 out, 2 in) from (out, in): both copies of the input are read at half weight, plus cancelling noise."""
    half = origin.weight.repeat(2, 1) / 2  # (2 out, in)
    noise = torch.randn_like(half) * half.std() * NOISE
    target.weight.copy_(torch.cat([half + noise, half - noise], dim=1))
