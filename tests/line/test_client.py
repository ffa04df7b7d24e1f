"""The SDK behind the protocol, against the simulated platform; and the tests' own client, held to the same promises."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest

from bots.line.client import LineClient, Outcome, SdkLineClient
from simulators.line.actor import LineUser
from simulators.line.faults import FaultKind
from simulators.line.simulator import LineSimulator
from tests.line.clients import RecordingLineClient

MESSAGES = [{"type": "text", "text": "សួស្តី"}]
STRANGER = "U" + "0" * 32


@pytest.fixture
def simulator() -> LineSimulator:
    return LineSimulator(webhook=lambda _body, _headers: 200)


@pytest.fixture
def user(simulator: LineSimulator) -> LineUser:
    user = simulator.user("sokha", language="vi")
    user.follow()
    return user


@pytest.fixture
def sdk(simulator: LineSimulator) -> Iterator[SdkLineClient]:
    with simulator.serve() as api_base:
        yield SdkLineClient(access_token="simulated-access-token", api_base=api_base)


@pytest.fixture(params=["sdk", "recording"])
def client(request: pytest.FixtureRequest) -> LineClient:
    if request.param == "sdk":
        return request.getfixturevalue("sdk")  # type: ignore[no-any-return]
    return RecordingLineClient(language="vi", unknown_users={STRANGER})


@pytest.fixture
def token(simulator: LineSimulator, user: LineUser) -> str:
    return next(iter(simulator.state.reply_tokens))


def test_reply_is_accepted_once(client: LineClient, token: str) -> None:
    assert client.reply(token, MESSAGES).outcome is Outcome.ACCEPTED
    assert client.reply(token, MESSAGES).outcome is Outcome.REFUSED


def test_push_is_accepted_again_with_the_same_key(client: LineClient, user: LineUser) -> None:
    key = str(uuid4())
    first = client.push(user.user_id, MESSAGES, retry_key=key)
    second = client.push(user.user_id, MESSAGES, retry_key=key)
    assert (first.outcome, first.status) == (Outcome.ACCEPTED, 200)
    assert (second.outcome, second.status) == (Outcome.ACCEPTED, 409)


def test_push_is_refused_when_the_user_is_unknown(client: LineClient) -> None:
    assert client.push(STRANGER, MESSAGES, retry_key=str(uuid4())).outcome is Outcome.REFUSED


def test_language_is_that_of_the_profile(client: LineClient, user: LineUser) -> None:
    assert client.find_language(user.user_id) == "vi"


def test_language_is_none_when_it_is_not_told(sdk: SdkLineClient, simulator: LineSimulator) -> None:
    silent = simulator.user("silent")
    silent.follow()
    assert sdk.find_language(silent.user_id) is None
    assert sdk.find_language(STRANGER) is None
    simulator.faults.inject("profile", FaultKind.DROP_BEFORE)
    assert sdk.find_language(silent.user_id) is None
    simulator.faults.inject("profile", FaultKind.HTML_AFTER)
    assert sdk.find_language(silent.user_id) is None


@pytest.mark.parametrize(
    ("fault", "outcome", "arrived"),
    [
        (FaultKind.SERVER_ERROR, Outcome.UNCERTAIN, 0),
        (FaultKind.RATE_LIMIT, Outcome.BUSY, 0),
        (FaultKind.UNAUTHORIZED, Outcome.UNAUTHORIZED, 0),
        (FaultKind.TOO_LARGE, Outcome.REFUSED, 0),
        (FaultKind.DROP_BEFORE, Outcome.UNCERTAIN, 0),
        (FaultKind.DROP_AFTER, Outcome.UNCERTAIN, 1),
        (FaultKind.ERROR_AFTER, Outcome.UNCERTAIN, 1),
        # Accepted, whatever the body says.
        (FaultKind.HTML_AFTER, Outcome.ACCEPTED, 1),
        (FaultKind.EMPTY_AFTER, Outcome.ACCEPTED, 1),
        (FaultKind.INTEGER_ID_AFTER, Outcome.ACCEPTED, 1),
    ],
)
def test_outcome_follows_the_status(
    sdk: SdkLineClient, simulator: LineSimulator, user: LineUser, fault: FaultKind, outcome: Outcome, arrived: int
) -> None:
    simulator.faults.inject("push", fault)
    assert sdk.push(user.user_id, MESSAGES, retry_key=str(uuid4())).outcome is outcome
    assert len(user.messages) == arrived
    assert len(simulator.calls.to("push")) == 1, "the client itself repeats nothing"


def test_outcome_is_quota_spent_when_the_month_is_used_up(
    sdk: SdkLineClient, simulator: LineSimulator, user: LineUser
) -> None:
    simulator.state.quota = 1
    assert sdk.push(user.user_id, MESSAGES, retry_key=str(uuid4())).is_accepted
    assert sdk.push(user.user_id, MESSAGES, retry_key=str(uuid4())).outcome is Outcome.QUOTA_SPENT


def test_outcome_is_uncertain_when_nothing_listens() -> None:
    nowhere = SdkLineClient(access_token="x", api_base="http://127.0.0.1:9")
    assert nowhere.push(STRANGER, MESSAGES, retry_key=str(uuid4())).outcome is Outcome.UNCERTAIN


@pytest.mark.parametrize("chat_id", ["C" + "a" * 32, "R" + "a" * 32])
def test_leaving_asks_for_the_right_kind_of_chat(sdk: SdkLineClient, simulator: LineSimulator, chat_id: str) -> None:
    # The simulated platform has no groups; it answers like LINE for an unknown one.
    assert sdk.leave_chat(chat_id).status == 404


def test_request_is_what_was_given(sdk: SdkLineClient, simulator: LineSimulator, user: LineUser) -> None:
    """The SDK's models drop keys that they don't know; nothing of ours may get lost so."""
    message = {
        **MESSAGES[0],
        "quickReply": {
            "items": [
                {
                    "type": "action",
                    "action": {"type": "postback", "label": "a", "data": "b", "displayText": "c"},
                }
            ]
        },
    }
    key = str(uuid4())
    sdk.push(user.user_id, [message], retry_key=key)
    (call,) = simulator.calls.to("push")
    assert call.body["messages"] == [message]
    assert call.retry_key == key
