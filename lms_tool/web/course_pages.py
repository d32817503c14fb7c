"""Course page, module page, glossary: from a room to what the templates show."""

from __future__ import annotations

from lms_tool.content.course import Activity, CompletionRule, Module, Quiz
from lms_tool.content.worksheet import Worksheet
from lms_tool.errors import Text
from lms_tool.learning import ActivityStatus, ModuleStatus, Phase, State, next_step
from lms_tool.models import Delivery
from lms_tool.web import pages, wording
from lms_tool.web.pages import (
    ActivityRow,
    CoursePage,
    GlossaryPage,
    GlossaryTerm,
    Link,
    ModuleCard,
    ModulePage,
    NextStep,
    Notice,
    Rule,
    RuleKind,
    TransferState,
)
from lms_tool.web.room import Room

TRANSFERS = {
    Delivery.PENDING: TransferState.PENDING,
    Delivery.SENT: TransferState.SENT,
    Delivery.OVERRULED: TransferState.CHANGED,
    Delivery.FAILED: TransferState.FAILED,
    Delivery.DROPPED: TransferState.FAILED,
}


def course_page(room: Room) -> CoursePage:
    status = room.status
    state = State.DONE if status.completed else State.OPEN
    if state is State.OPEN and any(m.state in (State.BEGUN, State.DONE) for m in status.modules):
        state = State.BEGUN
    return CoursePage(
        frame=room.frame(Link(room.course.title)),
        title=room.course.title,
        summary=room.course.summary,
        modules=tuple(_card(room, number, module) for number, module in enumerate(status.modules, 1)),
        required=status.required,
        state=page_state(state),
        next=following_step(room),
        transfer=transfer(room),
        agenda_url=f"{room.base}agenda" if _has_agenda(room) else "",
    )


def module_page(room: Room, module: Module) -> ModulePage:
    status = room.status.module(module.id)
    step = next_step(room.status, module.id, room.exhausted) if room.records else None
    number = room.number(module)
    return ModulePage(
        frame=room.frame(*room.trail(), Link(module.title), notices=_exhausted(room, module)),
        title=module.title,
        summary=module.summary,
        state=page_state(status.state),
        objectives=tuple(goal.text for goal in module.objectives),
        activities=tuple(_row(room, part, step) for part in status.activities),
        rules=_rules(status),
        number=number,
        of=len(room.course.modules) if number else 0,
        minutes=module.minutes,
        outcome=module.outcome,
        missing=tuple(map(room.link, status.missing)),
        next=following_step(room, module),
        all_or_nothing=room.all_or_nothing and room.found.module_id == module.id,
        transfer=transfer(room) if room.found.module_id == module.id else None,
    )


def glossary_page(room: Room) -> GlossaryPage:
    terms = sorted(room.course.glossary, key=lambda term: _sort_key(term.term))
    return GlossaryPage(
        frame=room.frame(*room.beside(), Link("Glossar" if room.found.locale == "de" else "Glossary")),
        terms=tuple(GlossaryTerm(term.id, term.term, room.html(term.text_html), term.also) for term in terms),
    )


def following_step(room: Room, module: Module | None = None) -> NextStep | None:
    """The one next step inside what was placed; None where nothing is recorded or all is done."""
    if not room.records:
        return None
    step = next_step(room.status, module.id if module else None, room.exhausted)
    if step is None:
        return None
    home, activity = room.course.by_activity[step.activity.id]
    return NextStep(
        title=activity.title,
        url=room.activity_url(activity),
        kind=activity.kind,
        module_number=0 if module else room.number(home),
        module_title="" if module else home.title,
        returned=step.phase is Phase.RETURNED,
    )


def transfer(room: Room) -> pages.Transfer | None:
    """What the LMS has of the placed item's grade; None while there is nothing to say."""
    known = room.transfer
    if known is None or known.state is None:
        return None
    reason = None
    if TRANSFERS[known.state] is TransferState.FAILED:
        reason = wording.REASONS.get(known.reason or "", wording.OTHER_REASON)
    return pages.Transfer(TRANSFERS[known.state], known.delivered_at, reason, known.overruled_by)


def page_state(state: State) -> pages.State:
    return pages.State(state.value)


def _exhausted(room: Room, module: Module) -> tuple[Notice, ...]:
    """Without a next step there must be somebody to turn to."""
    titles = [activity.title for activity in module.activities if activity.id in room.exhausted]
    return tuple(
        Notice(
            Text(
                f"Sie haben alle Versuche für „{title}“ genutzt", f"You have used all attempts at “{title}”"
            ),
            wording.ASK_YOUR_COACH,
        )
        for title in titles
    )


def _card(room: Room, number: int, status: ModuleStatus) -> ModuleCard:
    return ModuleCard(
        number=number,
        title=status.module.title,
        url=room.module_url(status.module),
        state=page_state(status.state),
        steps=tuple(page_state(part.state) for part in status.activities if part.counts),
        missing=tuple(map(room.link, status.missing)),
    )


def _row(room: Room, part: ActivityStatus, step: ActivityStatus | None) -> ActivityRow:
    activity = part.activity
    return ActivityRow(
        kind=activity.kind,
        title=activity.title,
        url=room.activity_url(activity),
        state=page_state(part.state) if part.counts or part.state is State.LOCKED else None,
        minutes=activity.minutes,
        current=step is not None and step.activity.id == activity.id,
        missing=tuple(map(room.link, part.missing)),
        returned=part.phase is Phase.RETURNED,
    )


def _has_agenda(room: Room) -> bool:
    sheets = (one.content for one in room.course.activities() if isinstance(one.content, Worksheet))
    return any(field.agenda for sheet in sheets for field in sheet.fields())


def _rules(status: ModuleStatus) -> tuple[Rule, ...]:
    """«Abgeschlossen, wenn …» as countable lines."""
    counting = [part for part in status.activities if part.counts]
    if status.required < status.counting:
        state = State.DONE if status.done >= status.required else State.BEGUN if status.done else State.OPEN
        return (
            Rule(
                kind=RuleKind.AT_LEAST,
                state=page_state(state),
                done=min(status.done, status.required),
                total=status.required,
                of=status.counting,
            ),
        )
    rules = []
    reading = [part for part in counting if part.activity.completion is CompletionRule.VIEWED]
    if reading:
        done = sum(part.state is State.DONE for part in reading)
        state = State.DONE if done == len(reading) else State.BEGUN if done else State.OPEN
        rules.append(Rule(kind=RuleKind.READ, state=page_state(state), done=done, total=len(reading)))
    for part in counting:
        if isinstance(part.activity.content, Quiz):
            rules.append(_quiz_rule(part.activity, part.activity.content, part.state))
        elif part not in reading:
            shown = page_state(State.OPEN if part.state is State.LOCKED else part.state)
            rules.append(Rule(kind=RuleKind.DONE, state=shown, title=part.activity.title))
    return tuple(rules)


def _quiz_rule(activity: Activity, quiz: Quiz, state: State) -> Rule:
    # A locked quiz is simply not done yet in a list of what completes the module.
    shown = page_state(State.OPEN if state is State.LOCKED else state)
    if activity.completion is CompletionRule.ATTEMPTED:
        return Rule(kind=RuleKind.ATTEMPTED, state=shown, title=activity.title)
    return Rule(
        kind=RuleKind.PASSED,
        state=shown,
        title=activity.title,
        pass_percent=quiz.pass_percent,
        attempts=quiz.attempts,
    )


def _sort_key(term: str) -> str:
    """Order of German dictionaries (DIN 5007-1): umlauts as their base letters."""
    return term.casefold().translate(str.maketrans("äöü", "aou"))
