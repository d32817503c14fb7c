"""A second LMS beside the demo's, connected to the same tool: with as many people as the tests need, one of them
reading English, and with activities that the demo does not place."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from lms_tool.content.course import Course
from lms_tool.demo.config import Container, Item, LmsConfig
from lms_tool.demo.lms import create_lms, make_lms_server
from lms_tool.demo.people import Person, Role
from lms_tool.demo.processes import free_port

from .demo import Demo

PREFERRED_PORT = 8251
LEARNERS = 30
ENGLISH = Person(90, "emma.clark", "Emma", "Clark", post="Navigatorin", locale="en")
TEACHER = Person(91, "rolf.winter", "Rolf", "Winter", Role.TEACHER, "Lotse")
WHOLE_COURSE = "Ganzer Kurs"
GONE = "Nicht mehr da"
_used: list[int] = []  # an address taken twice would be one platform with keys that changed within a minute


@dataclass
class Campus:
    lms: str
    waiting: list[Person] = field(default_factory=list)

    def newcomer(self) -> str:
        """Somebody who has done nothing yet: what one test does is no other test's past."""
        return self.waiting.pop().username


@contextmanager
def campus_of(demo: Demo, course: Course, data_dir: Path) -> Iterator[Campus]:
    learners = [Person(100 + n, f"lernende.{n}", "Kim", f"Beispiel {n}") for n in range(LEARNERS)]
    port = free_port(PREFERRED_PORT, _used)
    _used.append(port)
    config = LmsConfig(
        base_url=f"http://localhost:{port}",
        data_dir=data_dir,
        tool_base_url=demo.tool,
        tool_login_url=f"{demo.tool}/lti/login",
        tool_launch_url=f"{demo.tool}/lti/launch",
        tool_jwks_url=f"{demo.tool}/lti/jwks",
        client_id="campus",
        items=tuple(_items(course)),
        people=(*learners, ENGLISH, TEACHER),
        site_name="Lernplattform Nachbarkreis",
    )
    server = make_lms_server(create_lms(config), port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        demo.command(
            *("platform", "add", "--issuer", config.base_url, "--client-id", config.client_id),
            *("--deployment-id", config.deployment_id),
            *("--auth-login-url", f"{config.base_url}/mod/lti/auth.php"),
            *("--token-url", f"{config.base_url}/mod/lti/token.php"),
            *("--jwks-url", f"{config.base_url}/mod/lti/certs.php"),
        )
        yield Campus(config.base_url, learners)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _items(course: Course) -> Iterator[Item]:
    for module in course.modules:
        yield Item(module.title, course.id, module.id)
    first = course.modules[0]
    lesson, test = first.activities[0], first.activities[-1]
    yield Item(f"Einzeln: {lesson.title}", course.id, first.id, lesson.id)
    yield Item(f"Einzeln: {test.title}", course.id, first.id, test.id)
    yield Item(WHOLE_COURSE, course.id, container=Container.WINDOW)
    yield Item(GONE, course.id, "gibt-es-nicht-mehr")
