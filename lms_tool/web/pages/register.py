"""Connecting an LMS: what will be agreed, that it was agreed, and what to type where nothing is agreed by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from lms_tool.errors import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterPreviewPage:
    """Shown inside the LMS before anything is agreed. The form carries all, for there may be no cookie."""

    template: ClassVar[str] = "register_preview.html"

    action_url: str
    fields: tuple[tuple[str, str], ...]  # openid_configuration, registration_token
    host: str
    product: str  # "Moodle 5.1", "": it does not say
    issuer: str
    tenant_name: str
    grants: tuple[Text, ...]  # what we will be allowed to
    missing: tuple[Text, ...]  # what the LMS does not offer
    known: tuple[str, ...] = ()  # names of this customer's connections with the same LMS
    is_moodle: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterDonePage:
    """Agreed. The page tells the LMS to close it; where that does not work, it says what comes next."""

    template: ClassVar[str] = "register_done.html"

    host: str
    pending: bool  # somebody has to approve it
    updated: bool
    is_moodle: bool = False
    subject: str = "org.imsglobal.lti.close"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigValue:
    """One line to copy. ``names`` is what LMSs call it."""

    label: Text
    value: str
    names: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigPage:
    """What an administrator types into an LMS by hand."""

    template: ClassVar[str] = "config.html"

    values: tuple[ConfigValue, ...]
    scopes: tuple[ConfigValue, ...]
    custom: str  # name=value per line
    files: tuple[ConfigValue, ...]
