"""Every template, in every state and both languages."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from babel.messages.pofile import read_po
from page_samples import (
    COURSE_BEGUN,
    ERROR,
    LESSON,
    LESSON_ALONE,
    LESSON_LOCKED,
    LESSON_WRONG,
    LONG_NAME,
    MODULE_BEGUN,
    NEW_WINDOW,
    PAGES,
    frame,
)
from quiz_samples import CHECK_WRONG, QUESTION, RESULT, SINGLE_RIGHT

from lms_tool.errors import Text
from lms_tool.web import pages, render
from lms_tool.web.pages import Link, State, Transfer, TransferState
from lms_tool.web.render import FrontEndNotBuilt, Page, Renderer

TEMPLATES = Path(render.__file__).parent / "templates"
VOID = {"meta", "link", "input", "br", "hr", "img", "path", "circle", "rect", "use"}
WORKING_SPACE = re.compile(r"\{\{|\{%|\bNone\b|Undefined|&lt;(?:span|svg|div)")


class Outline(HTMLParser):
    """Checks nesting while it reads, and keeps what a test asks for."""

    def __init__(self) -> None:
        super().__init__()
        self.stack: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text: list[str] = []
        self.said: list[tuple[str, str]] = []  # language, text or label
        self.languages: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.tags.append((tag, values))
        language = values.get("lang") or (self.languages[-1] if self.languages else "")
        self.said += [(language, values[name]) for name in ("aria-label", "title") if name in values]
        if tag not in VOID:
            self.stack.append(tag)
            self.languages.append(language)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.stack.pop() == tag
            self.languages.pop()

    def handle_data(self, data: str) -> None:
        self.text.append(data)
        self.said.append((self.languages[-1] if self.languages else "", data))


def read(html: str) -> Outline:
    outline = Outline()
    outline.feed(html)
    outline.close()
    assert outline.stack == []
    return outline


def words(html: str) -> str:
    return " ".join(" ".join(read(html).text).split())


def test_each_template_has_one_page_and_each_page_a_sample() -> None:
    classes = [getattr(pages, name) for name in pages.__all__ if name.endswith("Page")]
    files = {file.name for file in TEMPLATES.glob("*.html") if not file.name.startswith("_")}
    assert {cls.template for cls in classes} == files - {"base.html", "frame.html", "admin.html"}
    assert len(classes) == len({cls.template for cls in classes})
    assert set(classes) == {type(page) for page in PAGES.values()}


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("name", PAGES)
def test_pages_are_whole_and_keep_the_content_security_policy(
    renderer: Renderer, name: str, language: str
) -> None:
    html = renderer.page(PAGES[name], language)
    outline = read(html)
    by_name: dict[str, list[dict[str, str]]] = {}
    for tag, attributes in outline.tags:
        by_name.setdefault(tag, []).append(attributes)
        assert "style" not in attributes
        assert not [key for key in attributes if key.startswith("on")]
        if attributes.get("href", "").startswith("javascript:"):
            pytest.fail("script in a link")
    assert by_name["html"][0]["lang"] == ("de" if name == "error" else language)
    assert len(by_name["h1"]) == 1
    assert len(by_name["main"]) == 1
    assert "style" not in by_name
    assert all(script["src"].startswith("/static/dist/app-") for script in by_name["script"])
    ids = [attributes["id"] for _, attributes in outline.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    symbols = {attributes["id"] for attributes in by_name["symbol"]} if "symbol" in by_name else set()
    assert {use["href"] for use in by_name.get("use", [])} == {f"#{symbol}" for symbol in symbols}
    assert not WORKING_SPACE.search(html)
    assert html.count('kern-btn--primary"') <= 1  # one next step


@pytest.mark.parametrize("name", sorted(PAGES.keys() - {"error"}))
def test_english_pages_hold_no_german_but_the_course(renderer: Renderer, name: str) -> None:
    german, english = (_interface(renderer.page(PAGES[name], language)) for language in ("de", "en"))
    assert german - {""}
    with (Path(render.__file__).parents[1] / "translations/en/LC_MESSAGES/messages.po").open("rb") as file:
        differing = {
            one.id for one in read_po(file) if isinstance(one.id, str) and one.id not in ("", one.string)
        }
    assert english & differing == set()


def _interface(html: str) -> set[str]:
    """Texts and labels outside of what is marked as German content."""
    return {
        text.strip() for language, text in read(html).said if language != "de" or 'lang="de">' in html[:40]
    }


def test_hostile_names_and_titles_stay_text(renderer: Renderer) -> None:
    evil = "<script>alert(1)</script>{{7*7}}\"'><img src=x onerror=alert(1)>"
    page = replace(
        LESSON,
        title=evil,
        frame=frame(Link(evil, "/k/abc/"), Link(evil), person=evil),
        next=Link(evil, "/k/abc/a/x"),
        sections=(Link(evil, "#a"), Link(evil, "#b")),
    )
    html = renderer.page(page)
    assert "<script>alert" not in html
    assert "<img" not in html
    assert "49" not in html
    assert evil in "".join(read(html).text)


def test_a_name_of_any_length_is_whole_in_the_page(renderer: Renderer) -> None:
    assert LONG_NAME in words(renderer.page(LESSON_ALONE))


def test_course_page_says_where_to_go_on_and_what_is_missing(renderer: Renderer) -> None:
    text = words(renderer.page(COURSE_BEGUN))
    assert "Guten Tag, Petra Sommer" in text
    assert "Hier machen Sie weiter Was gehört in die Akte? Lerneinheit in Modul 2 · eAkte" in text
    assert "1 von 4 abgeschlossen. Für den Abschluss genügen 3 Module." in text
    assert "Öffnet sich nach: eAkte , IT-Architektur" in text


def test_nobody_is_greeted_by_a_missing_name(renderer: Renderer) -> None:
    text = words(renderer.page(PAGES["course_new"]))
    assert "Guten Tag" in text
    assert "Guten Tag," not in text
    assert "Angemeldet als" not in text


@pytest.mark.parametrize(
    ("transfer", "german", "english"),
    [
        (
            Transfer(TransferState.SENT, at=COURSE_BEGUN.modules[0].transfer.at),  # type: ignore[union-attr]
            "Ins LMS übertragen am 24. Februar, 10.42 Uhr",
            "Sent to the LMS on 24 February, 10:42",
        ),
        (Transfer(TransferState.PENDING), "Ins LMS: wird übertragen", "Being sent to the LMS"),
        (
            Transfer(TransferState.CHANGED, there=87.5),
            "Im LMS steht 87,5 von 100 (von der Lehrkraft geändert)",
            "The LMS holds 87.5 of 100 (changed by a teacher)",
        ),
        (
            Transfer(TransferState.CHANGED),
            "Im LMS steht eine andere Bewertung",
            "The LMS holds another grade",
        ),
        (
            Transfer(TransferState.FAILED, reason=Text("Kein Konto.", "No account.")),
            "Übertragung ins LMS nicht möglich: Kein Konto.",
            "Could not be sent to the LMS: No account.",
        ),
    ],
)
def test_learners_read_what_the_lms_has(
    renderer: Renderer, transfer: Transfer, german: str, english: str
) -> None:
    page = replace(MODULE_BEGUN, transfer=transfer)
    assert german in words(renderer.page(page, "de"))
    assert english in words(renderer.page(page, "en"))


def test_locked_activities_have_no_link_but_a_reason_with_one(renderer: Renderer) -> None:
    html = renderer.page(MODULE_BEGUN)
    assert 'href="/k/abc/a/test"' not in html
    assert "Öffnet sich, sobald Sie dies erledigt haben: Was gehört in die Akte?" in words(html)


def test_of_much_that_is_missing_the_first_three_are_named(renderer: Renderer) -> None:
    def said(count: int) -> str:
        links = tuple(Link(f"Einheit {number}", f"/k/abc/a/{number}") for number in range(1, count + 1))
        return words(renderer.page(replace(LESSON_LOCKED, missing=links)))

    assert "erledigt haben: Einheit 1 , Einheit 2 , Einheit 3 , Einheit 4 ." in said(4)
    assert "erledigt haben: Einheit 1 , Einheit 2 , Einheit 3 und 6 weitere." in said(9)


def test_a_question_left_open_is_not_called_wrong(renderer: Renderer) -> None:
    row = replace(RESULT.questions[0], verdict=pages.Verdict.WRONG)
    open_one = replace(row, answered=False)
    assert "Nicht richtig" in words(renderer.page(replace(RESULT, questions=(row,))))
    text = words(renderer.page(replace(RESULT, questions=(open_one,))))
    assert "Nicht beantwortet" in text
    assert "Nicht richtig" not in text


def test_what_came_back_is_said_where_one_goes_on(renderer: Renderer) -> None:
    assert COURSE_BEGUN.next is not None
    back = replace(COURSE_BEGUN, next=replace(COURSE_BEGUN.next, kind="worksheet", returned=True))
    assert "Sie sind dran: Das Arbeitsblatt ist zurück" in words(renderer.page(back))
    assert "Hier machen Sie weiter" in words(renderer.page(COURSE_BEGUN))


def test_what_never_completes_is_not_placed_with_a_grade(renderer: Renderer) -> None:
    html = renderer.page(PAGES["picker"])
    assert "Alles auf einer Seite Spickzettel" in words(html)
    choices = {
        name: re.findall(r'<option value="(completion|score|none)"', rest.split("</select>")[0])
        for name, rest in re.findall(r'name="report:[^"]*/(was|test|spick)"(.*?</select>)', html, re.DOTALL)
    }
    assert choices == {
        "was": ["completion", "none"],
        "test": ["completion", "score", "none"],
        "spick": ["none"],
    }


def test_who_places_one_activity_reads_what_it_waits_for(renderer: Renderer) -> None:
    said = words(renderer.page(PAGES["picker"]))
    assert "Öffnet sich, wenn dies erledigt ist: Was gehört dazu? , Wege & <Übergänge>" in said
    assert "Öffnet sich, wenn 3 andere Inhalte erledigt sind. Stellen Sie diese mit in den Kurs." in said
    assert said.count("Öffnet sich") == 2


def test_next_in_a_lesson_is_a_form_that_marks_it_read(renderer: Renderer) -> None:
    html = renderer.page(LESSON)
    assert '<form method="post" action="/k/abc/a/akte/done">' in html
    assert "Mit „Weiter“ gilt diese Lerneinheit als gelesen." in words(html)


def test_a_lesson_without_rule_has_links_only(renderer: Renderer) -> None:
    html = renderer.page(replace(LESSON, done_url="", state=None))
    assert "/done" not in html
    assert 'href="/k/abc/a/mehr"' in html
    assert "gilt diese Lerneinheit" not in html


def test_a_locked_lesson_shows_why_instead_of_text(renderer: Renderer) -> None:
    text = words(renderer.page(LESSON_LOCKED))
    assert "Noch nicht offen" in text
    assert "Öffnet sich, sobald Sie dies erledigt haben: Akte, Vorgang, Dokument" in text


def test_where_one_may_try_again_the_right_answer_is_not_given_away(renderer: Renderer) -> None:
    text = words(renderer.page(LESSON_WRONG))
    assert "Noch nicht richtig Auch Mündliches stützt eine Entscheidung." in text
    assert "So ist es nachprüfbar." not in text
    final = words(renderer.page(replace(QUESTION, question=replace(CHECK_WRONG, locked=True))))
    assert "Das ist die richtige Antwort. So ist es nachprüfbar." in final


def test_a_settled_answer_cannot_be_changed(renderer: Renderer) -> None:
    outline = read(renderer.page(replace(QUESTION, question=SINGLE_RIGHT)))
    fields = [attributes for tag, attributes in outline.tags if tag == "input"]
    assert fields
    assert all("disabled" in attributes for attributes in fields)
    assert not [tag for tag, _ in outline.tags if tag == "form"]


def test_feedback_is_first_in_the_title_for_who_hears_the_page(renderer: Renderer) -> None:
    html = renderer.page(PAGES["feedback_partial"])
    assert "<title>Teilweise richtig: 0,5 von 2 Punkten · Frage 3 von 3 · Abschlusstest</title>" in html


def test_each_button_of_a_question_saves(renderer: Renderer) -> None:
    """Without script, moving on may not lose what was chosen: the buttons are part of the form."""
    outline = read(renderer.page(QUESTION))
    actions = [a["value"] for tag, a in outline.tags if tag == "button" and a.get("name") == "action"]
    assert actions == ["check", "next", "previous"]
    assert sum(tag == "form" for tag, _ in outline.tags) == 1


def test_error_page_speaks_german_then_english(renderer: Renderer) -> None:
    html = renderer.page(ERROR, "en")
    outline = read(html)
    assert outline.tags[0] == ("html", {"lang": "de"})
    assert (
        "main",
        {"id": "inhalt", "class": "lt-page lt-main", "data-error-code": "deployment_unknown"},
    ) in outline.tags
    assert html.index(ERROR.text.de) < html.index('lang="en"') < html.index(ERROR.text.en)
    text = words(html)
    assert "Zurück zum Kurs (kurs.example)" in text
    assert "Back to the course (kurs.example)" in text
    assert "q7-4kd2" in text
    assert ("a", {"class": "kern-btn kern-btn--secondary", "href": ERROR.return_url}) in outline.tags


def test_new_window_repeats_the_login_without_script(renderer: Renderer) -> None:
    outline = read(renderer.page(NEW_WINDOW))
    link = next(a for tag, a in outline.tags if tag == "a")
    assert (link["target"], link["rel"]) == ("_blank", "noopener")
    path, _, query = link["href"].partition("?")
    assert path == "/lti/login"
    assert parse_qs(query, strict_parsing=True) == {name: [value] for name, value in NEW_WINDOW.fields}
    # Chromium would stop a form at the redirect to the platform (form-action 'self')
    assert "form" not in dict(outline.tags)


def test_states_are_sign_and_word(renderer: Renderer) -> None:
    for state in State:
        rows = tuple(replace(row, state=state) for row in MODULE_BEGUN.activities)
        html = renderer.page(replace(MODULE_BEGUN, activities=rows))
        assert html.count(f'<span class="lt-state lt-state--{state}">') >= len(rows)


def test_without_built_assets_the_start_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FrontEndNotBuilt, match="front_end_not_built"):
        Renderer(tmp_path)


def test_every_kind_of_page_can_be_typed() -> None:
    page: Page
    for page in PAGES.values():
        assert page.template.endswith(".html")
