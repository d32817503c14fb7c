"""The self-test of a connection: what works, what does not, and what to mend."""

from lms_tool.services.selftest.check import Check, read
from lms_tool.services.selftest.facts import last_launch
from lms_tool.services.selftest.kinds import Name, State
from lms_tool.services.selftest.run import SelfTest

__all__ = ["Check", "Name", "SelfTest", "State", "last_launch", "read"]
