"""The frame bank: well-formed, in both languages, and refused by name where it is not."""

import random
import re
from pathlib import Path

import pytest

from bini.domain.glossary import Glossary
from bini.domain.labels import Basis
from bini.errors import DataError
from bini.training.synthesis.cases import CaseWriter, Stage
from bini.training.synthesis.frames import Domain, bank, draw, irrelevant, load_domain

SENTENCES = ("literal", "absent", "partial", "equivalent")
FRAMES = [frame for domain in bank() for frame in (*domain.elements, *domain.things)]
SLOT = re.compile(r"\{(\w+)\}")
ALLOWED = {
    "claim": {"x", "range", "a", "b"},
    "literal": {"s", "v", "a", "b", "d", "d2"},
    "absent": {"xp", "y", "w", "a", "b", "d", "d2", "s"},
    "partial": {"g", "z", "s", "a", "b", "d", "d2"},
    "equivalent": {"xp", "y", "v", "a", "b", "d", "d2"},
}


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("part", ALLOWED)
def test_slots_stand_where_they_mean_something(language: str, part: str) -> None:
    for frame in FRAMES:
        for text in getattr(frame.words(language), part):
            slots = set(SLOT.findall(text))
            assert slots <= ALLOWED[part], text
            assert not slots & {"x", "s", "xp", "y"} or frame.kind not in ("none", "thing"), text
            assert not slots & {"range", "v", "w", "z"} or frame.unit, text


@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_sentence_marks_one_quote(language: str) -> None:
    for frame in FRAMES:
        words = frame.words(language)
        for text in (text for part in SENTENCES for text in words.of(part)):
            assert re.fullmatch(r"[^«»]*«[^«»]*[^«»\s][^«»]*»[^«»]*", text), text
        assert not any(mark in text for text in words.claim for mark in "«»")


def test_an_element_can_be_met_missed_and_left_open_in_both_languages() -> None:
    for frame in FRAMES:
        for language in ("ko", "en"):
            words = frame.words(language)
            assert words.claim
            assert all(words.of(part) for part in ("literal", "absent", "partial")), words.claim


def test_every_domain_has_things_to_claim_and_sentences_beside_the_point() -> None:
    for domain in bank():
        assert domain.elements
        assert domain.things
    assert all(frame.words(language).literal for frame in irrelevant() for language in ("ko", "en"))


def test_a_claim_mostly_keeps_to_its_domain() -> None:
    rng, home = random.Random(1), bank()[0]
    drawn = [draw(rng, home) in home.elements for _ in range(400)]
    assert 0.65 < sum(drawn) / len(drawn) < 0.95


@pytest.mark.parametrize("basis", [b for b in Basis if b is not Basis.SILENT])
def test_prose_is_filled_and_its_quote_stands_in_it(glossary: Glossary, basis: Basis) -> None:
    writer = CaseWriter(glossary, random.Random(3), Stage((2, 4), 2, 0.0, 0.5))
    for _ in range(200):
        piece = writer.prose(basis)
        quote = piece.sentence[piece.sentence.index("«") + 1 : piece.sentence.index("»")]
        assert quote.strip()
        assert piece.basis is basis
        assert not re.search(r"[{}]|\[[가-힣]\]", piece.element + piece.sentence)


ENTRY = """
- kind: none
  ko: {claim: ["잠금부"], literal: ["«잠긴다»"], absent: ["«안 잠긴다»"], partial: ["«잠길 수도»"]}
  en: {claim: ["a lock"], literal: ["«locks»"], absent: ["«never locks»"], partial: ["«may lock»"]}
"""


def test_a_file_of_one_s_own_loads(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(ENTRY, encoding="utf-8")
    made = load_domain(path)
    assert isinstance(made, Domain)
    assert made.elements[0].words("en").of("absent") == ("«never locks»",)


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (ENTRY.replace("kind: none", "kind: nonsense"), "kind"),
        (ENTRY.replace("claim:", "claims:", 1), "ko.claim"),
        (ENTRY + "- {kind: none}", "ko"),
        ("kind: none", "own.yaml"),
        ("- [", "own.yaml"),
        ("", "own.yaml"),
        ("\udc80", "own.yaml"),
    ],
)
def test_a_broken_file_is_refused_by_name_and_field(tmp_path: Path, content: str, named: str) -> None:
    path = tmp_path / "own.yaml"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(DataError, match=r"own\.yaml") as caught:
        load_domain(path)
    assert named in caught.value.message
    assert caught.value.hint
