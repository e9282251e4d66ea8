"""The HTML page: nothing but its own style, and what browsers and printers go by."""

import base64
import hashlib

import lxml.html

from bini.domain.charts.html import to_html
from bini.domain.charts.words import WORDS


def test_the_page_needs_and_allows_nothing_else(cases) -> None:
    text = to_html(cases, "ko")
    page = lxml.html.document_fromstring(text)
    [style] = page.iter("style")
    policy = page.find(".//meta[@http-equiv='Content-Security-Policy']").get("content")
    digest = base64.b64encode(hashlib.sha256(style.text.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert not {e.tag for e in page.iter()} & {"script", "link", "img", "iframe", "object", "base", "form", "a"}
    assert not {name for e in page.iter() for name in e.attrib} & {"src", "href", "style", "onclick"}
    assert "url(" not in style.text
    assert "@import" not in style.text


def test_the_page_can_be_read_aloud_and_printed(cases, lang: str) -> None:
    page = lxml.html.document_fromstring(to_html(cases, lang))
    assert page.get("lang") == lang
    assert page.find(".//title").text == WORDS[lang]["title"]
    assert page.find(".//meta[@name='viewport']") is not None
    assert f'content: "{WORDS[lang]["disclaimer"]}"' in page.find(".//style").text, "at the foot of every page"
    assert {th.get("scope") for th in page.iterfind(".//thead//th")} == {"col"}
    css = page.find(".//style").text
    for rule in (
        "size: A4",
        "@media print",
        "counter(page)",
        "thead { display: table-header-group",
        "break-inside: avoid",
    ):
        assert rule in css
