"""Where a copy came from: the history variables of LTI Core 1.3 (appendix B.2 and B.4).

``$Context.id.history`` and ``$ResourceLink.id.history`` list the ids of what was copied, the most recent copy first,
each id URL-encoded, separated by commas. They arrive as custom parameters of a launch.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import unquote

from lms_tool.lti.claims import MAX_ID

CONTEXT_HISTORY: Final = "context_history"
LINK_HISTORY: Final = "link_history"
MAX_ANCESTORS: Final = 50


def read_history(value: str | None) -> list[str]:
    """The ids in ``value``, nearest ancestor first; empty where the platform sent none.

    An empty text means "not a copy", a variable that was not substituted means nothing at all (Moodle sends both).
    What is no id is left out: empty, too long, or not printable.
    """
    if not value or value.startswith("$"):
        return []
    ids = (unquote(part.strip()) for part in value.split(","))
    return list(dict.fromkeys(one for one in ids if is_id(one)))[:MAX_ANCESTORS]


def is_id(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MAX_ID and value.isprintable()
