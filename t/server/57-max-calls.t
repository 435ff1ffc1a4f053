#!/usr/bin/python3
"""max_calls: calls beyond it are refused or wait, by server, listener, service
and method, and a drain loses none that waits."""

import json
import signal
import subprocess
from typing import Any, List

import grpc
from hyperframe.frame import GoAwayFrame, WindowUpdateFrame

from grpcd_test import check, foreign, greeter, modules, tap
from grpcd_test.config import listener, service
from grpcd_test.frames import Frames, framed, request_headers
from grpcd_test.greeter import BIDI_STREAM, encode
from grpcd_test.ports import free_port
from grpcd_test.server import Server
from grpcd_test.wait import LIMIT, wait_for

DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, UNAVAILABLE = 4, 8, 14
CANCEL, REFUSED_STREAM = 8, 7
PUSH_BACK = "grpc-retry-pushback-ms"
HEALTH = "grpc.health.v1.Health"
HEALTH_PROTO = foreign.TOP_SOURCE / "proto" / "grpc" / "health" / "v1" / "health.proto"


def limited(**limits: Any) -> Server:
    """A server whose greeter has these limits."""
    return Server(greeter={"limits": limits})


def hold(client: Frames) -> int:
    """A call that stays open, and has its place."""
    stream = client.open(request_headers({":path": BIDI_STREAM}))
    client.data(stream, framed(encode("x")))
    client.wait(lambda: client.responses[stream].messages, "the first reply")
    return stream


def end(client: Frames, stream: int) -> None:
    """The end of such a call."""
    client.data(stream, end=True)
    check.equal(client.response(stream).status, 0, "status of the one before")


def room_given(client: Frames, stream: int) -> int:
    """What WINDOW_UPDATE has added to a stream's window."""
    updates = (frame for frame in client.seen if isinstance(frame, WindowUpdateFrame))
    return sum(frame.window_increment for frame in updates if frame.stream_id == stream)


def test_calls_beyond_are_refused() -> None:
    with limited(max_calls=2) as server, Frames(server.address) as client:
        held = [hold(client), hold(client)]
        refused = client.request(encode("x"))
        text = "3 calls exceed max_calls 2 of the service"
        response = client.expect_status(refused, RESOURCE_EXHAUSTED, text)
        assert 800 <= int(response.trailers[PUSH_BACK]) <= 1200, response.trailers
        end(client, held[0])
        client.expect_reply(client.request(encode("x")), "Hello x")


def test_calls_beyond_wait() -> None:
    with limited(max_calls=1, max_queued_calls=2) as server, Frames(server.address) as client:
        held = hold(client)
        waiting = [client.request(encode(name)) for name in "ab"]
        refused = client.request(encode("x"))
        client.expect_status(refused, RESOURCE_EXHAUSTED, "3 calls", "max_queued_calls 2")
        end(client, held)
        for stream, name in zip(waiting, "ab"):
            client.expect_reply(stream, f"Hello {name}")


def test_who_waits_takes_no_more_than_the_window() -> None:
    limits = {"max_calls": 1, "max_queued_calls": 1, "max_message_size": "1m"}
    with limited(**limits) as server, Frames(server.address) as client:
        held = hold(client)
        name = "n" * 200000
        raw = framed(encode(name))
        stream = client.open()
        for at in range(0, 65536, 8192):
            client.data(stream, raw[at : min(at + 8192, 65535)])
        client.expect_alive()
        check.equal(room_given(client, stream), 0, "room while it waits")
        end(client, held)
        at = 65535
        while at < len(raw):
            client.wait(lambda: 65535 + room_given(client, stream) > at, "room")
            to = min(at + 8192, 65535 + room_given(client, stream), len(raw))
            client.data(stream, raw[at:to], end=to == len(raw))
            at = to
        client.expect_reply(stream, f"Hello {name}")


def test_ways_out_of_the_queue() -> None:
    limits = {"max_calls": 1, "max_queued_calls": 3, "queue_timeout": "400ms"}
    with limited(**limits) as server, Frames(server.address) as client:
        hold(client)
        cancelled = client.request(encode("x"))
        client.reset(cancelled, CANCEL)
        timely = client.open(request_headers({"grpc-timeout": "100m"}))
        late = client.request(encode("x"))
        client.expect_status(timely, DEADLINE_EXCEEDED, "in the queue", "max_calls 1")
        response = client.expect_status(late, RESOURCE_EXHAUSTED, "queue_timeout 400ms")
        assert int(response.trailers[PUSH_BACK]) > 0, response.trailers
        server.wait_log("refuses calls: max_calls 1 of the service helloworld.Greeter; raise it")


def test_health_is_not_of_the_top() -> None:
    own = service(HEALTH, limits={"max_calls": 0})
    with Server(service(), own, limits={"max_calls": 1}) as server:
        with Frames(server.address) as client:
            hold(client)
            client.expect_status(client.request(encode("x")), RESOURCE_EXHAUSTED, "the server")
            with modules.client(server.address, HEALTH_PROTO, "Health") as health:
                request = modules.messages(HEALTH_PROTO).HealthCheckRequest(service="")
                check.equal(health.Check(request, timeout=LIMIT).status, 1, "state")


