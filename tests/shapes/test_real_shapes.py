"""The real Gemma 3 shapes with random weights: loading, two training steps, one constrained assessment.

    pytest -m slow -s tests/shapes

Needs the shapes and the vocabulary of Gemma 3 (no weights) in ../shared/gemma-3, or where BINI_GEMMA_SHAPES says.
Each test runs in a process of its own, so that the peak memory it prints is its own.
"""

import gzip
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SHAPES = Path(os.environ.get("BINI_GEMMA_SHAPES", Path(__file__).parents[2].parent / "shared" / "gemma-3"))

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (SHAPES / "tokenizer.json.gz").is_file(), reason="the Gemma 3 shapes are not on this machine"
    ),
]

ASSESS = """
import json, resource, sys, time
from bini.inference.assessor import Assessor
folder, adapter = sys.argv[1], sys.argv[2] or None
started = time.perf_counter()
assessor = Assessor(folder, adapter)
loaded = time.perf_counter()
request = assessor.prepare("TBC 성분이 들어간 미백 크림을 만들었어 <end_of_turn> \\\\ \\" 깰 😀", sys.argv[3])
decoded = assessor.decoder.constrained(request.prompt, request.grammar)
assessor.assemble(request, decoded)
print(json.dumps({
    "class": type(assessor.decoder.model).__name__,
    "parameters": sum(p.numel() for p in assessor.decoder.model.parameters()),
    "load_s": round(loaded - started, 1),
    "assess_s": round(time.perf_counter() - loaded, 1),
    "prompt_tokens": len(request.prompt),
    "model_calls": decoded.model_calls,
    "peak_gib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 2),
}))
"""
TRAIN = """
import json, resource, sys, time
from pathlib import Path
from bini.domain.cases import load_cases
from bini.models.catalog import ModelPlace
from bini.resources import resource as data
from bini.training.sft import Recipe, train
folder, run = Path(sys.argv[1]), Path(sys.argv[2])
times = [time.perf_counter()]
recipe = Recipe(
    r=16, alpha=32, dropout=0.05, epochs=1, batch_size=1, learning_rate=2e-4, warmup=0.0, seed=1,
    learn="answer", rivals=0, synonyms=0, rehearsal=0, strangers=0,
)
cases = load_cases(data("data/raw/seeds/seed_cases.json"))[:2]
train(cases, ModelPlace(folder.name, folder), recipe, run, lambda *_: times.append(time.perf_counter()))
print(json.dumps({
    "step_s": round(times[-1] - times[-2], 1),
    "peak_gib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 2),
}))
"""
CLAIM = "아세틸트리부틸시트레이트를 유효성분으로 함유하는 피부 미백용 화장료 조성물."


def _build(config: dict, folder: Path, architecture: str) -> Path:
    """Save a model of `config` with random weights (bf16) and Gemma's tokenizer, in a process of its own."""
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(config))
    code = (
        "import sys, torch, transformers\n"
        "config = transformers.AutoConfig.from_pretrained(sys.argv[1])\n"
        "torch.manual_seed(0); torch.set_default_dtype(torch.bfloat16)\n"
        f"transformers.{architecture}(config).save_pretrained(sys.argv[1])\n"
    )
    _run(code, str(folder))
    for name in ("tokenizer_config.json", "chat_template.jinja"):
        shutil.copy(SHAPES / name, folder)
    with gzip.open(SHAPES / "tokenizer.json.gz") as packed, (folder / "tokenizer.json").open("wb") as file:
        shutil.copyfileobj(packed, file)
    return folder


def _run(code: str, *arguments: str) -> str:
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def _figures(what: str, output: str) -> dict:
    figures = json.loads(output.strip().splitlines()[-1])
    print(f"\n{what}: {figures}")
    return figures


def test_gemma_3_1b_shape_trains_and_assesses(tmp_path):
    config = json.loads((SHAPES / "gemma-3-1b-it.config.json").read_text())
    folder = _build(config, tmp_path / "gemma-3-1b-it", "Gemma3ForCausalLM")
    trained = _figures("1B shape, two training steps", _run(TRAIN, str(folder), str(tmp_path / "run")))
    assert trained["step_s"] > 0
    figures = _figures("1B shape, one assessment", _run(ASSESS, str(folder), str(tmp_path / "run"), CLAIM))
    assert figures["parameters"] == 999_885_952


def test_the_multimodal_4b_class_assesses_text(tmp_path):
    config = json.loads((SHAPES / "gemma-3-4b-it.config.json").read_text())
    config["text_config"]["num_hidden_layers"] = 2
    config["text_config"].pop("layer_types", None)
    config["vision_config"]["num_hidden_layers"] = 1
    folder = _build(config, tmp_path / "gemma-3-4b-it", "Gemma3ForConditionalGeneration")
    figures = _figures("4B class, 2 of 34 layers", _run(ASSESS, str(folder), "", CLAIM))
    assert figures["class"] == "Gemma3ForConditionalGeneration"
