"""Claim sets from files."""

import tracemalloc
import zipfile
from pathlib import Path

import pytest
from docx import Document
from docx.oxml import parse_xml

from bini.domain.claim_files import read_claims
from bini.domain.claims import ClaimSet, pieces
from bini.domain.untrusted import FILE_BYTES
from bini.errors import InputError

TEXT = "1. A cup comprising: a body; and a lid.\n2. The cup of claim 1, wherein the lid is red.\n"
ELEMENTS = [["A cup", "a body", "a lid"], ["The cup of claim 1", "wherein the lid is red"]]

USPTO = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE us-patent-grant SYSTEM "us-patent-grant-v45.dtd" [ ]>
<us-patent-grant><claims id="claims">
<claim id="CLM-00001" num="00001"><claim-text>1. A cup comprising:
<claim-text>a body; and</claim-text><claim-text>a lid.</claim-text></claim-text></claim>
<claim id="CLM-00002" num="00002"><claim-text>2. The cup of <claim-ref idref="CLM-00001">claim 1</claim-ref>,
wherein the lid is red.</claim-text></claim></claims></us-patent-grant>"""

PICTURES = "".join(f'<!ENTITY US1-2001-D0000{n}.TIF SYSTEM "US1-2001-D0000{n}.TIF" NDATA TIF>\n' for n in range(3))
# Applications of 2001 to 2004 and grants of 2002 to 2004.
PAP = f"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE patent-application-publication SYSTEM "pap-v15-2001-01-31.dtd" [
{PICTURES}]>
<patent-application-publication><subdoc-claims id="CLAIMS"><heading lvl="1">Claims</heading>
<claim id="CLM-00001"><claim-text><highlight><bold>1</bold></highlight>. A cup comprising: <claim-text>a body; and
</claim-text><claim-text>a lid. </claim-text></claim-text></claim>
<claim id="CLM-00002"><claim-text><highlight><bold>2</bold></highlight>. The cup of
<dependent-claim-reference depends_on="CLM-00001"><claim-text>claim 1</claim-text></dependent-claim-reference>,
wherein the lid is red. </claim-text></claim></subdoc-claims></patent-application-publication>"""
ST32 = f"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE PATDOC SYSTEM "ST32-US-Grant-025xml.dtd" [
{PICTURES}]>
<PATDOC DTD="2.5"><SDOAB><PARA><PTEXT><PDAT>&ldquo;A cup&rdquo;</PDAT></PTEXT></PARA></SDOAB><SDOCL>
<H LVL="1"><STEXT><PDAT>What is claimed is: </PDAT></STEXT></H><CL><CLM ID="CLM-00001">
<PARA ID="P-00044" LVL="0"><PTEXT><PDAT>1. A cup comprising:</PDAT></PTEXT></PARA>
<CLMSTEP LVL="2"><PTEXT><PDAT>a body; and </PDAT></PTEXT></CLMSTEP>
<CLMSTEP LVL="2"><PTEXT><PDAT>a lid. </PDAT></PTEXT></CLMSTEP></CLM><CLM ID="CLM-00002">
<PARA ID="P-00045" LVL="0"><PTEXT><PDAT>2. The cup of </PDAT><CLREF ID="CLM-00001"><PDAT>claim 1</PDAT></CLREF>
<PDAT>, wherein the lid is red.</PDAT></PTEXT></PARA></CLM></CL></SDOCL></PATDOC>"""
SGML = ST32.partition("\n")[2].replace("<PATDOC DTD", "<B597US><PATDOC DTD")

KIPRIS = """<?xml version="1.0" encoding="UTF-8"?><response><body><item><claimInfoArray>
<claimInfo><claim>1. 몸체; 및 덮개를 포함하는 컵.</claim></claimInfo>
<claimInfo><claim>2. 삭제</claim></claimInfo>
<claimInfo><claim>3. 제1항에 있어서, 상기 덮개는 유리인 컵.</claim></claimInfo>
</claimInfoArray></item></body></response>"""

GOOGLE = """<!DOCTYPE html><html><head><style>.claim{}</style></head><body><section itemprop="claims">
<div class="claims"><div class="claim"><div id="CLM-1" num="00001" class="claim">
<div class="claim-text">1. A cup comprising:<div class="claim-text">a body; and</div>
<div class="claim-text">a lid.</div></div></div></div><div class="claim-dependent">
<div num="00002" class="claim"><div class="claim-text">2. The cup of
<claim-ref idref="CLM-1">claim 1</claim-ref>, wherein the <b>lid</b> is<br>red.</div></div></div></div></section>
<p>Similar documents</p></body></html>"""


def save(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def elements(claims: ClaimSet) -> list[list[str]]:
    for claim in claims.claims:
        assert "".join(p if isinstance(p, str) else p.text for p in pieces(claim)) == claim.text
        assert claims.text[claim.start : claim.end] == claim.text
    return [[e.text for e in c.elements] for c in claims.claims]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", TEXT),
        ("a.txt", TEXT.encode("utf-16")),
        ("a.TXT", b"\xef\xbb\xbf" + TEXT.encode()),
        ("a.md", f"# Claims\n\n{TEXT}"),
        ("a.xml", USPTO),
        ("a.xml", PAP),
        ("a.xml", ST32),
        ("a.html", GOOGLE),
    ],
)
def test_formats(tmp_path: Path, name: str, content: str | bytes) -> None:
    claims = read_claims(save(tmp_path / name, content))
    assert elements(claims) == ELEMENTS
    assert claims[2].parents == (1,)


def test_kipris(tmp_path: Path) -> None:
    claims = read_claims(save(tmp_path / "a.xml", KIPRIS))
    assert [c.cancelled for c in claims.claims] == [False, True, False]
    assert elements(claims)[2] == ["제1항에 있어서", "상기 덮개는 유리인", "컵"]


def test_korean_windows_text(tmp_path: Path) -> None:
    claims = read_claims(save(tmp_path / "a.txt", "1. 몸체; 및 덮개를 포함하는 컵.".encode("cp949")))
    assert elements(claims) == [["몸체", "덮개", "컵"]]


def test_nested_claim_text_gives_depth(tmp_path: Path) -> None:
    nested = USPTO.replace(
        "a body; and", "a body having:<claim-text>a base; and</claim-text><claim-text>a wall;</claim-text>"
    )
    assert [e.depth for e in read_claims(save(tmp_path / "a.xml", nested))[1].elements] == [0, 0, 1, 1, 0]


def test_old_uspto_files_are_indented_and_name_their_characters(tmp_path: Path) -> None:
    for content in (PAP, ST32):
        named = content.replace("a body", "a body at 20&deg; C. &lsqb;or less&rsqb;")
        claims = read_claims(save(tmp_path / "a.xml", named))
        assert claims[1].text == "A cup comprising:\n    a body at 20° C. [or less]; and\n    a lid."


def test_docx(tmp_path: Path) -> None:
    document = Document()
    for line in TEXT.splitlines():
        document.add_paragraph(line)
    document.save(str(tmp_path / "a.docx"))
    assert elements(read_claims(tmp_path / "a.docx")) == ELEMENTS


def test_docx_numbers_insertions_and_deletions(tmp_path: Path) -> None:
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    number = "<w:pPr><w:numPr><w:ilvl w:val='0'/><w:numId w:val='1'/></w:numPr></w:pPr>"
    rows = [
        "<w:r><w:t>A cup comprising: a body; and </w:t></w:r>"
        "<w:del w:id='1'><w:r><w:delText>a hat</w:delText></w:r></w:del>"
        "<w:ins w:id='2'><w:r><w:t>a lid.</w:t></w:r></w:ins>",
        "<w:r><w:t>The cup of claim 1, wherein the lid is red.</w:t></w:r>",
    ]
    document = Document()
    for row in rows:
        document.element.body.insert(len(document.element.body) - 1, parse_xml(f"<w:p {space}>{number}{row}</w:p>"))
    document.save(str(tmp_path / "a.docx"))
    assert elements(read_claims(tmp_path / "a.docx")) == ELEMENTS


BOMB = '<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><a><claim><claim-text>&c;</claim-text></claim></a>'
OUTSIDE = '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]><a><claim><claim-text>&b;</claim-text></claim></a>'


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.pdf", b"", "kind"),
        ("a.txt", b"1. A cup \xff\xff\xff.", "byte 9"),
        ("a.txt", b" " * (FILE_BYTES + 1), "larger than 20,000,000 bytes"),
        ("a.txt", "2. The cup of claim 1.", "claim 2 cites claim 1"),
        ("a.xml", BOMB, "entities"),
        ("a.xml", OUTSIDE, "entities"),
        ("a.xml", "<a>\n<b></a>", "line 2"),
        ("a.xml", BOMB.encode("utf-16"), "entities"),
        ("a.xml", PAP.replace("]>", '<!ENTITY b "bb">]>'), "entities"),
        ("a.xml", PAP.replace("]>", '<!ENTITY b SYSTEM "/etc/hostname">]>').replace("body", "&b;"), "entities"),
        ("a.xml", PAP.replace("]>", '<!ENTITY % b SYSTEM "b.dtd"> %b;]>'), "entities"),
        ("a.xml", ST32.replace("a body", "a &nosuch;"), "undefined entity"),
        ("a.xml", "<a>&US1.TIF;</a>", "undefined entity"),
        ("a.xml", f"{PAP}\n{USPTO}", "2 XML documents"),
        ("a.xml", "<a/><a/>", "junk after document element"),
        ("a.xml", SGML, "no well-formed XML"),
        ("a.xml", "<a>" + "<b/>" * 1_000_001 + "</a>", "more than 1,000,000 tags"),
        ("a.xml", "<a/>", "neither"),
        ("a.xml", "<a>" * 300 + "</a>" * 300, "deep"),
        ("a.html", "<div>" * 300, "deep"),
        ("a.html", "<p>hello</p>", "class 'claim'"),
        ("a.html", "", "HTML|class 'claim'"),
        ("a.html", "<a " * 1_000_000, "class 'claim'"),
        ("a.html", "<!--" * 1_000_000, "class 'claim'"),
        ("a.html", "<![" * 1_000_000, "class 'claim'"),
        ("a.docx", b"PK\x03\x04 no archive", "no Word document"),
    ],
)
def test_refused(tmp_path: Path, name: str, content: str | bytes, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        read_claims(save(tmp_path / name, content))
    assert str(tmp_path / name) in caught.value.message
    assert caught.value.hint


def test_sgml_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_claims(save(tmp_path / "a.xml", SGML))
    assert "SGML" in (caught.value.hint or "")


@pytest.mark.parametrize("name", ["a.txt", "a.xml", "a.html", "a.docx"])
def test_a_file_of_200_mb_is_refused_within_little_memory(tmp_path: Path, name: str) -> None:
    with (tmp_path / name).open("wb") as file:
        file.truncate(200_000_000)
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match="larger than"):
            read_claims(tmp_path / name)
        assert tracemalloc.get_traced_memory()[1] < 2.5 * FILE_BYTES
    finally:
        tracemalloc.stop()


def test_an_entity_bomb_takes_little_memory(tmp_path: Path) -> None:
    doubled = "".join(f'<!ENTITY a{n} "&a{n - 1};&a{n - 1};">' for n in range(1, 40))
    save(tmp_path / "a.xml", f'<!DOCTYPE a [<!ENTITY a0 "ha">{doubled}]><a><claim>&a39;</claim></a>')
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match="entities"):
            read_claims(tmp_path / "a.xml")
        assert tracemalloc.get_traced_memory()[1] < 2 * FILE_BYTES
    finally:
        tracemalloc.stop()


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a\.txt"):
        read_claims(tmp_path / "a.txt")


@pytest.mark.parametrize("declared", [None, 100])
def test_zip_bomb(tmp_path: Path, declared: int | None) -> None:
    path = tmp_path / "a.docx"
    size = 101_000_000
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", bytes(size))
    if declared:  # the archive says that it is small
        content = path.read_bytes().replace(size.to_bytes(4, "little"), declared.to_bytes(4, "little"))
        path.write_bytes(content)
    with pytest.raises(InputError, match=r"a\.docx"):
        read_claims(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (f"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/hostname'>]>{'<a/>' * 2}", "declares entities"),
        ("<a/>" * 1_000_001, "more than 1,000,000 tags"),
        ("<a>", "no Word document"),
    ],
)
def test_hostile_parts_of_a_docx(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "a.docx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", content)
    with pytest.raises(InputError, match=message):
        read_claims(path)
