"""A login whose secret lies in the platform's storage, because the frame keeps no cookie."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lti_builders import NOW, SECRET

from lms_tool.lti import LtiError, Stored, issue, read_state
from lms_tool.lti.state import MAX_STORAGE_TARGET, session_proof

FRAMES = st.text(min_size=1, max_size=60).filter(lambda name: len(name.encode()) <= MAX_STORAGE_TARGET)


@given(FRAMES)
def test_the_state_names_the_frame_and_knows_what_was_put_there(frame: str) -> None:
    pending = issue(SECRET, 7, NOW, storage_target=frame)
    state = read_state(SECRET, pending.state)
    assert (state.platform_id, state.issued_at, state.storage_target) == (7, NOW, frame)
    assert state.storage_key == pending.storage_key
    assert state.was_kept_as(pending.stored)


def test_the_longest_name_fits() -> None:
    pending = issue(SECRET, 7, NOW, storage_target="x" * MAX_STORAGE_TARGET)
    assert read_state(SECRET, pending.state).storage_target == "x" * MAX_STORAGE_TARGET


@pytest.mark.parametrize("changed", ["state", "nonce", "secret"])
@pytest.mark.parametrize(
    "value",
    ["", "x", "ä\ud800", issue(SECRET, 7, NOW).stored.secret],
    ids=["empty", "short", "no text", "of another login"],
)
def test_sta_27_one_other_value_is_enough(changed: str, value: str) -> None:
    pending = issue(SECRET, 7, NOW, storage_target="_parent")
    other = replace(pending.stored, **{changed: value})
    assert not read_state(SECRET, pending.state).was_kept_as(other)


def test_what_travels_with_the_launch_is_not_enough() -> None:
    """Who stole state and id_token, and with it the nonce, still lacks the secret."""
    pending = issue(SECRET, 7, NOW, storage_target="_parent")
    for guess in (pending.state, pending.nonce, pending.storage_key, ""):
        stolen = Stored(pending.state, pending.nonce, guess)
        assert not read_state(SECRET, pending.state).was_kept_as(stolen)


def test_neither_way_completes_the_other() -> None:
    by_cookie, by_storage = issue(SECRET, 7, NOW), issue(SECRET, 7, NOW, storage_target="_parent")
    assert not read_state(SECRET, by_cookie.state).was_kept_as(by_cookie.stored)
    assert not read_state(SECRET, by_storage.state).belongs_to(by_storage.cookie_value)


def test_a_cut_or_lengthened_state_is_unknown() -> None:
    state = issue(SECRET, 7, NOW, storage_target="_parent").state
    for changed in (state[:-1], state[:-4], state + "A", state + "AAAA", state[: len(state) // 2], state * 9):
        with pytest.raises(LtiError, match="state_unknown"):
            read_state(SECRET, changed)


def test_a_state_made_before_the_secret_was_changed() -> None:
    state = issue(b"the old secret", 7, NOW).state
    assert read_state(SECRET, state, (b"an older one", b"the old secret")).secret == b"the old secret"
    with pytest.raises(LtiError, match="state_unknown"):
        read_state(SECRET, state, (b"an older one",))


def test_the_session_has_a_proof_of_its_own() -> None:
    pending = issue(SECRET, 7, NOW, storage_target="_parent")
    state = read_state(SECRET, pending.state)
    proof = session_proof(SECRET, state)
    assert proof == session_proof(SECRET, state)
    assert proof not in pending.state + pending.nonce + pending.stored.secret
    other = read_state(SECRET, issue(SECRET, 7, NOW, storage_target="_parent").state)
    assert session_proof(SECRET, other) != proof != session_proof(b"another secret", state)
