"""``picture``: a choice between answers about a picture that stands above them."""

from __future__ import annotations

from dataclasses import dataclass

from lms_tool.content.fields import Fields
from lms_tool.content.markup import Markup
from lms_tool.content.questions.choice import Answer, Single
from lms_tool.content.questions.contract import Choices, Marking


@dataclass(frozen=True, slots=True)
class Picture:
    picture_html: str
    answers: tuple[Answer, ...]


class PictureKind:
    name = "picture"
    shape = Picture
    graded = True
    _single = Single()

    def read(self, entry: Fields, markup: Markup) -> Picture:
        address, alt = entry.text("picture"), entry.text("alt")
        html = ""
        if address and alt:
            described = alt.replace("[", "(").replace("]", ")")
            html = markup.inline(f"![{described}]({address})", entry.report, entry.line("picture"))
        return Picture(html, self._single.read(entry, markup).answers)

    def layout(self, data: Picture, seed: str) -> Choices:
        return self._single.layout(data, seed)

    def solution(self, data: Picture) -> tuple[str, ...]:
        return self._single.solution(data)

    def mark(self, data: Picture, response: tuple[str, ...]) -> Marking:
        return self._single.mark(data, response)
