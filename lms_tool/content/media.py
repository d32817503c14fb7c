"""Pictures of a package: SVG, PNG, JPEG, WebP, and nothing that only calls itself so."""

from __future__ import annotations

import hashlib
import re
from xml.etree import ElementTree

from lms_tool.content.course import Media
from lms_tool.content.dialect import MEDIA_NAME
from lms_tool.content.faults import Report

TYPES = {
    "svg": "image/svg+xml",
    "png": "image/png",
    "jpg": "image/jpeg",
    "webp": "image/webp",
}
_BEGINS = {
    "png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "jpg": re.compile(rb"\xff\xd8\xff"),
    "webp": re.compile(rb"RIFF....WEBP", re.DOTALL),
}
_SVG = "{http://www.w3.org/2000/svg}"
_ACTIVE = {"script", "foreignobject", "iframe", "handler", "listener", "set", "animate"}


def media(name: str, data: bytes, report: Report) -> Media:
    """The picture ``name`` (below media/), checked."""
    ending = name.rpartition(".")[2]
    if not MEDIA_NAME.fullmatch(name):
        report.error(
            0,
            "Der Dateiname ist nicht erlaubt.",
            "Nehmen Sie nur a–z, A–Z, 0–9, Punkt, Bindestrich und Unterstrich.",
        )
    if ending not in TYPES:
        report.error(0, "Diese Art von Datei ist nicht erlaubt.", f"Möglich sind: {', '.join(TYPES)}.")
    elif ending == "svg":
        _svg(data, report)
    elif not _BEGINS[ending].match(data):
        report.error(0, f"Der Inhalt ist kein Bild der Art {ending}.", "Speichern Sie das Bild neu.")
    return Media(
        name=name,
        content_type=TYPES.get(ending, "application/octet-stream"),
        digest=hashlib.sha256(data).hexdigest(),
        data=data,
    )


def _svg(data: bytes, report: Report) -> None:
    """An SVG that is opened by its address is a document of our origin: nothing in it may run or load."""
    text = data.decode("utf-8-sig", errors="replace")
    if re.search(r"<!(DOCTYPE|ENTITY)", text, re.IGNORECASE):
        report.error(0, "Die SVG-Datei enthält einen DOCTYPE.", "Speichern Sie sie als einfaches SVG.")
        return
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 – no DOCTYPE, so no entities
    except (ElementTree.ParseError, ValueError):
        report.error(0, "Die SVG-Datei ist kein lesbares XML.", "Speichern Sie das Bild neu.")
        return
    if root.tag != f"{_SVG}svg":
        report.error(0, "Die Datei ist kein SVG.", "Speichern Sie das Bild neu.")
    for element in root.iter():
        active = element.tag.rpartition("}")[2].lower() in _ACTIVE
        for name, value in element.attrib.items():
            plain = name.rpartition("}")[2].lower()
            active |= plain.startswith("on") or (
                plain in ("href", "src") and not value.strip().startswith("#")
            )
            active |= _loads(value)
        if active or (element.tag == f"{_SVG}style" and _loads(element.text or "")):
            report.error(
                0,
                f"„{element.tag.rpartition('}')[2]}“ im SVG lädt etwas nach oder führt etwas aus.",
                "Entfernen Sie Skripte, Animationen und Verweise auf andere Dateien.",
            )
            return


def _loads(css: str) -> bool:
    return bool(re.search(r"@import|url\(\s*[\"']?\s*[^#\s\"']", css, re.IGNORECASE))
