"""Answers as one piece."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def whole_answers(application: WSGIApplication) -> WSGIApplication:
    """Hand the server each answer as a list: all of ours are small and complete.

    Granian sends a list at once, but streams any other iterable through a channel of its own, which costs as much as
    making the answer (measured: half of the time under the interpreter lock).
    """

    def collected(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        answer = application(environ, start_response)
        try:
            return list(answer)
        finally:
            close = getattr(answer, "close", None)
            if close is not None:
                close()

    return collected
