"""Claim sets from files."""

import zipfile
from pathlib import Path

import pytest
from docx import Document
from docx.oxml import parse_xml

from bini.domain.claim_files import FILE_BYTES, read_claims
from bini.domain.claims import ClaimSet, pieces
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
        ("a.txt", b" " * (FILE_BYTES + 1), "larger than 20 MB"),
        ("a.txt", "2. The cup of claim 1.", "claim 2 cites claim 1"),
        ("a.xml", BOMB, "entities"),
        ("a.xml", OUTSIDE, "entities"),
        ("a.xml", "<a>\n<b></a>", "line 2"),
        ("a.xml", BOMB.encode("utf-16"), "entities"),
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
    assert caught.value.message.startswith(name)
    assert caught.value.hint


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
