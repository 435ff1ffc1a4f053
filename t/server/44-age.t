#!/usr/bin/python3
"""Connections that are idle, or old, are drained."""

from grpcd_test import check, frames, greeter, tap
from grpcd_test.frames import Frames, greeted, request_headers
from grpcd_test.greeter import encode
from grpcd_test.server import Server

UNAVAILABLE = 14


def expect_drained(client: Frames, why: str) -> None:
    """GOAWAY in two phases, and an end in order."""
    goaway = client.expect_goaway(frames.NO_ERROR)
    check.equal(goaway.last_stream_id, frames.LAST_POSSIBLE_STREAM, "last stream")
    check.equal(goaway.additional_data.decode(), why, "text of the first GOAWAY")
    goaway = client.expect_goaway(frames.NO_ERROR)
    check.equal(goaway.additional_data.decode(), why, "text of the last GOAWAY")
    client.expect_closed()


def test_an_idle_connection() -> None:
    with Server(limits={"max_connection_idle": "200ms"}) as server:
        with greeted(server.address) as client:
            client.expect_reply(client.request(encode("x")), "Hello x")
            expect_drained(client, "max_connection_idle 200ms is over")


def test_an_old_connection_has_its_grace() -> None:
    limits = {"max_connection_age": "300ms", "max_connection_age_grace": "300ms"}
    with Server(limits=limits) as server, greeted(server.address) as client:
        stream = client.open(request_headers({":path": greeter.BIDI_STREAM}))
        client.expect_goaway(frames.NO_ERROR)
        response = client.response(stream)
        check.equal(response.status, UNAVAILABLE, f"grpc-status ({response.message})")
        check.contains(response.message, "max_connection_age_grace")
        client.expect_closed()


def test_a_stock_client_goes_on() -> None:
    with Server(limits={"max_connection_age": "100ms"}) as server:
        with greeter.at(server.address) as client:
            for _ in range(2000):
                check.equal(client.hello("x"), "Hello x")


if __name__ == "__main__":
    tap.main()
