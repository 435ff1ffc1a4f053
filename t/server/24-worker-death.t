#!/usr/bin/python3
"""A worker that dies takes with it what it had in hand, and nothing else."""

import os
import signal
from contextlib import ExitStack

from grpcd_test import check, proc, tap
from grpcd_test.frames import Frames, framed
from grpcd_test.greeter import encode
from grpcd_test.load import Load
from grpcd_test.server import Server
from grpcd_test.tap import diagnose
from grpcd_test.wait import wait_for

QUEUED = 50


def kill_one(server: Server) -> int:
    """Kills the oldest worker; it."""
    server.announce_death()
    victim = server.serving()[0]
    os.kill(victim, signal.SIGKILL)
    return victim


def wait_heir(server: Server, victim: int, count: int) -> None:
    """Waits until as many workers serve again."""
    wait_for(lambda: victim not in server.workers() and len(server.serving()) == count, "an heir")


def test_what_waited_in_the_queue_is_answered_by_the_heir() -> None:
    with Server() as server, ExitStack() as stack:
        victim = server.workers()[0]
        os.kill(victim, signal.SIGSTOP)
        wait_for(lambda: proc.state(victim) == "T", "a stopped worker")
        clients = [stack.enter_context(Frames(server.address)) for _ in range(QUEUED)]
        streams = [client.request(encode("queue")) for client in clients]
        check.equal([socket.queue for socket in proc.listening(server.port)], [QUEUED], "queue")
        kill_one(server)
        for client, stream in zip(clients, streams):
            client.expect_reply(stream, "Hello queue")


@tap.limit(40)
def test_a_death_under_load_costs_what_was_in_hand() -> None:
    with Server(workers=2) as server:
        with Load(server.address, long=2, fresh=2, raw=2) as load:
            victim = kill_one(server)
            wait_heir(server, victim, 2)
        diagnose(f"{len(load.failures)} of {load.calls} calls failed\n" + "\n".join(load.failures))
        for outcome in load.outcomes:
            assert len(outcome.failures) <= 1, f"{outcome.kind}: {outcome.failures}"


def test_the_other_worker_goes_on() -> None:
    with Server(workers=2) as server:
        other = server.workers()[1]
        victim = kill_one(server)
        wait_heir(server, victim, 2)
        assert proc.alive(other), "the other worker has gone too"


def test_a_crash_is_told_with_its_signal() -> None:
    with Server() as server:
        victim = server.workers()[0]
        server.announce_death(signal.SIGABRT)
        os.kill(victim, signal.SIGABRT)
        wait_heir(server, victim, 1)
        check.matches(server.log(), rf"{victim}.*signal {signal.SIGABRT:d}\b")


def test_nobody_waits_for_a_worker_that_keeps_dying() -> None:
    with Server(workers=2) as server, ExitStack() as stack:
        server.announce_death()
        for _ in range(3):
            [victim] = [pid for pid in server.serving() if "process 0" in proc.title(pid)]
            os.kill(victim, signal.SIGKILL)
            server.wait_gone({victim})
            server.wait_log("accepts for worker 0 meanwhile", 1)
            clients = [stack.enter_context(Frames(server.address)) for _ in range(16)]
            for client in clients:
                client.expect_reply(client.request(encode("now")), "Hello now")
            wait_heir(server, victim, 2)


def test_a_worker_that_hangs_is_replaced() -> None:
    with Server(workers=2, worker_timeout="500ms") as server:
        victim = server.workers()[0]
        server.announce(r"no heartbeat", r"does not stop", r"signal 9\b")
        os.kill(victim, signal.SIGSTOP)
        server.wait_log("had no heartbeat within worker_timeout")
        with Frames(server.address) as client:
            client.expect_reply(client.request(encode("x")), "Hello x")
        wait_heir(server, victim, 2)


def test_a_worker_that_is_told_to_quit_leaves_its_sockets_to_others() -> None:
    with Server(workers=2, graceful_timeout="1h") as server, ExitStack() as stack:
        clients = [stack.enter_context(Frames(server.address)) for _ in range(16)]
        streams = [client.open() for client in clients]
        for client in clients:
            client.expect_alive()
        os.kill(server.workers()[0], signal.SIGQUIT)
        server.wait_log("accepts for worker . meanwhile")
        for _ in range(16):
            with Frames(server.address) as client:
                client.expect_reply(client.request(encode("new")), "Hello new")
        for client, stream in zip(clients, streams):
            client.data(stream, framed(encode("late")), end=True)
            client.expect_reply(stream, "Hello late")


def test_a_stop_while_an_heir_is_awaited() -> None:
    with Server() as server:
        kill_one(server)
        check.equal(server.stop(signal.SIGQUIT), 0, "exit status")


def test_a_reload_while_an_heir_is_awaited() -> None:
    with Server() as server:
        victim = kill_one(server)
        server.reload()
        server.wait_workers(1)
        assert victim not in server.workers(), "the dead live"
        with Frames(server.address) as client:
            client.expect_reply(client.request(encode("x")), "Hello x")


def test_a_worker_that_stops_by_itself_is_replaced() -> None:
    with Server() as server:
        victim = server.workers()[0]
        server.announce(rf"\b{victim}\b")
        os.kill(victim, signal.SIGTERM)
        wait_heir(server, victim, 1)


if __name__ == "__main__":
    tap.main()
