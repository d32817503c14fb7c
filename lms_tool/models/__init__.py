"""The tables. Nothing in here knows a URL of ours, a page, or the web."""

from lms_tool.models.base import Base
from lms_tool.models.courses import Blob, Course, Revision, RevisionFile
from lms_tool.models.grades import Delivery, LineItem, Score
from lms_tool.models.people import Context, Launch, Membership, Person, ResourceLink, UsedState
from lms_tool.models.platforms import (
    AccessToken,
    AuditEvent,
    Deployment,
    LoginPressure,
    Platform,
    Status,
    ToolKey,
)
from lms_tool.models.progress import Answer, Attempt, Progress

__all__ = [
    "AccessToken",
    "Answer",
    "Attempt",
    "AuditEvent",
    "Base",
    "Blob",
    "Context",
    "Course",
    "Delivery",
    "Deployment",
    "Launch",
    "LineItem",
    "LoginPressure",
    "Membership",
    "Person",
    "Platform",
    "Progress",
    "ResourceLink",
    "Revision",
    "RevisionFile",
    "Score",
    "Status",
    "ToolKey",
    "UsedState",
]
