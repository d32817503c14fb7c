"""The tables. Nothing in here knows a URL of ours, a page, or the web."""

from lms_tool.models.admins import Admin, AdminLink, AdminSession
from lms_tool.models.base import Base
from lms_tool.models.courses import Blob, Course, Revision, RevisionFile
from lms_tool.models.grades import Delivery, LineItem, Outcome, Score
from lms_tool.models.people import (
    Context,
    Handover,
    Launch,
    Membership,
    Person,
    Place,
    ResourceLink,
    UsedState,
)
from lms_tool.models.placing import Picker, Placement
from lms_tool.models.platforms import (
    AccessToken,
    AuditEvent,
    Deployment,
    Invitation,
    LoginPressure,
    LtiVersion,
    NoticeSubscription,
    Platform,
    Status,
    Tenant,
    ToolKey,
)
from lms_tool.models.progress import Answer, Attempt, Progress, Submission, Work
from lms_tool.models.rosters import MemberStatus, Roster, RosterEntry

__all__ = [
    "AccessToken",
    "Admin",
    "AdminLink",
    "AdminSession",
    "Answer",
    "Attempt",
    "AuditEvent",
    "Base",
    "Blob",
    "Context",
    "Course",
    "Delivery",
    "Deployment",
    "Handover",
    "Invitation",
    "Launch",
    "LineItem",
    "LoginPressure",
    "LtiVersion",
    "MemberStatus",
    "Membership",
    "NoticeSubscription",
    "Outcome",
    "Person",
    "Picker",
    "Place",
    "Placement",
    "Platform",
    "Progress",
    "ResourceLink",
    "Revision",
    "RevisionFile",
    "Roster",
    "RosterEntry",
    "Score",
    "Status",
    "Submission",
    "Tenant",
    "ToolKey",
    "UsedState",
    "Work",
]
