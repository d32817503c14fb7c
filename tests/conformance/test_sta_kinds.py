"""STA-31, each kind of activity: done to its end in a frame without cookies, as in any other."""

from __future__ import annotations

from pathlib import Path

import case_samples
import pytest
import worksheet_samples
import workshop_samples
from playwright.sync_api import Frame, expect

from .bed import Bed
from .scripted_lms import ScriptedLms

SAVED = "Gespeichert"


@pytest.fixture(scope="module", autouse=True)
def _courses(bed: Bed, tmp_path_factory: pytest.TempPathFactory) -> None:
    for samples in (case_samples, worksheet_samples, workshop_samples):
        folder: Path = samples.write(tmp_path_factory.mktemp("paket"))
        bed.tool.admin("courses", "load", str(folder))


def enter(bed: Bed, lms: ScriptedLms, target: str, title: str) -> Frame:
    _, frame = lms.open(lms.visit(target=target))
    expect(frame.get_by_role("heading", level=1)).to_have_text(title, timeout=15_000)
    assert lms.context.cookies(bed.tool.url) == []
    return frame


def reload(frame: Frame) -> None:
    frame.evaluate("document.querySelector('main').dataset.old = ''; location.reload()")
    expect(frame.locator("[data-old]")).to_have_count(0)


def test_STA_31_a_case(bed: Bed, lms: ScriptedLms) -> None:
    target = f"course=ernstfall&module=vorfall&activity={case_samples.CASE_ID}"
    frame = enter(bed, lms, target, "Die seltsame E-Mail")
    for words in ("Sie rufen sofort den Dienstleister an.", "Sie ziehen ihn.", "Das CERT.", "Die Wahrheit."):
        frame.get_by_role("button", name=words).click()
        expect(frame.locator("#szene")).to_be_focused()
    expect(frame.get_by_text("1 von 2 Enden erlebt")).to_be_visible()
    frame.get_by_role("link", name="Die Rufbereitschaft").first.click()
    frame.get_by_role("button", name="Sie warten.").click()
    expect(frame.get_by_text("Es wird nicht besser.")).to_be_visible()


def test_STA_31_a_worksheet(bed: Bed, lms: ScriptedLms) -> None:
    target = f"course=probe&module=netz&activity={worksheet_samples.ACTIVITY}"
    frame = enter(bed, lms, target, "Unsere Anschlüsse aufnehmen")
    status = frame.locator("[data-sheet-status]")
    frame.get_by_label("Standorte", exact=True).fill("5")
    expect(status).to_have_text(SAVED)
    reload(frame)
    expect(frame.get_by_label("Standorte", exact=True)).to_have_value("5")
    frame.get_by_label("Vorgehen").fill("Erst fragen.")
    frame.get_by_role("radio", name="2", exact=True).check()
    frame.get_by_label("Zeile 1: Was").fill("Archiv")
    frame.get_by_role("button", name="Zur Durchsicht geben").click()
    expect(frame.get_by_text("Liegt bei Ihrer Lotsin oder Ihrem Lotsen.")).to_be_visible()


def test_STA_31_a_workshop(bed: Bed, lms: ScriptedLms) -> None:
    target = f"course=prozesse&module=werkstatt&activity={workshop_samples.ACTIVITY}"
    frame = enter(bed, lms, target, "Hundesteuer anmelden")
    frame.get_by_role("link", name="Künftig (Soll)").click()
    frame.locator(".lt-ws__fold > summary").click()
    frame.locator(".lt-ws__fold").get_by_role("button", name="Kopieren", exact=True).click()
    expect(frame.locator("[data-count=steps]")).to_have_text("16")
    expect(frame.locator("[data-process-status]")).to_have_text(SAVED)
    reload(frame)
    expect(frame.locator("[data-count=steps]")).to_have_text("16")
    with frame.page.expect_download() as table:
        frame.get_by_role("link", name="Als Tabelle (CSV)").click()
    assert "Kopieren" in Path(table.value.path()).read_text("utf-8-sig")
    with frame.page.expect_download() as drawing:
        frame.get_by_role("button", name="Als Bild (PNG)").click()
    assert Path(drawing.value.path()).read_bytes().startswith(b"\x89PNG")
    frame.get_by_role("link", name="Weiter: vergleichen").click()
    frame.get_by_role("button", name="Mit Musterlösung vergleichen").click()
    expect(frame.get_by_text("Die Rückfrage kostet fünf Tage.")).to_be_visible()
