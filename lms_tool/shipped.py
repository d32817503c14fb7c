"""Where the files lie that belong to the tool but are no code: courses, migrations, LTI configuration.

In a checkout they stand at the top, in an installed wheel inside the package.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent


def shipped(name: str) -> Path:
    """The folder ``name`` (``courses``, ``migrations`` or ``lti_config``)."""
    inside = _PACKAGE / "_shipped" / name
    return inside if inside.is_dir() else _PACKAGE.parent / name
