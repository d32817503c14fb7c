"""``python -m lms_tool.cli``."""

from lms_tool.cli import main

main()