def test_a_watch_takes_no_place() -> None:
    with Server(service(), service(HEALTH), limits={"max_calls": 1}) as server:
        with modules.client(server.address, HEALTH_PROTO, "Health") as health:
            request = modules.messages(HEALTH_PROTO).HealthCheckRequest(service="")
            streams = [health.Watch(request, timeout=LIMIT) for _ in range(3)]
            check.equal([next(stream).status for stream in streams], [1, 1, 1], "states")
            with greeter.at(server.address) as client:
                check.equal(client.hello("x"), "Hello x", "greeting")
            for stream in streams:
                stream.cancel()


def test_a_listener_has_its_own() -> None:
    port = free_port()
    other = listener(f"127.0.0.1:{port}", "other", limits={"max_calls": 1})
    with Server(service(), other) as server:
        with Frames(f"127.0.0.1:{port}") as client, Frames(server.address) as public:
            hold(client)
            refused = client.request(encode("x"))
            client.expect_status(refused, RESOURCE_EXHAUSTED, "max_calls 1 of the listener")
            public.expect_reply(public.request(encode("x")), "Hello x")


def calls(server: Server) -> int:
    """Calls begun."""
    return sum(worker["calls_total"] for worker in server.status()["workers"])


def hellos(server: Server, n: int) -> List[Any]:
    """Calls of a stock client that wait."""
    channel = grpc.insecure_channel(server.address)
    call = channel.unary_unary(greeter.SAY_HELLO)
    made = [call.future(encode(str(i)), timeout=LIMIT) for i in range(n)]
    wait_for(lambda: calls(server) == n + 1, "the queue")
    return made


# Tries again after a minute, unless it is told otherwise.
PATIENT = {
    "methodConfig": [
        {
            "name": [{}],
            "retryPolicy": {
                "maxAttempts": 5,
                "initialBackoff": "60s",
                "maxBackoff": "60s",
                "backoffMultiplier": 1,
                "retryableStatusCodes": ["RESOURCE_EXHAUSTED"],
            },
        }
    ]
}


def try_again(server: Server, message: bytes) -> Any:
    """A call of a stock client that tries again."""
    options = [("grpc.service_config", json.dumps(PATIENT)), ("grpc.enable_retries", 1)]
    channel = grpc.insecure_channel(server.address, options=options)
    return channel.unary_unary(greeter.SAY_HELLO).future(message, timeout=LIMIT)


def test_stock_clients_try_again_when_told() -> None:
    limits = {"max_calls": 1, "retry_pushback": "100ms"}
    with limited(**limits) as server, Frames(server.address) as client:
        held = hold(client)
        future = try_again(server, encode("x"))
        wait_for(lambda: calls(server) >= 3, "another attempt")
        end(client, held)
        check.equal(greeter.decode(future.result()), "Hello x", "greeting")


def test_stock_clients_do_not_when_it_is_of_no_use() -> None:
    with limited(max_message_size=10) as server:
        try:
            try_again(server, encode("n" * 100)).result()
        except grpc.RpcError as error:
            status = greeter.status_of(error)
            check.equal(status, grpc.StatusCode.RESOURCE_EXHAUSTED, "status")
        else:
            raise AssertionError("a message that is too large")
        check.equal(calls(server), 1, "attempts")


def test_a_drain_lets_the_queue_go_on() -> None:
    with limited(max_calls=1, max_queued_calls=9) as server:
        with Frames(server.address) as client:
            held = hold(client)
            made = hellos(server, 5)
            server.send(signal.SIGQUIT)
            client.expect_frame(GoAwayFrame)
            end(client, held)
        for i, future in enumerate(made):
            check.equal(greeter.decode(future.result()), f"Hello {i}", "greeting")
        check.equal(server.wait(), 0, "exit status")


def test_who_waits_at_the_end_of_a_drain_is_told_that_nobody_has_heard() -> None:
    limits = {"max_calls": 1, "max_queued_calls": 9}
    with Server(greeter={"limits": limits}, graceful_timeout="100ms") as server:
        with Frames(server.address) as client:
            held, waits = hold(client), client.request(encode("x"))
            client.expect_alive()
            server.reload()
            client.expect_reset(waits, REFUSED_STREAM)
            check.equal(client.response(held).status, UNAVAILABLE, "status of the one before")


def test_grpc_go_tries_such_a_call_again() -> None:
    program = foreign.go_program("greeter")
    limits = {"max_calls": 1, "max_queued_calls": 9}
    with Server(greeter={"limits": limits}, graceful_timeout="100ms") as server:
        with Frames(server.address) as client:
            hold(client)
            command = (program, "-address", server.address, "unary")
            with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as running:
                wait_for(lambda: calls(server) == 2, "its call")
                server.reload()
                told = running.communicate(timeout=LIMIT)[1]
            check.equal((running.returncode, told), (0, ""), "its exit")


if __name__ == "__main__":
    tap.main()
