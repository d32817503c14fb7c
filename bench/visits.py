"""What people do with the tool: each kind of visit prepares itself, then is a list of steps to be timed.

A step is a function without arguments; it raises ``Refused`` unless it got the answer that was due.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle, islice
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

from browser import Browser, Page, Refused
from lms import CLIENT_ID, DEPLOYMENT_ID, ISSUER, Signer, Tool, person_name

Step = Callable[[], object]  # what it returns means nothing

SESSIONS = 4  # per client, for visits that repeat: enough that no two neighbours are the same person's

HREF = re.compile(r'href="([^"#]+)"')
ACTION = re.compile(r'<form[^>]*action="([^"#]+)"')
ANSWER = re.compile(r'<input[^>]*name="answer"[^>]*value="([^"]+)"')


@dataclass
class Visitor:
    """One client of the load: a browser, and the LMS that signs its launches."""

    tool: Tool
    signer: Signer
    browser: Browser = field(init=False)

    def __post_init__(self) -> None:
        self.browser = Browser(self.tool.login_url)

    def launch(self, person: int) -> Page:
        """From the click in the LMS to the first page, in a browser that has no cookies yet."""
        self.browser.forget()
        return self.launch_again(person)

    def launch_again(self, person: int) -> Page:
        login = {
            "iss": ISSUER,
            "login_hint": str(person),
            "target_link_uri": self.tool.launch_url,
            "client_id": CLIENT_ID,
            "lti_message_hint": '{"cmid":501,"launchid":"ltilaunch501_1234567890"}',
            "lti_deployment_id": DEPLOYMENT_ID,
        }
        asked = self.browser.begin(f"{self.tool.login_url}?{urlencode(login)}")
        if asked.location is None:
            raise Refused(f"login: {asked.status}")
        given = parse_qs(urlsplit(asked.location).query)
        if "state" not in given or "nonce" not in given:
            raise Refused("login: no state or nonce")
        token = self.signer.id_token(person, given["nonce"][0], self.tool.launch_url)
        fields = {"id_token": token, "state": given["state"][0]}
        page = self.browser.post_from(ISSUER, self.tool.launch_url, fields)
        if page.status != 200:
            raise Refused(f"launch: {page.status}")
        if person_name(person) not in page.text:
            raise Refused("launch: another person's page")
        return page

    def see(self, url: str) -> Page:
        page = self.browser.get(url)
        if page.status != 200 or "<main" not in page.text:
            raise Refused(f"page: {page.status}")
        return page

    def send(self, url: str, fields: dict[str, str]) -> Page:
        page = self.browser.post(url, fields)
        if page.status != 200:
            raise Refused(f"form: {page.status}")
        return page

    def save(self, url: str, answer: str) -> None:
        """Choose an answer: the page's script saves it without leaving the page."""
        page = self.browser.post(url, {"answer": answer, "action": "save"}, {"HX-Request": "true"})
        if page.status != 204:
            raise Refused(f"save: {page.status}")


@dataclass(frozen=True)
class Ground:
    """Where the lessons of one launch are, found by following links. Paths are below ``base``."""

    base: str
    lessons: list[str]


def explore(visitor: Visitor, home: Page) -> Ground:
    """Look through the whole course as a learner who has done nothing yet."""
    modules = _links(home, "/m/")
    activities = [link for module in modules for link in _links(visitor.see(module), "/a/")]
    pages = [visitor.see(link) for link in dict.fromkeys(activities)]
    base = home.url.rstrip("/")

    lessons = [page.url.removeprefix(base) for page in pages if _action(page, "/done")]
    if not lessons:
        raise Refused("no lessons on the course page")
    return Ground(base, lessons)


def launches(visitor: Visitor, first: int, count: int) -> list[Step]:
    return [partial(visitor.launch, person) for person in range(first, first + count)]


def module_pages(visitor: Visitor, first: int, count: int) -> list[Step]:
    home = visitor.launch(first)
    return _repeat([partial(visitor.see, url) for url in _links(home, "/m/")], count)


def lesson_pages(visitor: Visitor, first: int, count: int) -> list[Step]:
    """Lessons that were looked at before: reading, nothing to write."""
    ground = explore(visitor, visitor.launch(first))
    return _repeat([partial(visitor.see, ground.base + path) for path in ground.lessons], count)


def new_lesson_pages(visitor: Visitor, first: int, count: int) -> list[Step]:
    """Each lesson for the first time: that it was begun is written down."""
    ground = explore(visitor, visitor.launch(first))
    steps: list[Step] = []
    person = first
    while len(steps) < count:
        person += 1
        base = visitor.launch_again(person).url.rstrip("/")
        steps += [partial(visitor.see, base + path) for path in ground.lessons]
    return steps[:count]


def question_pages(visitor: Visitor, first: int, count: int) -> list[Step]:
    questions = _tests_begun(visitor, first)
    return _repeat([partial(visitor.see, page.url) for page in questions], count)


def answers(visitor: Visitor, first: int, count: int) -> list[Step]:
    """Answers saved on change. The choice differs each time, so every one is a row to be written."""
    questions = _tests_begun(visitor, first)
    choices = [ANSWER.findall(page.text) for page in questions]
    rounds: list[Step] = [
        partial(visitor.save, page.url, given[turn % len(given)])
        for turn in range(max(map(len, choices)))
        for page, given in zip(questions, choices, strict=True)
    ]
    return _repeat(rounds, count)


def _tests_begun(visitor: Visitor, first: int) -> list[Page]:
    """The question pages of a begun test, for several people in one browser: each launch is a session."""
    visitor.browser.forget()
    return [
        page
        for people in zip(*(_begin_test(visitor, first + n) for n in range(SESSIONS)), strict=True)
        for page in people
    ]


def _begin_test(visitor: Visitor, person: int) -> list[Page]:
    """Read the first module's lessons, then open its test; returns the pages of all its questions."""
    module = _links(visitor.launch_again(person), "/m/")[0]
    for _ in range(2):  # the test opens when the lessons are read
        for url in _links(visitor.see(module), "/a/"):
            page = visitor.see(url)
            if begin := _action(page, "/attempts"):
                question = visitor.send(begin, {})
                return [visitor.see(link) for link in _links(question, "/q/")]
            if done := _action(page, "/done"):
                visitor.send(done, {})
    raise Refused("no test in the first module")


def _links(page: Page, part: str) -> list[str]:
    found = (urljoin(page.url, link) for link in HREF.findall(page.text))
    return list(dict.fromkeys(link for link in found if part in link))


def _action(page: Page, end: str) -> str | None:
    found = (urljoin(page.url, action) for action in ACTION.findall(page.text))
    return next((action for action in found if action.endswith(end)), None)


def _repeat(steps: list[Step], count: int) -> list[Step]:
    return list(islice(cycle(steps), count))
