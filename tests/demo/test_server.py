"""The LMS as a server of its own: many requests at once, what goes over the wire, its own process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest

from lms_tool.demo.config import Container, Item
from lms_tool.demo.lms import make_lms_server, read_config, write_config
from lms_tool.demo.processes import free_port

from . import recorded
from .lms import Lms, ToolKeys, quiet_port

SCORE = "application/vnd.ims.lis.v1.score+json"


@pytest.fixture
def served(lms: Lms) -> Iterator[str]:
    server = make_lms_server(lms.app, 0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def _score(person: int, comment: str = "") -> str:
    return json.dumps(
        {
            "userId": str(person),
            "scoreGiven": 1,
            "scoreMaximum": 1,
            "activityProgress": "Completed",
            "gradingProgress": "FullyGraded",
            "timestamp": "2026-11-21T19:29:24Z",
            "comment": comment,
        },
        ensure_ascii=False,
    )


def test_forty_scores_at_once_all_arrive(lms: Lms, served: str) -> None:
    headers = {"Authorization": f"Bearer {lms.token()}", "Content-Type": SCORE}
    url = f"{served}/mod/lti/services.php/2/lineitems/2/lineitem/scores?type_id=1"
    learners = [person.id for person in lms.config.people if person.is_gradable]
    with httpx2.Client(trust_env=False, timeout=30) as client, ThreadPoolExecutor(20) as pool:
        answers = list(
            pool.map(lambda person: client.post(url, content=_score(person), headers=headers), learners)
        )
    assert {answer.status_code for answer in answers} == {200}
    assert {lms.grade(2, person).split("|")[2] for person in learners} == {"87.00000"}


def test_the_reason_reaches_the_client_with_what_was_posted(lms: Lms, served: str) -> None:
    headers = {"Authorization": f"Bearer {lms.token()}", "Content-Type": SCORE}
    url = f"{served}/mod/lti/services.php/2/lineitems/2/lineitem/scores?type_id=1"
    answer = httpx2.post(url, content=_score(9999, "sehr gut – ä"), headers=headers, trust_env=False)
    assert (answer.status_code, answer.text) == (400, "[]")
    assert answer.headers["Content-Type"] == f"{SCORE}; charset=utf-8"
    reason = answer.extensions["reason_phrase"].decode()
    assert reason.startswith('Incorrect score received{"userId": "9999"')
    assert "sehr gut – ä" in reason


def test_it_runs_as_a_process_of_its_own_and_finds_its_data_again(
    lms: Lms, tool: ToolKeys, tmp_path: Path
) -> None:
    port = free_port(quiet_port())
    config = replace(
        recorded.config(tmp_path / "lms", tool.url),
        base_url=f"http://localhost:{port}",
        people=(),
        timezone=None,
    )
    write_config(config, tmp_path / "config.json")
    arguments = ["-m", "lms_tool.demo.lms", str(tmp_path / "config.json"), str(port)]
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}

    def keys() -> object:
        process = subprocess.Popen([sys.executable, *arguments], env=env)
        try:
            for _ in range(300):
                try:
                    return httpx2.get(f"http://127.0.0.1:{port}/mod/lti/certs.php", trust_env=False).json()
                except httpx2.TransportError:
                    assert process.poll() is None
                    time.sleep(0.05)
            raise AssertionError("the LMS did not answer")
        finally:
            process.terminate()
            process.wait()

    first = keys()
    assert first == keys()


def test_a_written_configuration_is_read_back_the_same(tmp_path: Path) -> None:
    config = replace(
        recorded.config(tmp_path, "http://127.0.0.1:1/jwks"),
        timezone=None,
        items=(Item("a", "k", container=Container.WINDOW, pass_grade=60), Item("b", custom={"x": "y"})),
    )
    write_config(config, tmp_path / "config.json")
    again = read_config(tmp_path / "config.json")
    assert replace(again, people=config.people) == config
    assert again.items[0].container is Container.WINDOW
