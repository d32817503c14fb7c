"""Worksheets as the coach has them: what waits in an LMS course, one submission, and the decision about it.

Only what was handed in is ever read here; drafts are nobody's but their owner's.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from lms_tool.content.course import CompletionRule, Course
from lms_tool.errors import Text, ToolError
from lms_tool.learning import Phase
from lms_tool.lti.roles import Role
from lms_tool.models import Context, Deployment, Membership, Person, Submission
from lms_tool.services import audit, lessons, worksheets
from lms_tool.services.lessons import Learner
from lms_tool.services.worksheets import Decision

REMARK = 2_000  # characters
COMMENT = 4_000


class SubmissionNotFound(ToolError):
    code = "not_found"
    status = 404
    text = Text("Dieses Arbeitsblatt gibt es hier nicht.", "There is no such worksheet here.")
    remedy = Text(
        "Öffnen Sie die Seite „Teilnehmende“ noch einmal.", "Open the page “Participants” once more."
    )


class AlreadyDecided(ToolError):
    """Somebody else was quicker, or a newer state has been handed in."""

    code = "worksheet_decided"
    status = 409
    text = Text("Über diese Fassung ist schon entschieden.", "This version has already been decided on.")
    remedy = Text(
        "Ihre Entscheidung wurde nicht gespeichert. Öffnen Sie das Arbeitsblatt noch einmal, und lesen Sie, was "
        "schon dazu geschrieben ist.",
        "Your decision was not saved. Open the worksheet once more and read what has been written about it.",
    )


class OwnWorksheet(ToolError):
    """Who teaches may try a worksheet, but not accept it: as a learner they would have a grade from themselves."""

    code = "own_worksheet"
    status = 403
    text = Text(
        "Über das eigene Arbeitsblatt entscheidet jemand anders.",
        "Somebody else decides about one's own worksheet.",
    )
    remedy = Text(
        "Bitten Sie eine andere Lotsin oder einen anderen Lotsen um die Durchsicht.",
        "Ask another coach to review it.",
    )


class RemarkMissing(ToolError):
    """Nobody can mend what nobody names."""

    code = "remark_missing"
    status = 422
    text = Text("Bitte schreiben Sie, was noch zu tun ist.", "Please write what is left to do.")
    remedy = Text(
        "Ein Hinweis an einem Feld oder ein Satz im Kommentar genügt.",
        "One remark at a field or one sentence in the comment is enough.",
    )


class RemarkTooLong(ToolError):
    code = "remark_too_long"
    status = 422
    text = Text("Ein Hinweis ist zu lang.", "A remark is too long.")
    remedy = Text(
        f"Ein Hinweis hat höchstens {REMARK} Zeichen, der Kommentar {COMMENT}.",
        f"A remark has at most {REMARK} characters, the comment {COMMENT}.",
    )


@dataclass(frozen=True, slots=True)
class Line:
    """One worksheet somebody handed in, as it stands now."""

    membership_id: int
    activity_id: str
    number: int  # of the newest submission
    decision: Decision | None


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose worksheet it is."""

    learner: Learner
    sub: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the coach says; ``remarks`` by field id."""

    decision: Decision
    comment: str
    remarks: Mapping[str, str]


def listing(
    db: Connection, context_id: int, course_id: str, only: Collection[str] | None = None
) -> list[Line]:
    """The newest submission of each worksheet in the context, longest waiting first; ``only``: of these subs."""
    rows = (
        select(
            Submission.membership_id,
            Submission.activity_id,
            Submission.number,
            Submission.decision,
        )
        .join(Membership, Membership.id == Submission.membership_id)
        .join(Person, Person.id == Membership.person_id)
        .where(Membership.context_id == context_id, Submission.course_id == course_id)
        .order_by(Submission.handed_in_at, Submission.id)
    )
    if only is not None:
        rows = rows.where(Person.sub.in_(only))
    lines: dict[tuple[int, str], Line] = {}
    for membership_id, activity_id, number, decision in db.execute(rows):
        key = membership_id, activity_id
        if key not in lines or lines[key].number < number:
            lines.pop(key, None)  # to its new place in the order
            lines[key] = Line(membership_id, activity_id, number, Decision(decision) if decision else None)
    return list(lines.values())


def owner(db: Connection, context_id: int, membership_id: int) -> Owner:
    """Raises SubmissionNotFound for who is not in this context."""
    row = db.execute(
        select(Membership.person_id, Membership.role, Person.sub)
        .join(Person, Person.id == Membership.person_id)
        .where(Membership.id == membership_id, Membership.context_id == context_id)
    ).first()
    if row is None:
        raise SubmissionNotFound(membership=membership_id)
    learner = Learner(membership_id, row.person_id, context_id, Role(row.role) is Role.LEARNER)
    return Owner(learner, row.sub)


def decide(
    db: Connection,
    of: Learner,
    published: Course,
    rule: CompletionRule,
    activity_id: str,
    number: int,
    verdict: Verdict,
    reviewer_id: int | None,
    now: datetime,
) -> set[int] | None:
    """Return or accept submission ``number``; of two at the same moment one wins. Twice the same changes nothing.

    Returns the platforms that have a grade to receive; None where nothing changed.

    Raises:
        OwnWorksheet: the reviewer's own.
        RemarkMissing: returned without a word. RemarkTooLong.
        SubmissionNotFound.
        AlreadyDecided: otherwise, by somebody else, or about a newer state.
    """
    if reviewer_id == of.person_id:
        raise OwnWorksheet(activity=activity_id[:64])
    remarks = {key: text.strip() for key, text in verdict.remarks.items() if text.strip()}
    comment = verdict.comment.strip()
    if verdict.decision is Decision.RETURNED and not remarks and not comment:
        raise RemarkMissing()
    if len(comment) > COMMENT or any(len(text) > REMARK for text in remarks.values()):
        raise RemarkTooLong()
    worksheets.hold(db, of.membership_id)
    of_sheet = (
        Submission.membership_id == of.membership_id,
        Submission.course_id == published.id,
        Submission.activity_id == activity_id,
    )
    row = db.execute(
        select(Submission.decision, Submission.reviewer_id, Submission.comment, Submission.remarks).where(
            *of_sheet, Submission.number == number
        )
    ).first()
    if row is None:
        raise SubmissionNotFound(activity=activity_id[:64], number=number)
    wanted = (verdict.decision.value, reviewer_id, comment, remarks)
    if (row.decision, row.reviewer_id, row.comment or "", row.remarks or {}) == wanted:
        return None
    if row.decision is not None or db.scalar(select(func.max(Submission.number)).where(*of_sheet)) != number:
        raise AlreadyDecided(activity=activity_id[:64], number=number)
    db.execute(
        update(Submission)
        .where(*of_sheet, Submission.number == number)
        .values(
            decision=verdict.decision.value,
            decided_at=now,
            reviewer_id=reviewer_id,
            comment=comment,
            remarks=remarks,
        )
    )
    accepted = verdict.decision is Decision.ACCEPTED
    phase = None if accepted else Phase.RETURNED
    worksheets.note_phase(db, of.membership_id, published.id, activity_id, phase, now)
    if accepted and rule in (CompletionRule.ACCEPTED, CompletionRule.HANDED_IN):
        lessons.complete(db, of, published, "activity", activity_id, now)
    return lessons.settle(db, of, published, now)


def note_decision(
    db: Connection,
    decision: Decision,
    of: Learner,
    activity_id: str,
    actor: str,
    now: datetime,
    correlation_id: str,
) -> None:
    """The audit line of a decision: ids only."""
    accepted = decision is Decision.ACCEPTED
    details = {"person": of.person_id, "context": of.context_id, "activity": activity_id}
    platform_id = db.scalar(
        select(Deployment.platform_id)
        .join(Context, Context.deployment_id == Deployment.id)
        .where(Context.id == of.context_id)
    )
    audit.note(
        db,
        now,
        "people",
        "worksheet_accepted" if accepted else "worksheet_returned",
        platform_id,
        correlation_id,
        details,
        actor=actor,
    )
