"""What each page shows: one frozen dataclass per template, filled by a route.

Values arrive decided: states, counts, addresses, aware UTC times. Templates choose the words.
Fields ending in ``_html`` hold sanitised course content whose ``/k/_/`` links already point into the launch;
every other string is plain text and is escaped. An empty string means «there is none».
"""

from lms_tool.web.pages.admin import AdminEnterPage, AdminFrame, AdminPeoplePage, AdminPerson
from lms_tool.web.pages.learn import (
    ActivityRow,
    CoursePage,
    GlossaryPage,
    GlossaryTerm,
    LessonPage,
    ModuleCard,
    ModulePage,
    Outline,
    OutlineItem,
    Rule,
    RuleKind,
)
from lms_tool.web.pages.members import MembersPage, OwnRowPage
from lms_tool.web.pages.parts import (
    Choice,
    Evidence,
    Feedback,
    Frame,
    Link,
    Mark,
    NextStep,
    Notice,
    Question,
    State,
    Transfer,
    TransferState,
    Verdict,
)
from lms_tool.web.pages.picking import PickerPage, PickerSendPage, PickRow
from lms_tool.web.pages.problems import (
    ErrorPage,
    LegacyWindowPage,
    NewWindowPage,
)
from lms_tool.web.pages.quiz import (
    AttemptRow,
    HandInPage,
    ObjectiveResult,
    QuestionPage,
    QuestionTab,
    QuizStartPage,
    ResultPage,
    ResultRow,
)
from lms_tool.web.pages.register import ConfigPage, ConfigValue, RegisterDonePage, RegisterPreviewPage
from lms_tool.web.pages.storage import AskStoragePage, EntrancePage, KeepInStoragePage

__all__ = [
    "ActivityRow",
    "AdminEnterPage",
    "AdminFrame",
    "AdminPeoplePage",
    "AdminPerson",
    "AskStoragePage",
    "AttemptRow",
    "Choice",
    "ConfigPage",
    "ConfigValue",
    "CoursePage",
    "EntrancePage",
    "ErrorPage",
    "Evidence",
    "Feedback",
    "Frame",
    "GlossaryPage",
    "GlossaryTerm",
    "HandInPage",
    "KeepInStoragePage",
    "LegacyWindowPage",
    "LessonPage",
    "Link",
    "Mark",
    "MembersPage",
    "ModuleCard",
    "ModulePage",
    "NewWindowPage",
    "NextStep",
    "Notice",
    "ObjectiveResult",
    "Outline",
    "OutlineItem",
    "OwnRowPage",
    "PickRow",
    "PickerPage",
    "PickerSendPage",
    "Question",
    "QuestionPage",
    "QuestionTab",
    "QuizStartPage",
    "RegisterDonePage",
    "RegisterPreviewPage",
    "ResultPage",
    "ResultRow",
    "Rule",
    "RuleKind",
    "State",
    "Transfer",
    "TransferState",
    "Verdict",
]
