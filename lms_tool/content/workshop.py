"""The process workshop: a town hall's process today and tomorrow, a model solution, and what to look at."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from lms_tool.content.activity import Scope, activity
from lms_tool.content.course import Activity, CompletionRule
from lms_tool.content.fields import Fields
from lms_tool.content.process import BLOCKS, Step, Steps, count

RULES = (CompletionRule.FINISHED, CompletionRule.NONE)
STEPS = 20  # of a model that an author gives
MINUTES = 999  # of one step
DAYS = 999
LIMIT = 9_999  # of a whole process
NOTE = 300  # characters

# Rules of ``checks``: those with a limit by what they count, and those about a block.
LIMITS = {
    "media_changes_at_most": "media_changes",
    "handovers_at_most": "handovers",
    "interruptions_at_most": "interruptions",
    "steps_at_most": "steps",
    "minutes_at_most": "minutes",
    "days_at_most": "days",
}
WITH, WITHOUT = "with", "without"
_RULE_NAMES = (*LIMITS, WITHOUT, WITH)


@dataclass(frozen=True, slots=True)
class Unit:
    """An organisational unit: a column of the drawing."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Medium:
    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Hint:
    """Something to think about, shown at each step of this block."""

    block: str
    html: str


@dataclass(frozen=True, slots=True)
class Check:
    """What a better process is like. ``rule``: one of LIMITS (then ``limit`` counts), or with/without ``block``."""

    id: str
    rule: str
    met_html: str
    open_html: str
    limit: int = 0
    block: str = ""

    def holds(self, steps: Steps) -> bool:
        if self.rule in LIMITS:
            found: int = getattr(count(steps), LIMITS[self.rule])
            return found <= self.limit
        return any(step.block == self.block for step in steps) == (self.rule == WITH)


@dataclass(frozen=True, slots=True)
class Workshop:
    intro_html: str
    units: tuple[Unit, ...]
    media: tuple[Medium, ...]
    as_is: tuple[Step, ...]
    to_be: tuple[Step, ...]
    given: bool = False  # the process of today is given; the learner builds only tomorrow's
    hints: tuple[Hint, ...] = ()
    checks: tuple[Check, ...] = ()
    mind_html: str = ""  # what remains to be asked, of law or organisation


def workshop(entry: Fields, scope: Scope) -> Activity:
    """Read a workshop; an author's mistakes go to the report, and the package is refused in the end."""
    units = tuple(Unit(*pair) for pair in _titled(entry, "units", "„units“", 2, 5))
    media = tuple(Medium(*pair) for pair in _titled(entry, "media", "„media“", 1, 12))
    known = {unit.id for unit in units}, {medium.id for medium in media}
    as_is = _steps(entry, "as_is", *known)
    to_be = _steps(entry, "to_be", *known)
    content = Workshop(
        intro_html=scope.markup.field(entry, "intro"),
        units=units,
        media=media,
        as_is=as_is,
        to_be=to_be,
        given="given" in entry and entry.one_of("given", ("as_is",)) == "as_is",
        hints=_hints(entry, scope),
        checks=_checks(entry, scope, to_be),
        mind_html=scope.markup.field(entry, "mind") if "mind" in entry else "",
    )
    entry.asked("given", "mind")
    return activity(
        entry,
        scope,
        kind="workshop",
        content=content,
        objectives=scope.objectives_of(entry),
        rules=RULES,
    )


def _titled(entry: Fields, key: str, what: str, low: int, high: int) -> list[tuple[str, str]]:
    """A list of {id, title} with different ids and titles."""
    found: list[tuple[str, str]] = []
    for item in entry.items(key, what):
        pair = item.slug(), item.text("title")
        item.close()
        for value, other, name in zip(
            pair, zip(*found, strict=True) if found else ((), ()), ("id", "title"), strict=True
        ):
            if value and value in other:
                item.wrong(
                    name, f"„{value[:40]}“ steht in {what} zweimal.", "Geben Sie jedem Eintrag Eigenes."
                )
        if len(pair[1]) > 40:
            item.wrong(
                "title", "Der Name ist länger als 40 Zeichen.", "Kürzen Sie ihn: er steht über einer Spalte."
            )
        found.append(pair)
    if found and not low <= len(found) <= high:
        entry.wrong(key, f"In {what} stehen {len(found)} Einträge.", f"Erlaubt sind {low} bis {high}.")
    return found


