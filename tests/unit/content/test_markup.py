"""Author text → HTML: what each piece of syntax becomes, and that nothing hostile survives."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lms_tool.content.clean import ATTRIBUTES, TAGS, clean
from lms_tool.content.course import Media
from lms_tool.content.faults import Report
from lms_tool.content.markup import ACTIVITY_LINK, Body, Link, Markup

DIGEST = "0" * 64


def body(text: str) -> tuple[Body, Report, Markup]:
    markup = Markup(media={"akte.svg": Media("akte.svg", "image/svg+xml", DIGEST)})
    report = Report("lektion.md")
    return markup.body(text, report, 1), report, markup


def html(text: str) -> str:
    made, report, _ = body(text)
    assert report.found == []
    return made.before


def problems(text: str) -> list[str]:
    return [fault.problem for fault in body(text)[1].found]


def test_plain_text() -> None:
    assert html("Das ist *wichtig* und **sehr wichtig**.") == (
        "<p>Das ist <em>wichtig</em> und <strong>sehr wichtig</strong>.</p>"
    )


def test_quotation_marks_become_german() -> None:
    assert html('Er sagt "Ja" -- so geht\'s ...') == "<p>Er sagt „Ja“ – so geht’s …</p>"


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("merke", "Merke"),
        ("probieren", "Ausprobieren"),
        ("pruefen", "Bitte vor Ort prüfen"),
        ("info", "Hinweis"),
    ],
)
def test_a_box_has_icon_title_and_body(name: str, title: str) -> None:
    assert html(f"/// {name}\nText mit [Wort](glossar:wort)\n///") == (
        f'<aside class="lt-note lt-note--{name}" aria-label="{title}"><span class="lt-note__ico">'
        f'<svg class="lt-ico" aria-hidden="true" focusable="false"><use href="#i-{name}"/></svg></span>'
        f'<p class="lt-note__title">{title}</p><div class="lt-note__body">'
        '<p>Text mit <a class="lt-term" href="/k/_/glossary#wort">Wort</a></p></div></aside>'
    )


def test_two_boxes_of_a_kind_are_two_landmarks() -> None:
    made = html("/// info\nEins\n///\n\n/// info\nZwei\n///")
    assert re.findall('aria-label="([^"]*)"', made) == ["Hinweis", "Hinweis 2"]
    assert made.count('<p class="lt-note__title">Hinweis</p>') == 2


def test_a_situation_is_a_paragraph_of_its_own_kind() -> None:
    assert html("/// situation\nEin Notar fragt.\n///") == '<p class="lt-situation">Ein Notar fragt.</p>'
    assert html("/// situation\nEins.\n\nZwei.\n///") == (
        '<div class="lt-situation"><p>Eins.</p>\n<p>Zwei.</p></div>'
    )


def test_a_box_between_paragraphs_without_empty_lines() -> None:
    made = html("Davor\n/// info\nDrin\n///\nDanach")
    assert made.startswith("<p>Davor</p>\n<aside")
    assert made.endswith("</aside>\n<p>Danach</p>")


def test_slashes_inside_code_are_no_box() -> None:
    assert "/// merke" in html("```\n/// merke\n[[kontrollfrage]]\n# x\n<b>\n```")


def test_the_check_question_parts_the_text() -> None:
    made, report, _ = body("Davor\n\n[[kontrollfrage]]\n\nDanach")
    assert (made.before, made.after, made.checks) == ("<p>Davor</p>", "<p>Danach</p>", (3,))
    assert report.found == []


def test_headings_get_unique_anchors_and_make_the_outline() -> None:
    made, report, _ = body('## Über "uns"\n\n### Mehr\n\n[[kontrollfrage]]\n\n## Über uns')
    assert report.found == []
    assert '<h2 id="abschnitt-ueber-uns">Über „uns“</h2>' in made.before
    assert '<h2 id="abschnitt-ueber-uns-2">' in made.after
    assert [(heading.id, heading.text) for heading in made.outline] == [
        ("abschnitt-ueber-uns", "Über „uns“"),
        ("abschnitt-ueber-uns-2", "Über uns"),
    ]


def test_a_line_of_hyphens_is_a_rule_and_no_heading() -> None:
    assert html("Text\n\n---\n\nText") == "<p>Text</p>\n<hr>\n<p>Text</p>"
    assert "<h" not in html("Text\n---").replace("<hr>", "")


def test_tables_scroll_and_say_what_is_a_heading() -> None:
    made = html(
        '| Fall | "Wer" | Euro |\n|---|---|--:|\n| Eins | ich | 5 |\n\n/// table-caption\nWer *zahlt*\n///'
    )
    assert made == (
        '<div aria-label="Tabelle: Wer zahlt" class="lt-scroll" role="region" tabindex="0">'
        '<table class="lt-tbl lt-tbl--stack"><caption>Wer <em>zahlt</em></caption><thead>\n<tr>\n'
        '<th scope="col">Fall</th>\n<th scope="col">„Wer“</th>\n<th class="r" scope="col">Euro</th>\n'
        '</tr>\n</thead>\n<tbody>\n<tr>\n<th scope="row">Eins</th>\n<td data-l="„Wer“">ich</td>\n'
        '<td class="r" data-l="Euro">5</td>\n</tr>\n</tbody>\n</table></div>'
    )


def test_tables_without_caption_have_labels_of_their_own() -> None:
    table = "| | B |\n|---|---|\n| | 2 |"
    made = html(f"{table}\n\nText\n\n{table}")
    assert re.findall('aria-label="([^"]*)"', made) == ["Tabelle", "Tabelle 2"]
    assert "<th></th>" not in made
    assert 'scope="row"' not in made


def test_a_caption_needs_its_table_right_above() -> None:
    assert problems("Text\n\n/// table-caption\nNein\n///") == [
        "Über der Tabellenbeschriftung steht keine Tabelle."
    ]
    assert len(problems("/// table-caption\nNein\n///")) == 1
    assert len(problems("/// info\n|a|b|\n|-|-|\n|c|d|\n///\n/// table-caption\nNein\n///")) == 1


def test_links() -> None:
    made, report, markup = body(
        "[Lesen](lektion:eins), [Akte](glossar:akte), [Gesetz](https://example.org/a?b=1&c=2 'Titel')"
    )
    assert report.found == []
    assert made.before == (
        '<p><a class="lt-a" href="/k/_/a/eins">Lesen</a>, '
        '<a class="lt-term" href="/k/_/glossary#akte">Akte</a>, '
        '<a class="lt-a lt-ext" href="https://example.org/a?b=1&amp;c=2" rel="noopener noreferrer" '
        'target="_blank">Gesetz<span class="kern-sr-only"> (öffnet ein neues Fenster)</span></a></p>'
    )
    assert ACTIVITY_LINK.findall(made.before) == [("eins", "Lesen")]
    assert markup.links == [
        Link("activity", "eins", "lektion.md", 1),
        Link("term", "akte", "lektion.md", 1),
    ]


def test_pictures() -> None:
    assert html("![Eine Akte](media/akte.svg)") == (
        '<figure class="lt-figure">'
        '<div aria-label="Abbildung" class="lt-figure__view" role="group" tabindex="0">'
        f'<img alt="Eine Akte" src="/k/_/media/{DIGEST}/akte.svg"></div></figure>'
    )
    named = html('![Eine Akte](media/akte.svg "Abbildung 1")')
    assert 'aria-label="Abbildung 1"' in named and "<figcaption>Abbildung 1</figcaption>" in named
    assert html("Im Satz: ![Eine Akte](media/akte.svg)").startswith("<p>Im Satz: <img")


def test_lists_of_terms_and_code() -> None:
    assert html("Akte\n: Gedächtnis") == "<dl>\n<dt>Akte</dt>\n<dd>Gedächtnis</dd>\n</dl>"
    assert "<code>a &lt; b\n</code>" in html("```\na < b\n```")


def test_inline_text_is_one_line_of_markdown_without_blocks() -> None:
    report = Report("quiz.yaml")
    markup = Markup()
    assert markup.inline("1. Januar, # 4 und *so*", report, 3) == "1. Januar, # 4 und <em>so</em>"
    assert markup.inline("- Eins\n- Zwei", report, 3) == "- Eins\n- Zwei"
    assert markup.inline("> 5 Euro", report, 3) == "&gt; 5 Euro"
    assert markup.inline("Eins\n\nZwei", report, 3) == "Eins<br>Zwei"
    assert report.found == []
    markup.inline("Ein <b>Wort</b> und [x](ftp://a)", report, 3)
    assert {fault.line for fault in report.found} == {3}


def test_the_line_of_each_of_two_equal_faults() -> None:
    report = body("[a](http://x)\n\n[b](http://x)")[1]
    assert [fault.line for fault in report.found] == [1, 3]


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<svg><animate onbegin=alert(1) attributeName=x></svg>",
    "<style>@import 'https://evil.example';</style>",
    "<a href='javascript:alert(1)'>x</a>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<div\nonclick=alert(1)>x</div>",
    "<!--><script>alert(1)</script>-->",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<aside class=\"lt-note\"><use href='#i-merke'/></aside>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](java&#x09;script:alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:msgbox(1))",
    "[x](//evil.example/)",
    "[x](/k/_/a/eins/done)",
    "[x](../../../healthz)",
    "[x](#inhalt)",
    "[x](https:evil)",
    "[x](https://)",
    "[x](https:///evil)",
    "[x](https://user:pass@evil.example/)",
    "[x](https://[::1/)",
    "[x](https://evil.example:99999/)",
    '[x](https://evil.example/"onmouseover=alert(1))',
    '[x](<https://evil.example/" onmouseover="alert(1)>)',
    '[x](lektion:eins"onclick=alert(1))',
    "[x](lektion:../../../lti/login)",
    "[x](glossar:a/../b)",
    "[x][y]\n\n[y]: javascript:alert(1)",
    "![x](javascript:alert(1))",
    "![x](data:image/svg+xml,<svg/onload=alert(1)>)",
    "![x](https://evil.example/pixel.png)",
    "![x](media/../../etc/passwd)",
    '![" onerror="alert(1)](media/akte.svg)',
    "![<script>alert(1)</script>](media/akte.svg)",
    'Bild: ![x](media/akte.svg "\\" onerror=\\"alert(1)")',
    "<javascript:alert(1)>",
    '<https://evil.example/?"onclick=alert(1)>',
    "[a](https://a.example/){: onclick=alert(1) style=color:red }",
    "## Titel {: onclick=alert(1) }",
    "/// merke\n    attrs: {onclick: alert(1)}\n\nx\n///",
    "/// merke | <script>alert(1)</script>\nx\n///",
    "/// html | script\nalert(1)\n///",
    "``` {onclick=alert(1)}\nx\n```",
    "```html onclick=alert(1)\n<script>alert(1)</script>\n```",
    "[[[[[x](javascript:alert(1))](javascript:alert(2))]]]",
    "[![x](media/akte.svg)](javascript:alert(1))",
    '| <script>alert(1)</script> | b |\n|---|---|\n| " onclick=alert(1) | [x](javascript:alert(1)) |',
    '| " onclick="alert(1) | b |\n|---|---|\n| c | d |\n\n/// table-caption\n" onclick="alert(1)\n///',
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "`<script>alert(1)</script>`",
    "\x02wzxhzdk:0\x03 \x02klzzwxh:0001\x03 \x0260\x03script\x0262\x03",
    "<p>\x02amp\x03lt;script>",
]


class Strict(HTMLParser):
    """Fails on anything that the allow-list and our own boxes do not contain."""

    OURS = TAGS | {"aside", "svg", "use"}
    EVERYWHERE = {"class", "href", "aria-label", "aria-hidden", "focusable"}

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in self.OURS, tag
        for name, value in attrs:
            assert name in ATTRIBUTES.get(tag, set()) | self.EVERYWHERE, (tag, name)
            if name == "href":
                assert re.match(r"https://\w|/k/_/(a/|glossary#)[a-z0-9-]+$|#i-[a-z]+$", value or ""), value
            if name == "src":
                assert re.fullmatch(r"/k/_/media/[0-9a-f]{64}/[\w.-]+", value or ""), value

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


def assert_harmless(made: str) -> None:
    parser = Strict()
    parser.feed(made)
    parser.close()
    assert not any(ord(sign) < 32 and sign not in "\n\t" for sign in made)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_only_text(text: str) -> None:
    made, _, _ = body(text)
    assert_harmless(made.before)
    inline = Markup(media={"akte.svg": Media("akte.svg", "image/svg+xml", DIGEST)})
    assert_harmless(inline.inline(text, Report("quiz.yaml"), 1))


@pytest.mark.parametrize(
    "text", [text for text in HOSTILE if text.startswith(("[x](", "![x](", "<s", "<i", "<d"))]
)
def test_hostile_text_is_reported(text: str) -> None:
    assert problems(text)


PIECES = st.sampled_from(
    [
        *(
            "[",
            "]",
            "(",
            ")",
            "!",
            "<",
            ">",
            "*",
            "_",
            "`",
            '"',
            "'",
            "\n",
            "\n\n",
            "|",
            "-",
            "#",
            "\\",
            "$",
            "    ",
        ),
        *("javascript:", "https://a.de", "lektion:a", "glossar:b", "media/akte.svg", "{: onclick=x }"),
        *("/// merke\n", "///\n", "[[kontrollfrage]]\n", "> ", "1. ", "&#60;", "&lt;", "\x02", "\x03"),
        *("<script>", "</p>", "onerror=x", "a", "ä "),
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=25).map("".join))
def test_no_mixture_of_syntax_gets_through(text: str) -> None:
    made, _, _ = body(text)
    assert_harmless(made.before + made.after)


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=200))
def test_any_text_can_be_rendered(text: str) -> None:
    report = Report("x")
    assert_harmless(Markup().inline(text, report, 1))


def test_the_allow_list_alone_stops_what_markdown_would_let_through() -> None:
    assert clean('<p onclick="x" style="color:red" id="a" class="lt-note">a</p>') == "<p>a</p>"
    assert clean('<a href="javascript:x" class="lt-a evil">a</a>') == '<a class="lt-a">a</a>'
    assert clean('<a href="//evil.example">a</a><a href="/lti/login">b</a>') == "<a>a</a><a>b</a>"
    assert clean('<img src="https://evil.example/a.png" alt="x">') == '<img alt="x">'
    assert clean("<svg><use href='#i-merke'/></svg><aside>x</aside><script>y</script>") == "x"


def test_too_many_brackets_are_refused_before_they_cost_time() -> None:
    assert problems("[" * 100_000) == ["Der Text hat mehr als 1000 eckige Klammern."]
