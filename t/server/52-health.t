#!/usr/bin/python3
"""grpc.health.v1.Health: Check, List and Watch, states that services set, and what a
drain tells those who watch."""

import signal
import time
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Iterator, List

import grpc
from hyperframe.frame import GoAwayFrame

from grpcd_test import check, foreign, frames, greeter, modules, tap
from grpcd_test.config import GREETER, service
from grpcd_test.frames import Frames, framed, request_headers
from grpcd_test.greeter import status_of
from grpcd_test.server import Server
from grpcd_test.wait import LIMIT, wait_for

HEALTH = "grpc.health.v1.Health"
PROTO = foreign.TOP_SOURCE / "proto" / "grpc" / "health" / "v1" / "health.proto"
SERVING, NOT_SERVING, SERVICE_UNKNOWN = 1, 2, 3

# A greeter that serves or does not, as the name says.
MOODY = """
#include <string.h>
#include "helloworld.grpcd.h"

static void
say_hello(struct grpcd_call *call, const Helloworld__HelloRequest *req)
{
	Helloworld__HelloReply reply = HELLOWORLD__HELLO_REPLY__INIT;

	reply.message = grpcd_set_serving("helloworld.Greeter",
	    strcmp(req->name, "up") == 0) ? "set" : "not set";
	helloworld_greeter_say_hello_reply(call, &reply);
}

static const struct helloworld_greeter_ops ops = { .say_hello = say_hello };
static const struct grpcd_service moody = { HELLOWORLD_GREETER(&ops) };

GRPCD_MODULE(&moody)
"""


def moody() -> Path:
    """The module, built as a user would."""
    place = modules.directory()
    (place / "moody.c").write_text(MOODY)
    proto = foreign.TOP_SOURCE / "proto" / "helloworld.proto"
    (place / proto.name).write_text(proto.read_text())
    (place / "Makefile").write_text(
        "moody.so: moody.c helloworld.proto\n"
        "\tprotoc --grpcd_out=. helloworld.proto\n"
        "\t$(CC) -fPIC -shared -o $@ moody.c helloworld.grpcd.c helloworld.pb-c.c"
        " $$(pkg-config --cflags --libs grpcd)\n"
    )
    modules.make(place)
    return place / "moody.so"


def server(**directives: Any) -> Server:
    """A greeter with health."""
    return Server(service(), service(HEALTH), **directives)


@contextmanager
def client(address: str) -> Iterator[SimpleNamespace]:
    """The methods of health."""
    with modules.client(address, PROTO, "Health") as found:
        found.request = modules.messages(PROTO).HealthCheckRequest
        yield found


def state(health: SimpleNamespace, name: str) -> int:
    """What Check says."""
    status: int = health.Check(health.request(service=name), timeout=LIMIT).status
    return status


def watch(health: SimpleNamespace, name: str) -> Any:
    """A Watch."""
    return health.Watch(health.request(service=name), timeout=LIMIT)


def rest(stream: Any) -> List[int]:
    """The states that a Watch tells until it ends."""
    return [message.status for message in stream]


def test_what_is_served_serves() -> None:
    with server() as running, client(running.address) as health:
        for name in ("", GREETER, HEALTH):
            check.equal(state(health, name), SERVING, f"state of {name!r}")


def test_a_list_has_them_all() -> None:
    with server() as running, client(running.address) as health:
        request = modules.messages(PROTO).HealthListRequest()
        statuses = health.List(request, timeout=LIMIT).statuses
        found = {name: entry.status for name, entry in statuses.items()}
        check.equal(found, dict.fromkeys(["", GREETER, HEALTH], SERVING), "states")


def many(count: int) -> Path:
    """A module with services test.S0 and so on, of no methods."""
    one = """
static const struct grpcd_descriptor d%d = { "test.S%d", 0, 0, 0, 0 };
static const struct grpcd_service s%d = { .descriptor = &d%d };
"""
    source = "#include <grpcd.h>\n" + "".join(one % (i, i, i, i) for i in range(count))
    pointers = ", ".join(f"&s{i}" for i in range(count))
    return modules.compiled(f"{source}\nGRPCD_MODULE({pointers})\n", "many")


def test_a_list_has_an_end() -> None:
    sections = [{f'module "{many(98)}"': {}}, service(HEALTH)]
    sections += [service(f"test.S{i}") for i in range(97)]
    request = modules.messages(PROTO).HealthListRequest()
    with Server(*sections) as running, client(running.address) as health:
        check.equal(len(health.List(request, timeout=LIMIT).statuses), 100, "states")
    with Server(*sections, service("test.S97")) as running, client(running.address) as health:
        try:
            health.List(request, timeout=LIMIT)
        except grpc.RpcError as error:
            check.equal(status_of(error), grpc.StatusCode.RESOURCE_EXHAUSTED, "status of List")
            check.contains(str(error), "101 services exceed the 100 of a list")
        else:
            raise AssertionError("a list of more than 100")


def test_unknown_services() -> None:
    with server() as running, client(running.address) as health:
        try:
            state(health, "no.Such")
        except grpc.RpcError as error:
            check.equal(status_of(error), grpc.StatusCode.NOT_FOUND, "status of Check")
            check.contains(error.details(), "no.Such")  # type: ignore[attr-defined]
        else:
            raise AssertionError("Check of an unknown service succeeds")
        stream = watch(health, "no.Such")
        check.equal(next(stream).status, SERVICE_UNKNOWN, "state of Watch")
        stream.cancel()


