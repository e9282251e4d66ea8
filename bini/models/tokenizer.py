"""The embedded family's tokenizer: byte-fallback BPE with Gemma's chat format.

White space is ordinary text and hangs at the end of the word before it, so that a phrase starts with the same
tokens wherever it stands. Digits stand alone. The fixed pieces of an answer's JSON are single tokens.
"""

import json
from collections.abc import Iterable, Iterator

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

CONTROL_TOKENS = ("<pad>", "<eos>", "<bos>", "<unk>", "<start_of_turn>", "<end_of_turn>")
JSON_PIECES = (
    '{"comparisons": [{"patent_element": "',
    '"}, {"patent_element": "',
    '", "user_product_element": null, "match": "',
    '", "user_product_element": "',
    '", "match": "',
    '"}], "decision_reason": "',
    '", "risk_level": "',
)
WORD = r"[\p{L}\p{M}]+ ?|\p{N} ?|\n+|[^\p{L}\p{M}\p{N}\n] ?"
CHAT_TEMPLATE = """\
{{ bos_token }}{% for message in messages %}{{ '<start_of_turn>' + ('model' if message['role'] == 'assistant' \
else message['role']) + '\n' + message['content'] | trim + '<end_of_turn>\n' }}{% endfor %}\
{% if add_generation_prompt %}{{ '<start_of_turn>model\n' }}{% endif %}"""


def train_tokenizer(texts: Iterable[str], vocab_size: int) -> PreTrainedTokenizerFast:
    """Train the tokenizer on generated text.

    Parameters
    ----------
    texts
        Training text, in the proportions that pre-training will show.
    vocab_size
        Number of entries, the 256 bytes, control tokens and JSON pieces included.

    Returns
    -------
    PreTrainedTokenizerFast
        Encodes any Unicode text without `<unk>` and decodes it back unchanged.
    """
    bytes_ = [f"<0x{byte:02X}>" for byte in range(256)]
    tokenizer = Tokenizer(models.BPE(byte_fallback=True, unk_token="<unk>", fuse_unk=False))
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(WORD), behavior="isolated")
    tokenizer.decoder = decoders.Sequence([decoders.ByteFallback(), decoders.Fuse()])
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size - len(JSON_PIECES),
        special_tokens=[*CONTROL_TOKENS, *bytes_],
        limit_alphabet=1800,
        min_frequency=3,
        show_progress=False,
    )
    tokenizer.train_from_iterator(_without_json(texts), trainer)
    plain = _with_plain_bytes(tokenizer)
    plain.normalizer = normalizers.Sequence([])
    plain.add_tokens([AddedToken(piece, normalized=False) for piece in JSON_PIECES])
    fast = PreTrainedTokenizerFast(
        tokenizer_object=plain,
        bos_token="<bos>",
        eos_token="<eos>",
        pad_token="<pad>",
        unk_token="<unk>",
        extra_special_tokens=["<start_of_turn>", "<end_of_turn>"],
        clean_up_tokenization_spaces=False,
    )
    fast.chat_template = CHAT_TEMPLATE
    return fast


def _with_plain_bytes(tokenizer: Tokenizer) -> Tokenizer:
    """The tokenizer with its byte pieces as ordinary entries: as special tokens no grammar could write them."""
    settings = json.loads(tokenizer.to_str())
    settings["added_tokens"] = [token for token in settings["added_tokens"] if token["content"] in CONTROL_TOKENS]
    return Tokenizer.from_str(json.dumps(settings))


def _without_json(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        for piece in JSON_PIECES:
            text = text.replace(piece, "\n")
        yield text
