"""Other ways to an answer of the same form on the same weights, where they are installed (`pip install bini[peers]`).

They know the JSON Schema of the answer, but not that a quote stands in the product, nor does anything of theirs foresee
what is forced: each token is a call.
"""

import atexit
import json
import tempfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from bini.domain.schema import judgement_schema
from bini.inference.assessor import Request
from bini.inference.decoding import Decoder
from bini.timing import Cost, Way

if TYPE_CHECKING:
    import gguf

LAYER = {
    "input_layernorm": "attn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "self_attn.q_norm": "attn_q_norm",
    "self_attn.k_norm": "attn_k_norm",
    "post_attention_layernorm": "post_attention_norm",
    "pre_feedforward_layernorm": "ffn_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "post_feedforward_layernorm": "post_ffw_norm",
}
"""Parts of a Gemma 3 layer as transformers and as GGUF call them (llama.cpp's convert_hf_to_gguf.py)."""


def peer_ways(decoder: Decoder, requests: Sequence[Request]) -> list[Way]:
    """Each peer that is installed, answering `requests`; the llama.cpp one for Gemma 3 text models only."""
    ways = []
    if find_spec("xgrammar"):
        ways.append(Way("transformers + xgrammar", _XGrammar(decoder, requests)))
    if find_spec("llama_cpp") and find_spec("gguf") and decoder.model.config.model_type == "gemma3_text":
        ways.append(Way("llama.cpp", _LlamaCpp(decoder, requests)))
    return ways


def _schema(request: Request) -> str:
    return json.dumps(judgement_schema(request.elements), ensure_ascii=False)


class _XGrammar:
    def __init__(self, decoder: Decoder, requests: Sequence[Request]) -> None:
        import xgrammar

        rows = decoder.model.config.get_text_config().vocab_size
        self._compiler = xgrammar.GrammarCompiler(
            xgrammar.TokenizerInfo.from_huggingface(decoder.tokenizer, vocab_size=rows), cache_enabled=False
        )
        self._decoder, self._requests = decoder, requests

    def __call__(self) -> Cost:
        from xgrammar.contrib.hf import LogitsProcessor

        calls = tokens = 0
        for request in self._requests:
            constraint = LogitsProcessor(self._compiler.compile_json_schema(_schema(request), any_whitespace=False))
            [answer] = self._decoder.generate([request.prompt], request.grammar.max_bytes, [constraint])
            calls += len(answer) + 1
            tokens += len(request.prompt) + len(answer)
        return Cost(calls, tokens)


class _LlamaCpp:
    """llama.cpp in this process, on the same weights as GGUF; it reads each prompt whole, as the plain way does."""

    def __init__(self, decoder: Decoder, requests: Sequence[Request]) -> None:
        from llama_cpp import Llama

        self._requests = requests
        longest = max(len(request.prompt) + request.grammar.max_bytes for request in requests)
        threads = torch.get_num_threads()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model.gguf"
            write_gguf(decoder.model, decoder.tokenizer, path)
            self._llama = Llama(
                str(path), n_ctx=longest, n_threads=threads, n_threads_batch=threads, use_mmap=False, verbose=False
            )
        atexit.register(self._llama.close)  # its own destructor may run after what it needs is gone

    def __call__(self) -> Cost:
        from llama_cpp import LlamaGrammar

        calls = tokens = 0
        for request in self._requests:
            self._llama.reset()
            answer = self._llama.create_completion(
                request.prompt,
                max_tokens=request.grammar.max_bytes,
                temperature=0,
                grammar=LlamaGrammar.from_json_schema(_schema(request), verbose=False),
            )
            calls += answer["usage"]["completion_tokens"]
            tokens += answer["usage"]["total_tokens"]
        return Cost(calls, tokens)


def write_gguf(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, path: Path) -> None:
    """Write a Gemma 3 text model for llama.cpp: matrices as bf16, norms as fp32.

    Parameters
    ----------
    model, tokenizer
        The model; requests are given to llama.cpp as token ids, so that of the tokenizer only the pieces matter.
    path
        The file to write.
    """
    import gguf

    config = model.config
    writer = gguf.GGUFWriter(path, "gemma3")
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_key_length(config.head_dim)
    writer.add_value_length(config.head_dim)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_freq_base(config.rope_parameters["full_attention"]["rope_theta"])
    writer.add_sliding_window(config.sliding_window)
    _add_vocabulary(writer, tokenizer, config)
    _add(writer, "token_embd.weight", model.model.embed_tokens.weight)
    _add(writer, "output_norm.weight", 1 + model.model.norm.weight.float())
    for number, layer in enumerate(model.model.layers):
        for ours, theirs in LAYER.items():
            weight = layer.get_parameter(f"{ours}.weight")
            _add(writer, f"blk.{number}.{theirs}.weight", 1 + weight.float() if weight.ndim == 1 else weight)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _add_vocabulary(writer: "gguf.GGUFWriter", tokenizer: PreTrainedTokenizerBase, config: Any) -> None:
    """Pieces as SentencePiece has them; rows of the model beyond the tokenizer are no one's."""
    import gguf

    pieces = tokenizer.convert_ids_to_tokens(list(range(len(tokenizer))))
    types = [gguf.TokenType.BYTE if piece.startswith("<0x") else gguf.TokenType.NORMAL for piece in pieces]
    for number in tokenizer.get_added_vocab().values():
        types[number] = gguf.TokenType.USER_DEFINED
    for number in tokenizer.all_special_ids:
        types[number] = gguf.TokenType.CONTROL
    empty = range(len(pieces), config.vocab_size)
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list([*pieces, *(f"<empty {number}>" for number in empty)])
    writer.add_token_scores([-float(number) for number in range(config.vocab_size)])
    writer.add_token_types([*types, *(gguf.TokenType.UNUSED for _ in empty)])
    ends = config.eos_token_id if isinstance(config.eos_token_id, list) else [config.eos_token_id]
    writer.add_bos_token_id(config.bos_token_id)
    writer.add_eos_token_id(ends[0])
    writer.add_eot_token_id(ends[-1])
    writer.add_add_bos_token(False)


def _add(writer: "gguf.GGUFWriter", name: str, weight: torch.Tensor) -> None:
    """Norms as fp32 (D,), matrices as bf16 (out, in)."""
    import gguf

    kind = gguf.GGMLQuantizationType.F32 if weight.ndim == 1 else gguf.GGMLQuantizationType.BF16
    numbers: np.ndarray[Any, Any] = weight.detach().float().cpu().numpy()
    writer.add_tensor(name, gguf.quants.quantize(numbers, kind), raw_dtype=kind)
