"""Glossary tables: what loads, what is refused, and who is whose rival."""

from pathlib import Path

import pytest

from bini.domain.glossary import Concept, Glossary, load_glossary, shipped_glossary
from bini.errors import DataError
from bini.resources import resource

COLUMNS = ("id", "field", "kind", "ko", "en", "ko_syn", "en_syn", "abbr", "genus", "not_same")
FAMILY = """\
metal|f|material|금속|metal||||||
steel|f|material|강|steel|강철/철강|||metal|glass
copper|f|material|구리|copper|동||Cu|metal|
alloy-steel|f|material|합금강|alloy steel||||steel|
glass|f|material|유리|glass||||||
odd|f|material|기타|odd||||metal|odd/metal/odd-child/glass
odd-child|f|material|기타 하위|odd child||||odd|
"""


def table(folder: Path, name: str, lines: str, columns: tuple[str, ...] = COLUMNS) -> Path:
    """A TSV from lines that write `|` for a tab and `/` for a bar."""
    path = folder / name
    rows = ["\t".join(columns), *(line.replace("|", "\t").replace("/", "|") for line in lines.splitlines())]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def family(tmp_path: Path) -> Glossary:
    return load_glossary([table(tmp_path, "family.tsv", FAMILY)])


def ids(concepts: list[Concept]) -> list[str]:
    return [c.id for c in concepts]


def test_cells_become_fields(family: Glossary) -> None:
    steel = family.concepts["steel"]
    assert steel == Concept(
        "steel", "f", "material", "강", "steel", ("강철", "철강"), (), (), genus="metal", not_same=("glass",)
    )
    assert steel.names("ko") == ("강", "강철", "철강")
    assert family.concepts["copper"].names("en") == ("copper", "Cu")
    assert list(family.concepts) == ["metal", "steel", "copper", "alloy-steel", "glass", "odd", "odd-child"]


def test_children_are_direct(family: Glossary) -> None:
    assert {genus: ids(found) for genus, found in family.children.items()} == {
        "metal": ["steel", "copper", "odd"],
        "steel": ["alloy-steel"],
        "odd": ["odd-child"],
    }


def test_rivals_are_false_friends_and_siblings_and_no_kin(family: Glossary) -> None:
    concepts = family.concepts
    assert ids(family.rivals(concepts["steel"])) == ["glass", "copper", "odd"]
    assert ids(family.rivals(concepts["odd"])) == ["glass", "steel", "copper"]  # itself, genus and child were named
    assert family.rivals(concepts["metal"]) == []


def test_two_rows_of_one_thing_are_no_rivals(tmp_path: Path) -> None:
    lines = "dimethicone|f|m|디메치콘|dimethicone|||X||pdms\npdms|f|m|폴리디메틸실록산|PDMS fluid||Dimethicone|X||tbc"
    both = load_glossary([table(tmp_path, "twins.tsv", lines + "\ntbc|f|m|다른 것|other|||X||")])
    dimethicone, pdms, other = both.concepts.values()
    assert both.rivals(dimethicone) == []
    assert both.rivals(pdms) == [other], "an abbreviation in common does not make two things one"


def test_a_later_table_replaces_a_concept(tmp_path: Path) -> None:
    first = table(tmp_path, "a.tsv", FAMILY)
    second = table(tmp_path, "b.tsv", "steel|g|component|스틸|steel||||metal|")
    merged = load_glossary([first, second]).concepts
    assert (merged["steel"].field, merged["steel"].ko, merged["steel"].not_same) == ("g", "스틸", ())
    assert len(merged) == 7
    assert load_glossary([second, first]).concepts["steel"].ko == "강"


def test_a_concept_may_refer_to_a_later_table(tmp_path: Path) -> None:
    first = table(tmp_path, "a.tsv", "steel|f|material|강|steel||||metal|")
    second = table(tmp_path, "b.tsv", "metal|f|material|금속|metal|||||")
    assert set(load_glossary([first, second]).concepts) == {"steel", "metal"}
    with pytest.raises(DataError, match="steel refers to unknown metal"):
        load_glossary([first])


@pytest.mark.parametrize("row", ["a|f|k|가|a||||nobody|", "a|f|k|가|a|||||a/nobody"], ids=["genus", "not_same"])
def test_an_unknown_reference(tmp_path: Path, row: str) -> None:
    with pytest.raises(DataError, match="a refers to unknown nobody") as caught:
        load_glossary([table(tmp_path, "x.tsv", row)])
    assert caught.value.hint


def test_a_missing_column_names_file_row_and_column(tmp_path: Path) -> None:
    path = table(tmp_path, "x.tsv", "a|f|k|가|a||||", COLUMNS[:-1])
    with pytest.raises(DataError) as caught:
        load_glossary([path])
    assert caught.value.message == f"{path}, row 2: column not_same is missing"
    short = table(tmp_path, "y.tsv", "a|f|k|가|a|||||\nb|f|k")
    with pytest.raises(DataError, match="row 3: column ko is missing"):
        load_glossary([short])


def test_shipped_glossary(glossary: Glossary) -> None:
    assert len(glossary.concepts) > 1500
    assert {"ingredient", "material", "component", "product", "function", "process", "use"} <= {
        c.kind for c in glossary.concepts.values()
    }
    for concept in glossary.concepts.values():
        assert concept.ko, concept.id
        assert concept.en, concept.id
        assert concept.field, concept.id
        rivals = glossary.rivals(concept)
        below = glossary.children.get(concept.id, [])
        assert len(set(rivals)) == len(rivals)
        assert concept not in rivals, concept.id
        assert not {concept.genus, *ids(below)} & set(ids(rivals)), concept.id


def test_shipped_glossary_has_no_genus_loop(glossary: Glossary) -> None:
    for concept in glossary.concepts.values():
        seen, at = {concept.id}, concept.genus
        while at:
            assert at not in seen, concept.id
            seen.add(at)
            at = glossary.concepts[at].genus


def test_a_table_of_one_s_own_is_merged_over_the_shipped_one(tmp_path: Path) -> None:
    shipped = shipped_glossary()
    own = table(
        tmp_path,
        "own.tsv",
        "our-active|cosmetics|ingredient|우리원료|ouractive||||whitening-agent|\nabs|f|material|우리|ours|||||",
    )
    merged = shipped_glossary(own)
    assert len(merged.concepts) == len(shipped.concepts) + 1
    assert merged.concepts["abs"].ko == "우리" != shipped.concepts["abs"].ko
    assert merged.concepts["our-active"] in merged.rivals(merged.concepts["kojic-acid"])


def test_the_shipped_tables_hold_each_concept_once() -> None:
    paths = sorted(resource("data/glossary").glob("*.tsv"))
    rows = sum(len(path.read_text(encoding="utf-8").splitlines()) - 1 for path in paths)
    assert rows == len(shipped_glossary().concepts)


def test_a_table_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        load_glossary([tmp_path / "none.tsv"])
    (tmp_path / "latin.tsv").write_bytes("\t".join(COLUMNS).encode() + "\n금속".encode("cp949"))
    with pytest.raises(DataError, match="UTF-8"):
        load_glossary([tmp_path / "latin.tsv"])
    twice = table(tmp_path, "twice.tsv", "a|f|material|가|a|||||\na|f|material|나|b|||||")
    with pytest.raises(DataError, match=r"twice\.tsv, row 3: a stands twice"):
        load_glossary([twice])
