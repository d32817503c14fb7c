"""The administration in the browser: /admin. One blueprint per subject."""

from lms_tool.web.admin import access, connect, platforms
from lms_tool.web.admin.session import admin_frame, current_admin, record, show_admin

__all__ = ["access", "admin_frame", "connect", "current_admin", "platforms", "record", "show_admin"]
