"""Every sentence of the self-test by its code."""

from __future__ import annotations

from typing import Final

from lms_tool.services.selftest.connection_words import CONNECTION_WORDS
from lms_tool.services.selftest.kinds import Words
from lms_tool.services.selftest.service_words import SERVICE_WORDS

WORDS: Final[dict[str, Words]] = {**CONNECTION_WORDS, **SERVICE_WORDS}
