"""Pages to HTML: Jinja templates in German and English, with icons and the addresses of the built assets.

No Flask and no request in here: the language is an argument. German is the source of all interface texts; the
English catalogue is read from its ``.po`` file once, when the application starts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import ClassVar, Protocol
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from lms_tool.errors import Text, ToolError
from lms_tool.web.pages import ErrorPage, State, TransferState, Verdict

LANGUAGES = ("de", "en")
STATIC_URL = "/static/dist/"

_HERE = Path(__file__).parent
_DIST = _HERE / "static" / "dist"
_TRANSLATIONS = _HERE.parent / "translations"
_ZONE = ZoneInfo("Europe/Berlin")
_LOCALES = {"de": "de_DE", "en": "en_GB"}
_MOMENTS = {"de": "d. MMMM, H.mm'\u00a0Uhr'", "en": "d MMMM, HH:mm"}

_SPRITE = "<!--sprite-->"
_SYMBOL = re.compile(r'<symbol id="i-([a-z-]+)".*?</symbol>', re.DOTALL)
_USED = re.compile(r'href="#i-([a-z-]+)"')

_STATE_ICONS = {
    State.OPEN: "offen",
    State.BEGUN: "begonnen",
    State.DONE: "erledigt",
    State.FAILED: "nochmal",
    State.LOCKED: "gesperrt",
    State.HANDED_IN: "eingereicht",
    State.RETURNED: "zurueck",
}
# Every kind of activity (content.kinds) has its sign, in lists and beside its name.
_KIND_ICONS = {
    "page": "seite",
    "cheatsheet": "spick",
    "case": "fall",
    "worksheet": "blatt",
    "workshop": "werkstatt",
    "offer": "angebot",
    "quiz": "test",
}


class FrontEndNotBuilt(ToolError):
    """``static/dist`` holds no manifest: styles and icons have not been built on this machine."""

    code = "front_end_not_built"
    text = Text("Die Oberfläche ist noch nicht gebaut.", "The front end has not been built.")
    remedy = Text("Rufen Sie „make“ auf.", "Run “make”.")


class Page(Protocol):
    """A frozen dataclass of ``pages``: equal values make equal documents."""

    template: ClassVar[str]

    def __hash__(self) -> int: ...


class Renderer:
    """Renders the dataclasses of ``pages``. Make one per process; it may be used from all threads.

    Raises ``FrontEndNotBuilt`` if ``assets`` has not been built.
    """

    def __init__(self, assets: Path = _DIST) -> None:
        try:
            manifest: dict[str, str] = json.loads((assets / "manifest.json").read_text("utf-8"))
        except FileNotFoundError as error:
            raise FrontEndNotBuilt(directory=str(assets)) from error
        sprite = (assets / manifest["icons.svg"]).read_text("utf-8")
        self._symbols = {match[1]: match[0] for match in _SYMBOL.finditer(sprite)}
        self._environments = {
            language: _environment(language, manifest, self._symbols) for language in LANGUAGES
        }
        self._sprite = cache(self._sprite_of)

    def page(self, page: Page, language: str = "de") -> str:
        """The whole HTML document in ``language`` (``de`` or ``en``)."""
        if isinstance(page, ErrorPage):
            language = "de"  # carries both languages, German first
        html = self._environments[language].get_template(page.template).render(page=page)
        return html.replace(_SPRITE, self._sprite(frozenset(_USED.findall(html))), 1)

    def _sprite_of(self, names: frozenset[str]) -> str:
        # Inline, for course texts refer to symbols by fragment; and only what the page uses.
        symbols = "".join(self._symbols[name] for name in sorted(names) if name in self._symbols)
        hidden = 'class="lt-sprite" width="0" height="0" aria-hidden="true" focusable="false"'
        return f"<svg {hidden}>{symbols}</svg>"


def _environment(language: str, manifest: Mapping[str, str], symbols: Mapping[str, str]) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    translations = _translations(language)
    icons = {name: _icon(name) for name in symbols}
    environment.globals.update(
        **_gettext(translations),
        language=language,
        stylesheet=STATIC_URL + manifest["app.css"],
        script=STATIC_URL + manifest["app.js"],
        icon={name.replace("-", "_"): svg for name, svg in icons.items()},
        icon_bad=_icon("fehler", "lt-ico--xl lt-ico--bad"),
        icon_window=_icon("fenster", "lt-ico--xl lt-ico--action"),
        **_signs(translations.gettext),
    )
    environment.filters.update(_filters(language))
    return environment


def _translations(language: str) -> NullTranslations:
    if language == "de":
        return NullTranslations()
    with (_TRANSLATIONS / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)


def _gettext(translations: NullTranslations) -> dict[str, Callable[..., str]]:
    """``_`` and ``ngettext`` for the templates: plain strings, escaped where they are printed.

    Jinja's own wrap each call in the template's context, which took a third of a page's time.
    """

    def gettext(text: str, **values: object) -> str:
        found = translations.gettext(text)
        return found % values if values else found

    def ngettext(one: str, many: str, num: int, **values: object) -> str:
        return translations.ngettext(one, many, num) % {"num": num, **values}

    return {"_": gettext, "ngettext": ngettext}


def _icon(name: str, extra: str = "") -> Markup:
    css = f"lt-ico {extra}".strip()
    return Markup('<svg class="{}" aria-hidden="true" focusable="false"><use href="#i-{}"/></svg>').format(
        css, name
    )


def _sign(tone: str, icon: str, word: str) -> Markup:
    css = f"lt-state lt-state--{tone}"
    return Markup('<span class="{}">{}<span>{}</span></span>').format(css, _icon(icon), word)


def _signs(_: Callable[[str], str]) -> dict[str, object]:
    """Sign + word for each state, made once: they stand in every row of every list."""
    words = {
        State.OPEN: _("Offen"),
        State.BEGUN: _("Begonnen"),
        State.DONE: _("Erledigt"),
        State.FAILED: _("Noch nicht bestanden"),
        State.LOCKED: _("Noch nicht offen"),
        State.HANDED_IN: _("Eingereicht"),
        State.RETURNED: _("Sie sind dran"),
    }
    kinds = {
        "page": _("Lerneinheit"),
        "cheatsheet": _("Spickzettel"),
        "case": _("Fallbeispiel"),
        "worksheet": _("Arbeitsblatt"),
        "workshop": _("Prozesswerkstatt"),
        "offer": _("Externes Angebot"),
        "quiz": _("Test"),
    }
    verdicts = {
        Verdict.RIGHT: _sign("done", "richtig", _("Richtig")),
        Verdict.PARTIAL: _sign("turn", "teilweise", _("Teilweise richtig")),
        Verdict.WRONG: _sign("bad", "falsch", _("Nicht richtig")),
        Verdict.NOTED: _sign("sent", "merke", _("Notiert")),
    }
    return {
        "kind_word": kinds,
        "kind_icon": {kind: _icon(name) for kind, name in _KIND_ICONS.items()},
        "state_word": words,
        "state_icon": {state: _icon(name) for state, name in _STATE_ICONS.items()},
        "sign": {state: _sign(state, _STATE_ICONS[state], word) for state, word in words.items()},
        "module_sign": {
            state: _sign(state, _STATE_ICONS[state], _("Abgeschlossen") if state is State.DONE else word)
            for state, word in words.items()
        },
        "verdict_sign": verdicts,
        "transfer_icon": {
            TransferState.SENT: _icon("erledigt"),
            TransferState.PENDING: _icon("eingereicht"),
            TransferState.FAILED: _icon("achtung"),
            TransferState.CHANGED: _icon("info"),
        },
    }


def _filters(language: str) -> dict[str, Callable[..., object]]:
    locale = _LOCALES[language]

    def day(value: date) -> str:
        """21. November 2026; of a time the day that the calendar in the town hall says."""
        if isinstance(value, datetime):
            value = value.astimezone(_ZONE)
        return format_date(value, "long", locale=locale)

    def moment(value: datetime) -> str:
        """24. Februar, 10.42 Uhr; times are stored in UTC and shown as the clock in the town hall says."""
        local = value.astimezone(_ZONE) if value.tzinfo else value.replace(tzinfo=UTC).astimezone(_ZONE)
        return format_datetime(local, _MOMENTS[language], locale=locale)

    def number(value: float) -> str:
        """1,5 and 2: at most two decimals."""
        return format_decimal(value, "#,##0.##", locale=locale)

    def local(text: Text) -> str:
        return text.en if language == "en" else text.de

    def content(content_language: str) -> Markup:
        """The ``lang`` attribute of course content where the interface speaks another language."""
        return Markup(' lang="{}"').format(content_language) if content_language != language else Markup("")

    return {"day": day, "moment": moment, "number": number, "local": local, "content": content}
