"""CLM-48 … CLM-59 and CLM-68 … CLM-72: contexts, names, languages, the way back, and who is who."""

from __future__ import annotations

import unicodedata

from .bed import Bed
from .browser import Response
from .claims import drop, put
from .page import Page

NAMES = ("name", "given_name", "family_name", "email")


def test_CLM_48_no_context(bed: Bed) -> None:
    first, second = bed.at_lesson(), bed.at_lesson()
    second.sub = first.sub
    first.enter(drop("context"))
    first.complete()
    assert "gelesen" in first.page().text.lower() or bed.rows.all("progress")
    second.enter(drop("context"))
    mine, other = first.launch_row()["membership_id"], second.launch_row()["membership_id"]
    assert mine != other, "progress is kept per resource link"
    assert bed.rows.all("progress", membership_id=mine)
    assert not [row for row in bed.rows.all("progress", membership_id=other) if row["completed_at"]]
    again = bed.at_lesson(sub=first.sub, link=first.link)
    again.enter(drop("context"))
    assert again.launch_row()["membership_id"] == mine
    # a context that happens to have the link's id is something else
    clash = bed.at_lesson(sub=first.sub, link=first.link, context=first.link)
    clash.enter()
    assert clash.launch_row()["membership_id"] != mine


def test_CLM_49_context_with_id_only(bed: Bed) -> None:
    visit = bed.visit()
    page = visit.enter(put("context", {"id": visit.context}))
    assert page.one("title").text and page.one("h1").text
    assert "None" not in page.text
    assert bed.rows.one("context", lti_id=visit.context)


def test_CLM_50_context_malformed(bed: Bed) -> None:
    for value in ({"label": "BB"}, [{"id": "ctx"}], "ctx", 7, {"id": ""}, {"id": 7}, {"id": "c" * 256}):
        bed.refused_launch(400, "claim_invalid:context", put("context", value))


def test_CLM_51_no_names(bed: Bed) -> None:
    first, second = bed.at_lesson(), bed.at_lesson()
    second.context, second.link = first.context, first.link
    for visit in (first, second):
        page = visit.enter(drop(*NAMES))
        for odd in ("None", "null", "undefined", "Anonym"):
            assert odd not in page.text
    first.complete()
    assert first.person()["id"] != second.person()["id"]
    assert first.score() and not second.score()
    again = bed.at_lesson(sub=first.sub, context=first.context, link=first.link)
    again.enter(drop(*NAMES))
    assert again.person()["id"] == first.person()["id"]


def test_CLM_52_only_email(bed: Bed) -> None:
    visit = bed.visit()
    visit.enter(drop("name", "given_name", "family_name"))
    assert visit.person()["email"] == f"{visit.sub}@kommune.example"


def test_CLM_53_only_names(bed: Bed) -> None:
    visit = bed.visit()
    assert f"Petra Prüfer-{visit.sub}" in visit.enter(drop("email")).text
    parts = bed.visit()
    assert f"Petra Prüfer-{parts.sub}" in parts.enter(drop("name")).text


def test_CLM_54_markup_in_names(bed: Bed) -> None:
    for text in (
        "<script>alert('x')</script>",
        "{{7*7}}",
        "${7*7}",
        "\"><img src=x onerror=alert(1)>'",
        '=HYPERLINK("http://evil.example";"x")',
        "</title></head>",
    ):
        visit = bed.at_lesson()
        visit.enter(
            put("name", text),
            put("context.title", text),
            put("resource_link.title", text),
            put("given_name", text),
        )
        response = visit.browser.get(visit.url())
        page = Page(response.text)
        assert text in page.text, "shown as it is"
        assert "49" not in page.text
        assert "<script>alert" not in response.text and not page.all("img", src="x")
        assert not [e for e in page.elements if any(name.startswith("on") for name in e.attrs)]
        assert "\r" not in response.header("Content-Security-Policy")
        assert visit.person()["name"] == text


def test_CLM_55_unusual_names(bed: Bed) -> None:
    decomposed = unicodedata.normalize("NFD", "Jürgen Müßig-Çelik")
    for name in (
        decomposed,
        "Jörg Weiß",
        "👩🏽‍💻 Team",
        "مها عبد الله",
        "a\u0300\u0301\u0302" * 20,
        "N" * 500,
        "   ",
    ):
        visit = bed.visit()
        page = visit.enter(put("name", name))
        assert visit.person()["name"] == name
        assert visit.person()["name"].encode() == name.encode()
        if name.strip():
            assert " ".join(name.split()) in page.text
        assert page.one("h1").text


def language_of(bed: Bed, locale: object, presentation: object = None) -> str:
    visit = bed.visit()
    changes = [put("locale", locale) if locale is not None else drop("locale")]
    changes.append(
        put("launch_presentation.locale", presentation) if presentation else drop("launch_presentation")
    )
    page = visit.enter(*changes)
    return page.one("html").attrs["lang"]


