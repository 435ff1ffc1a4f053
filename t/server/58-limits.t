#!/usr/bin/python3
"""Each limit of calls, in each place where it may stand: at the top, in the
listener, the service, the method."""

from typing import Any, Callable, Dict, List, NamedTuple

from grpcd_test import check, tap
from grpcd_test.config import Directives, listener
from grpcd_test.frames import Frames, framed, request_headers
from grpcd_test.greeter import BIDI_STREAM, SAY_HELLO, encode
from grpcd_test.ports import free_port
from grpcd_test.response import Response
from grpcd_test.server import Server

DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, UNAVAILABLE = 4, 8, 14
PUSH_BACK = "grpc-retry-pushback-ms"


def greet(client: Frames, **fields: str) -> Response:
    """A call with a name of 5000 bytes."""
    more = {name.replace("_", "-"): text for name, text in fields.items()}
    return client.response(client.request(encode("n" * 5000), more))


def hang(client: Frames) -> Response:
    """A call of which nothing comes."""
    return client.response(client.open())


def hold(client: Frames) -> int:
    """A stream that is open: its service has answered."""
    stream = client.open(request_headers({":path": BIDI_STREAM}))
    client.data(stream, framed(encode("x")))
    client.wait(lambda: client.responses[stream].messages, "a reply")
    return stream


def stay(client: Frames) -> Response:
    """A stream that goes on."""
    return client.response(hold(client))


def crowd(client: Frames) -> Response:
    """One call more than there is a place for."""
    hold(client)
    return client.response(client.open(request_headers({":path": BIDI_STREAM})))


class Case(NamedTuple):
    """What is set, what is called, and what comes of it: its status and words of
    its text."""

    limits: Dict[str, Any]
    call: Callable[..., Response]
    status: int
    words: List[str]


CASES = [
    Case(
        {"max_message_size": 4000},
        greet,
        RESOURCE_EXHAUSTED,
        ["message of 5003 bytes exceeds max_message_size 4000"],
    ),
    Case(
        {"max_reply_size": 5000},
        greet,
        RESOURCE_EXHAUSTED,
        ["message of 5009 bytes exceeds max_reply_size 5000"],
    ),
    Case({"max_call_memory": 4096}, greet, RESOURCE_EXHAUSTED, ["max_call_memory 4096"]),
    Case({"max_deadline": "50ms"}, hang, DEADLINE_EXCEEDED, []),
    Case({"default_deadline": "50ms"}, hang, DEADLINE_EXCEEDED, []),
    Case(
        {"max_stream_age": "50ms", "max_stream_age_grace": "50ms"},
        stay,
        UNAVAILABLE,
        ["older than max_stream_age 50ms", "max_stream_age_grace 50ms is over"],
    ),
    Case({"max_calls": 1}, crowd, RESOURCE_EXHAUSTED, ["2 calls exceed max_calls 1"]),
    Case(
        {"max_calls": 1, "max_queued_calls": 1, "queue_timeout": "50ms"},
        crowd,
        RESOURCE_EXHAUSTED,
        ["queue_timeout 50ms", "max_calls 1"],
    ),
]


def places(address: str, inner: Directives) -> Dict[str, Server]:
    """For each place a server that has the limits there and nowhere else."""
    # A unary method has no age.
    paths = [BIDI_STREAM] + [SAY_HELLO] * ("max_stream_age" not in inner["limits"])
    methods = {f'method "{path}"': inner for path in paths}
    plain = listener(address, "other")
    return {
        "top": Server(plain, **inner),
        "listener": Server(listener(address, "other", **inner)),
        "service": Server(plain, greeter=inner),
        "method": Server(plain, methods),
    }


def each_place(limits: Directives, look: Callable[[Frames, str], None]) -> None:
    """Has a look at a server for each place of the limits."""
    address = f"127.0.0.1:{free_port()}"
    for place, server in places(address, {"limits": limits}).items():
        with server, Frames(address) as client:
            look(client, place)


def test_each_limit_in_each_place() -> None:
    for case in CASES:

        def refused(client: Frames, place: str, case: Case = case) -> None:
            response = case.call(client)
            check.equal(response.status, case.status, f"{case.limits}, {place}: grpc-status")
            check.contains(response.message, *case.words)

        each_place(case.limits, refused)


def test_compression_in_each_place() -> None:
    def compressed(client: Frames, place: str) -> None:
        response = greet(client, grpc_accept_encoding="gzip")
        check.equal(response.headers.get("grpc-encoding"), "gzip", place)
        assert len(response.body) < 1000, len(response.body)
        plain = greet(client)
        check.equal(plain.headers.get("grpc-encoding"), None, place)

    each_place({"compression": True}, compressed)


def test_push_back_in_each_place() -> None:
    def pushed(client: Frames, place: str) -> None:
        response = crowd(client)
        assert 4000 <= int(response.trailers[PUSH_BACK]) <= 6000, (place, response.trailers)

    each_place({"max_calls": 1, "retry_pushback": "5s"}, pushed)


def test_the_inner_one_wins() -> None:
    for outer, inner in ((10, "8m"), ("8m", 10)):
        own = {"limits": {"max_message_size": inner}}
        with Server(greeter=own, limits={"max_message_size": outer}) as server:
            with Frames(server.address) as client:
                refused = greet(client).status == RESOURCE_EXHAUSTED
                check.equal(refused, inner == 10, f"{inner} within {outer}")


def test_a_listener_is_a_ceiling() -> None:
    address = f"127.0.0.1:{free_port()}"
    tight = listener(address, "other", limits={"max_message_size": 100})
    with Server(tight, greeter={"limits": {"max_message_size": "8m"}}) as server:
        with Frames(address) as inner, Frames(server.address) as client:
            check.contains(greet(inner).message, "max_message_size 100")
            check.equal(greet(client).status, 0, "by the other listener")


def test_what_is_too_large_is_not_to_be_tried_again() -> None:
    with Server(limits={"max_message_size": 100}) as server:
        with Frames(server.address) as client:
            check.equal(greet(client).trailers[PUSH_BACK], "-1", PUSH_BACK)


if __name__ == "__main__":
    tap.main()
