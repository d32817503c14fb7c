"""Course Markdown as running text: which units there are, and where they stand."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lms_tool.content.plaintext import Linked, inline, units

PAGE = """\
## Drei Wege

Ein Brief kommt **per Post**,
eine *Nachricht* per `E-Mail`.
Dann wird sie gelesen.

- Ein [Vorgang](glossar:vorgang) hält
  zusammen, was er braucht.
2. Zweitens der Bescheid.

> Keine Zahlung ohne
> Anordnung.

| Stück | In die Akte? |
|---|:---:|
| Chat \\| Notiz | nein |

```
kein Text
- keine Liste
```

---

![Drei Pfeile](media/wege.svg "Abbildung")

Kasse
: Die Stelle, die zahlt.

=== anfang: Der Anruf am Freitag
Um elf ruft jemand an.

- [Sie gehen hin.](#hin)
  Es dauert."""


def test_the_units_of_a_page() -> None:
    found = [(unit.kind, unit.line, unit.text) for unit in units(PAGE, 10)]
    assert found == [
        ("heading", 10, "Drei Wege"),
        ("text", 12, "Ein Brief kommt per Post,\neine Nachricht per E-Mail.\nDann wird sie gelesen."),
        ("item", 16, "Ein Vorgang hält\nzusammen, was er braucht."),
        ("item", 18, "Zweitens der Bescheid."),
        ("text", 20, "Keine Zahlung ohne\nAnordnung."),
        ("cell", 23, "Stück"),
        ("cell", 23, "In die Akte?"),
        ("cell", 25, "Chat | Notiz"),
        ("cell", 25, "nein"),
        ("alt", 34, "Drei Pfeile"),
        ("text", 36, "Kasse"),
        ("item", 37, "Die Stelle, die zahlt."),
        ("heading", 39, "Der Anruf am Freitag"),
        ("text", 40, "Um elf ruft jemand an."),
        ("item", 42, "Sie gehen hin.\nEs dauert."),
    ]


def test_a_word_knows_its_line() -> None:
    unit = next(unit for unit in units(PAGE, 10) if unit.kind == "text")
    assert unit.line_of(unit.text.index("Brief")) == 12
    assert unit.line_of(unit.text.index("gelesen")) == 14


def test_links_are_kept_beside_the_text() -> None:
    unit = inline("Das **[DMS](glossar:dms)** und\n[mehr](https://example.org/a_b).")
    assert unit.text == "Das DMS und\nmehr."
    assert unit.links == (Linked(4, 7, "glossar:dms"), Linked(12, 16, "https://example.org/a_b"))


def test_markup_that_is_none_stays() -> None:
    assert inline(r"snake_case, 3 \* 4, \[kein Link\] (a)").text == "snake_case, 3 * 4, [kein Link] (a)"


@given(st.text(alphabet="a*_`[]()!|#>-=:/.1 \\\n", max_size=150))
def test_every_unit_lies_within_its_text(text: str) -> None:
    last = text.count("\n") + 1
    for unit in units(text):
        assert 1 <= unit.line <= unit.line_of(len(unit.text)) <= last
        assert all(0 <= link.start <= link.end <= len(unit.text) for link in unit.links)
