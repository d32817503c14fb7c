"""The administration in the browser: /admin. One blueprint per subject."""

from lms_tool.web.admin import access, audit, connect, grades, keys, platforms
from lms_tool.web.admin.session import admin_frame, current_admin, record, show_admin

__all__ = [
    "access",
    "admin_frame",
    "audit",
    "connect",
    "current_admin",
    "grades",
    "keys",
    "platforms",
    "record",
    "show_admin",
]