def test_without_a_section_there_is_no_health() -> None:
    with Server(service()) as running, client(running.address) as health:
        try:
            state(health, "")
        except grpc.RpcError as error:
            check.equal(status_of(error), grpc.StatusCode.UNIMPLEMENTED, "status")
        else:
            raise AssertionError("health without a section")


def test_watchers_hear_what_a_service_says() -> None:
    sections = [*modules.load(moody(), GREETER), service(HEALTH)]
    with Server(*sections) as running, client(running.address) as health:
        with greeter.at(running.address) as moods:
            own, whole = watch(health, GREETER), watch(health, "")
            check.equal(next(own).status, SERVING, "at first")
            check.equal(next(whole).status, SERVING, "the server")
            check.equal(moods.hello("down"), "set", "answer")
            check.equal(next(own).status, NOT_SERVING, "then")
            check.equal(state(health, GREETER), NOT_SERVING, "Check")
            check.equal(state(health, ""), SERVING, "Check of the server")
            listed = health.List(modules.messages(PROTO).HealthListRequest(), timeout=LIMIT)
            check.equal(listed.statuses[GREETER].status, NOT_SERVING, "List")
            check.equal(listed.statuses[""].status, SERVING, "List of the server")
            moods.hello("down")
            moods.hello("up")
            check.equal(next(own).status, SERVING, "again")
            own.cancel()
            whole.cancel()


def test_a_drain_is_told_before_anything_stops() -> None:
    with server(drain_delay="1s") as running, client(running.address) as health:
        streams = [watch(health, name) for name in ("", GREETER)]
        for stream in streams:
            check.equal(next(stream).status, SERVING, "at first")
        running.send(signal.SIGQUIT)
        for stream in streams:
            check.equal(next(stream).status, NOT_SERVING, "then")
        # Still accepting, and still answering.
        with greeter.at(running.address) as calls, client(running.address) as late:
            check.equal(calls.hello("late"), "Hello late", "answer")
            check.equal(state(late, GREETER), NOT_SERVING, "Check")
        for stream in streams:
            check.equal(rest(stream), [], "after it")
        check.equal(running.wait(), 0, "exit status")


def test_watches_do_not_hold_up_a_drain() -> None:
    with server(graceful_timeout="300s") as running, client(running.address) as health:
        stream = watch(health, GREETER)
        check.equal(next(stream).status, SERVING, "at first")
        running.send(signal.SIGQUIT)
        check.equal(rest(stream), [NOT_SERVING], "until its end")
        check.equal(running.wait(), 0, "exit status")


def test_a_connection_that_only_watches_is_idle() -> None:
    with server(limits={"max_connection_idle": "300ms"}) as running:
        with Frames(running.address) as client:
            stream = client.open(request_headers({":path": f"/{HEALTH}/Watch"}))
            client.data(stream, framed(b""), end=True)
            client.wait(lambda: client.responses[stream].messages, "the state")
            goaway = client.expect_goaway(frames.NO_ERROR)
            check.contains(goaway.additional_data.decode(), "max_connection_idle 300ms")
            response = client.response(stream)
            check.equal(response.status, 14, f"grpc-status ({response.message})")
            check.contains(response.message, "the connection is drained")
            client.expect_closed()


def test_a_watch_beside_calls_is_no_hindrance() -> None:
    with server(limits={"max_connection_idle": "300ms"}) as running:
        with Frames(running.address) as client:
            watched = client.open(request_headers({":path": f"/{HEALTH}/Watch"}))
            client.data(watched, framed(b""), end=True)
            stream = client.open()
            end = time.monotonic() + 0.5
            while time.monotonic() < end:
                client.expect_alive()
                time.sleep(0.02)
            assert not any(isinstance(frame, GoAwayFrame) for frame in client.seen), client.seen
            client.data(stream, framed(greeter.encode("x")), end=True)
            client.expect_reply(stream, "Hello x")
            client.expect_goaway(frames.NO_ERROR)
            client.expect_closed()


def test_a_reload_moves_the_watchers_on() -> None:
    with server() as running, client(running.address) as health:
        stream = watch(health, "")
        check.equal(next(stream).status, SERVING, "at first")
        running.reload()
        check.equal(rest(stream), [NOT_SERVING], "of the old worker")
        wait_for(lambda: state(health, "") == SERVING, "the new worker")


def test_a_watch_that_memory_runs_out_for_is_forgotten() -> None:
    limits = {"max_call_memory": 8192}
    with Server(service(HEALTH), limits=limits) as server, Frames(server.address) as client:
        over = 0
        # Somewhere here all is used up by the time the watch is to be set up.
        for size in range(0, 8192, 16):
            stream = client.open(request_headers({":path": f"/{HEALTH}/Watch"}))
            client.data(stream, framed(greeter.encode("x" * size)), end=True)
            response = client.responses[stream]
            client.wait(lambda response=response: response.over or response.body, "an answer")
            over += response.over
            if response.over:
                check.equal(response.status, 8, f"grpc-status ({response.message})")
                check.contains(response.message, "max_call_memory 8192")
            else:
                client.reset(stream)
        assert 0 < over < 512, over
        server.reload()
        client.drain()
        check.equal(server.count("call that has ended"), 0, "complaints about the service")


if __name__ == "__main__":
    tap.main()
