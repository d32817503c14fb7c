"""Each code that is written into the audit log has a sentence for the page that shows it, and each sentence a code."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import lms_tool
from lms_tool.errors import ToolError
from lms_tool.web import audit_wording
from lms_tool.web.audit_wording import CODES, KINDS, OTHER, sentence

PACKAGE = Path(lms_tool.__file__).parent
# Where a code is put together at run time, these are what can come of it.
PUT_TOGETHER = {
    "platform_registered",
    "platform_registered_again",
    "platform_switched_on",
    "platform_switched_off",
    "platform_changed",
    "platform_added",
    "grades_laid_aside",
    "grades_resent",
    "target_differs",
    "ags_claim_invalid",
    "lti1p1_migrated",
    "lti1p1_signature_invalid",
}


def calls() -> Iterator[tuple[Path, str, list[ast.expr]]]:
    """Every ``audit.note(…)`` and ``record(…)``, with its arguments after connection, time or administrator."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            if isinstance(node.func, ast.Attribute) and ast.unparse(node.func) == "audit.note":
                yield path, "note", node.args[2:]
            elif isinstance(node.func, ast.Name) and node.func.id == "record" and path.parent.name == "admin":
                yield path, "record", node.args[2:]


def constants(expression: ast.expr) -> set[str]:
    """The texts an expression can be: itself, or either side of a condition."""
    if isinstance(expression, ast.IfExp):
        return constants(expression.body) | constants(expression.orelse)
    is_text = isinstance(expression, ast.Constant) and isinstance(expression.value, str)
    return {str(expression.value)} if is_text else set()  # type: ignore[attr-defined]


def written() -> set[str]:
    found = set(PUT_TOGETHER)
    for _, what, arguments in calls():
        kind, code = (
            ("admin", arguments[0]) if what == "record" else (ast.unparse(arguments[0]), arguments[1])
        )
        if kind.strip("'") != "refused":
            found |= constants(code)
    return found


def test_calls_are_found() -> None:
    assert len(list(calls())) > 20


def test_each_code_has_a_sentence() -> None:
    assert written() - set(CODES) == set()


def test_no_sentence_is_for_nothing() -> None:
    assert set(CODES) - written() == set()


def test_each_kind_has_a_word() -> None:
    kinds = {
        str(arguments[0].value)
        for _, what, arguments in calls()
        if what == "note" and isinstance(arguments[0], ast.Constant)
    }
    assert kinds == set(KINDS)


def refusals(cls: type[ToolError] = ToolError) -> Iterator[type[ToolError]]:
    for sub in cls.__subclasses__():
        yield sub
        yield from refusals(sub)


def test_each_refusal_says_what_the_person_read() -> None:
    audit_wording._refusals.cache_clear()  # another test may have asked before all refusals were imported
    for refusal in refusals():
        said = sentence("refused", refusal.code)
        assert said is not OTHER
        assert said in {one.text for one in refusals() if one.code == refusal.code}
    assert sentence("refused", "claim_missing:exp") == sentence("refused", "claim_missing")


def test_what_nobody_knows_is_said_so() -> None:
    assert sentence("admin", "unheard_of") is sentence("refused", "unheard_of") is OTHER


@pytest.mark.parametrize("text", [*CODES.values(), *KINDS.values()], ids=lambda text: text.en[:40])
def test_both_languages(text: tuple[str, str]) -> None:
    assert all(text) and text[0] != text[1]
