"""Pictures: types are believed by content, and an SVG neither runs nor loads anything."""

from __future__ import annotations

import pytest

from lms_tool.content.faults import Report
from lms_tool.content.media import media

SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">{}</svg>'


def problems(name: str, data: bytes) -> list[str]:
    report = Report(f"media/{name}")
    media(name, data, report)
    return [fault.problem for fault in report.found]


@pytest.mark.parametrize(
    ("name", "data", "content_type"),
    [
        ("a.png", b"\x89PNG\r\n\x1a\n...", "image/png"),
        ("a.jpg", b"\xff\xd8\xff\xe0...", "image/jpeg"),
        ("a.webp", b"RIFF\n\x00\x00\x00WEBPVP8 ", "image/webp"),
        (
            "a.svg",
            SVG.format("<title>Akte</title><rect fill='url(#f)'/><use href='#g'/>").encode(),
            "image/svg+xml",
        ),
        ("a.svg", SVG.format("<style>rect { fill: url(#f) }</style>").encode(), "image/svg+xml"),
    ],
)
def test_pictures_that_may_be_shown(name: str, data: bytes, content_type: str) -> None:
    report = Report(name)
    picture = media(name, data, report)
    assert report.found == []
    assert (picture.name, picture.content_type, picture.data) == (name, content_type, data)
    assert len(picture.digest) == 64


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        "<rect onclick='alert(1)'/>",
        "<a href='javascript:alert(1)'><text>x</text></a>",
        "<a xlink:href='https://evil.example'><text>x</text></a>",
        "<image href='https://evil.example/pixel.png'/>",
        "<image href='data:image/svg+xml;base64,AAAA'/>",
        "<use href='andere.svg#x'/>",
        "<foreignObject><p xmlns='http://www.w3.org/1999/xhtml'>x</p></foreignObject>",
        "<style>@import 'https://evil.example/a.css';</style>",
        "<style>rect { fill: url(https://evil.example/a.svg#f) }</style>",
        "<rect style='fill: url( &quot;https://evil.example&quot; )'/>",
        "<a><set attributeName='href' to='javascript:alert(1)'/></a>",
        "<animate attributeName='href' values='javascript:alert(1)'/>",
    ],
)
def test_an_svg_that_runs_or_loads_is_refused(inside: str) -> None:
    (problem,) = problems("a.svg", SVG.format(inside).encode())
    assert "lädt etwas nach oder führt etwas aus" in problem


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe<\x00s\x00v\x00g\x00",
        b"<svg>",
        b"<html xmlns='http://www.w3.org/1999/xhtml'><body/></html>",
        b"<svg/>",
        b"<!DOCTYPE svg [<!ENTITY a 'b'>]>" + SVG.format("&a;").encode(),
        SVG.format("<script>alert(1)</script>").encode("utf-16"),
    ],
)
def test_what_is_no_plain_svg_is_refused(data: bytes) -> None:
    assert problems("a.svg", data)


@pytest.mark.parametrize("name", ["a b.png", "ä.png", "-a.png", "a.php", "a", "a.PNG", "a.svgz"])
def test_names_that_are_refused(name: str) -> None:
    assert problems(name, b"\x89PNG\r\n\x1a\n")