def test_CLM_56_language(bed: Bed) -> None:
    for locale in ("de-DE", "de_DE", "DE", "de", "xx", "x" * 5120, 7, ["de"], "", "fr-FR", "eo", None):
        assert language_of(bed, locale) == "de", locale
    for locale in ("en", "en-US", "en_GB", "EN"):
        assert language_of(bed, locale) == "en", locale
    assert language_of(bed, "de", "en") in ("de", "en")
    assert language_of(bed, "en", "de") in ("de", "en")
    assert language_of(bed, "en", "en-US") == "en"
    assert language_of(bed, "7", {"a": 1}) == "de"


def refused_with_way_back(bed: Bed, return_url: object) -> Page:
    """A verified launch of something that does not exist: its page may offer the way back."""
    response = bed.visit().launch(
        put("launch_presentation.return_url", return_url),
        put("target_link_uri", f"{bed.tool.launch_url}?course=gibt-es-nicht"),
    )
    assert response.error == "module_not_found"
    return Page(response.text)


def test_CLM_57_return_url_unsafe(bed: Bed) -> None:
    for url in (
        "javascript:alert(1)",
        "http://evil.example/back",
        "data:text/html,x",
        "//evil.example",
        "https:evil",
        "https://user:pw@evil.example/",
        "https://evil.example\\@p1.example/",
        "not a url",
        7,
        ["https://p1.example"],
    ):
        visit = bed.visit()
        page = visit.enter(put("launch_presentation.return_url", url))
        for shown in (page, refused_with_way_back(bed, url)):
            assert not [
                link for link in shown.links() if "evil" in link or "javascript" in link or "data:" in link
            ]
            assert "lti_errormsg" not in "".join(shown.links())


def test_CLM_58_return_url_with_query(bed: Bed) -> None:
    url = "https://other-host.example/back.php?course=2&next=%2Fa%3Fb&x=%C3%A4"

    def send(accept: str) -> Response:
        return bed.visit().launch(
            put("launch_presentation.return_url", url),
            put("target_link_uri", f"{bed.tool.launch_url}?course=gibt-es-nicht"),
            accept=accept,
        )

    bed.refused(404, "module_not_found", send, back=url)
    fragment = [
        link for link in refused_with_way_back(bed, "https://a.example/b#part").links() if "a.example" in link
    ]
    assert (
        fragment
        and fragment[0].startswith("https://a.example/b?lti_errormsg=")
        and fragment[0].endswith("#part")
    )


def test_CLM_59_presentation_malformed(bed: Bed) -> None:
    for value in (
        None,
        [],
        "iframe",
        7,
        {"width": "abc", "height": None},
        {"document_target": 7, "locale": []},
    ):
        bed.visit().enter(put("launch_presentation", value))
        response = bed.visit().launch(drop("version"), put("launch_presentation", value))
        assert response.error == "claim_missing:version"


def test_CLM_68_same_sub_on_two_platforms(bed: Bed) -> None:
    first = bed.visit(bed.p1)
    second = bed.visit(bed.p2, sub=first.sub, context=first.context, link=first.link)
    first.enter()
    second.enter()
    assert first.person()["id"] != second.person()["id"]
    assert len(bed.rows.all("person", sub=first.sub)) == 2
    assert len(bed.rows.all("context", lti_id=first.context)) == 2


def test_CLM_69_same_sub_in_two_deployments(bed: Bed) -> None:
    first = bed.visit()
    second = bed.visit(sub=first.sub, context=first.context, link=first.link)
    first.enter()
    second.enter(put("deployment_id", "d2"))
    assert len(bed.rows.all("person", sub=first.sub)) == 1
    assert len(bed.rows.all("membership", person_id=first.person()["id"])) == 2
    assert len(bed.rows.all("context", lti_id=first.context)) == 2


def test_CLM_70_same_email(bed: Bed) -> None:
    first, second = bed.visit(bed.p1), bed.visit(bed.p2)
    for visit in (first, second):
        visit.enter(put("email", f"{first.sub}@shared.example"))
    assert len(bed.rows.all("person", email=f"{first.sub}@shared.example")) == 2
    assert second.launch_row()["membership_id"] != first.launch_row()["membership_id"]


def test_CLM_71_name_changed(bed: Bed) -> None:
    visit = bed.visit()
    visit.enter()
    again = bed.visit(sub=visit.sub, context=visit.context, link=visit.link)
    page = again.enter(put("name", "Petra Neumann"), put("email", "neu@kommune.example"))
    assert "Petra Neumann" in page.text and f"Prüfer-{visit.sub}" not in page.text
    assert (again.person()["name"], again.person()["email"]) == ("Petra Neumann", "neu@kommune.example")
    assert again.person()["id"] == visit.person()["id"]


def test_CLM_72_name_withdrawn(bed: Bed) -> None:
    visit = bed.visit()
    visit.enter()
    again = bed.visit(sub=visit.sub, context=visit.context, link=visit.link)
    page = again.enter(drop(*NAMES))
    assert f"Prüfer-{visit.sub}" not in page.text and "None" not in page.text
    assert [again.person()[name] for name in NAMES] == [None] * 4
    assert visit.person()["id"] == again.person()["id"]
