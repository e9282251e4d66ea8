"""What the tests of the command line share: texts, files' rows, and how a command ended."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from bini.domain.schema import judgement_schema

ROOT = Path(__file__).parents[1]
CLAIM = "센서와 팔을 포함하는 로봇"
ELEMENTS = ["센서", "팔", "로봇"]
PATENT = f"1. {CLAIM}.\n2. 삭제\n3. 제1항에 있어서, 상기 팔은 둘인 로봇.\n4. 바퀴를 포함하는 차.\n"
PRODUCT = "거리 센서가 달린 로봇"
RECIPE = yaml.safe_load((ROOT / "training/lora_config.yaml").read_text(encoding="utf-8")) | {
    "r": 2,
    "epochs": 2,
    "learning_rate": 0.005,
}


def row(number: int, match: str = "대응", **changes: Any) -> dict[str, Any]:
    comparisons = [{"patent_element": element, "match": match} for element in ELEMENTS]
    fields = {"case_id": f"c{number}", "regit_num": f"10-{number}", "claim_text": CLAIM, "user_query": f"로봇 {number}"}
    return fields | {"label": {"comparisons": comparisons}} | changes


def logged(level: str) -> dict[str, Any]:
    """A line of a log."""
    return {
        "at": "2026-11-21T09:30:00Z",
        "model": "m",
        "adapter": None,
        "level": level,
        "rule_level": level,
        "probabilities": {level: 1.0},
        "confidence": 1.0,
        "product_chars": 9,
        "korean": 1.0,
    }


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str

    def told(self, word: str) -> list[str]:
        return [line for line in self.err.splitlines() if line.startswith(f"{word}: ")]


Bini = Callable[..., Ended]


def ask(product: str = PRODUCT, claim: str = CLAIM, *more: str) -> list[str]:
    return ["assess", "--product", product, "--claim", claim, *more]


def placed(text: str, inputs: Path) -> str:
    return text.replace("{", f"{inputs}/").replace("}", "")


def judged(ended: Ended) -> dict[str, Any]:
    assert ended.code == 0, ended.err
    (line,) = ended.out.splitlines()
    assert ended.out == line + "\n"
    answer: dict[str, Any] = json.loads(line)
    jsonschema.validate(answer, judgement_schema(ELEMENTS))
    return answer