def _steps(entry: Fields, key: str, units: Collection[str], media: Collection[str]) -> tuple[Step, ...]:
    found = entry.items(key, f"„{key}“")
    if len(found) > STEPS:
        entry.wrong(
            key,
            f"„{key}“ hat {len(found)} Schritte.",
            f"Erlaubt sind höchstens {STEPS}. Teilen Sie den Prozess.",
        )
    steps = (
        _step(item, f"Schritt {number} in „{key}“", units, media) for number, item in enumerate(found, 1)
    )
    return tuple(step for step in steps if step is not None)


def _step(item: Fields, what: str, units: Collection[str], media: Collection[str]) -> Step | None:
    item.what = what
    block = _block(item, "block")
    unit = _known(item, "unit", item.text("unit"), units, "Die Stelle", "units")
    step = Step(
        block=block,
        unit=unit,
        before=_known(item, "before", item.text("before", ""), media, "Das Medium", "media"),
        after=_known(item, "after", item.text("after", ""), media, "Das Medium", "media"),
        note=item.text("note", ""),
        minutes=item.whole("minutes", 0, MINUTES, default=0),
        days=item.whole("days", 0, DAYS, default=0),
    )
    if len(step.note) > NOTE:
        item.wrong("note", f"„note“ ist länger als {NOTE} Zeichen.", "Kürzen Sie die Notiz.")
    item.close()
    return step if block and unit else None


def _known(item: Fields, key: str, value: str, known: Collection[str], what: str, home: str) -> str:
    """``value`` if it is one of ``known`` or empty; else a fault and an empty text."""
    if not value or value in known:
        return value
    item.wrong(
        key,
        f"{what} „{value[:40]}“ in {item.what} ist nirgends angegeben.",
        f"Nehmen Sie eine Kennung aus „{home}“: {', '.join(sorted(known)) or 'dort steht noch keine'}.",
    )
    return ""


def _block(item: Fields, key: str) -> str:
    value = item.text(key)
    if value and value not in BLOCKS:
        item.wrong(key, f"Den Baustein „{value[:40]}“ gibt es nicht.", f"Möglich sind: {', '.join(BLOCKS)}.")
        return ""
    return value


def _hints(entry: Fields, scope: Scope) -> tuple[Hint, ...]:
    hints: list[Hint] = []
    for item in entry.items("hints", "„hints“") if "hints" in entry else ():
        hint = Hint(_block(item, "block"), scope.markup.field(item, "text"))
        if hint.block and any(hint.block == other.block for other in hints):
            item.wrong(
                "block", f"Zu „{hint.block}“ gibt es schon einen Hinweis.", "Fassen Sie beide zusammen."
            )
        item.close()
        hints.append(hint)
    entry.asked("hints")
    return tuple(hints)


def _checks(entry: Fields, scope: Scope, solution: Steps) -> tuple[Check, ...]:
    checks: list[Check] = []
    for item in entry.items("checks", "„checks“"):
        identity = item.slug()
        if identity and any(identity == other.id for other in checks):
            item.wrong("id", f"Die Prüfung „{identity}“ gibt es schon.", "Wählen Sie eine eigene Kennung.")
        rule, limit, block = _rule(item)
        check = Check(
            identity, rule, scope.markup.field(item, "met"), scope.markup.field(item, "open"), limit, block
        )
        item.close()
        checks.append(check)
        if rule and solution and not check.holds(solution):
            item.wrong(
                "rule",
                f"Die Musterlösung „to_be“ erfüllt die Prüfung „{identity}“ selbst nicht.",
                "Ändern Sie die Regel oder die Musterlösung.",
            )
    return tuple(checks)


def _rule(item: Fields) -> tuple[str, int, str]:
    """Name, limit and block of the one rule in ``rule``; the name is empty after a fault."""
    given = item.mapping("rule", "„rule“")
    if given is None:
        if "rule" not in item:
            item.wrong("", "Der Prüfung fehlt „rule“.", "Ergänzen Sie zum Beispiel rule: {steps_at_most: 8}.")
        return "", 0, ""
    names = tuple(given.keys())
    if len(names) != 1 or names[0] not in _RULE_NAMES:
        given.asked(*names)
        shown = ", ".join(name[:40] for name in names) or "leer"
        item.wrong(
            "rule",
            f"Die Regel „{shown}“ gibt es nicht." if len(names) < 2 else f"„rule“ nennt {len(names)} Regeln.",
            f"Nennen Sie genau eine von: {', '.join(_RULE_NAMES)}.",
        )
        return "", 0, ""
    (name,) = names
    if name in LIMITS:
        return name, given.whole(name, 0, LIMIT), ""
    block = _block(given, name)
    return (name, 0, block) if block else ("", 0, "")
