#!/usr/bin/python3
"""Signals that end: fast, gracefully, and those that nobody ordered."""

import os
import signal

from grpcd_test import check, frames, proc, tap
from grpcd_test.frames import Frames, framed
from grpcd_test.greeter import encode
from grpcd_test.server import Server
from grpcd_test.wait import wait_for


def finish(client: Frames, stream: int) -> None:
    """Sends what an open call still lacks."""
    client.data(stream, framed(encode("late")), end=True)


def open_call(server: Server) -> "tuple[Frames, int]":
    """A connection with a call that waits for its message."""
    client = Frames(server.address)
    stream = client.open()
    client.expect_alive()
    return client, stream


def test_term_and_int_stop_at_once() -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        with Server(workers=2, graceful_timeout="1h") as server:
            client, stream = open_call(server)
            with client:
                check.equal(server.stop(number), 0, f"exit status after {number.name}")
                client.drain()
                assert client.responses[stream].over, "the call did not end"


def test_a_call_in_flight_hears_of_a_fast_stop() -> None:
    with Server(graceful_timeout="1h") as server:
        client, stream = open_call(server)
        with client:
            server.send(signal.SIGTERM)
            check.equal(client.response(stream).status, 14, "grpc-status")
            server.wait()


def test_quit_waits_for_a_call_in_flight() -> None:
    with Server(workers=2) as server:
        client, stream = open_call(server)
        with client:
            server.send(signal.SIGQUIT)
            client.expect_goaway(frames.NO_ERROR)
            assert proc.alive(server.master), "the master did not wait"
            finish(client, stream)
            client.expect_reply(stream, "Hello late")
            client.expect_closed()
        check.equal(server.wait(), 0, "exit status")


def test_quit_accepts_nobody_any_more() -> None:
    with Server(workers=2) as server:
        client, stream = open_call(server)
        with client:
            server.send(signal.SIGQUIT)
            wait_for(lambda: not proc.listening(server.port), "end of listening")
            assert not server.pid_file.exists() or proc.alive(server.master)
            finish(client, stream)
            client.expect_reply(stream, "Hello late")
        server.wait()


def test_quit_gives_up_after_graceful_timeout() -> None:
    with Server(graceful_timeout="300ms") as server:
        client, stream = open_call(server)
        with client:
            server.send(signal.SIGQUIT)
            check.equal(client.response(stream).status, 14, "grpc-status")
        check.equal(server.wait(), 0, "exit status")


def test_term_after_quit_stops_at_once() -> None:
    with Server(graceful_timeout="1h") as server:
        client, _ = open_call(server)
        with client:
            server.send(signal.SIGQUIT)
            client.expect_goaway(frames.NO_ERROR)
            check.equal(server.stop(signal.SIGTERM), 0, "exit status")


def test_term_during_the_start_stops() -> None:
    for _ in range(5):
        with Server(workers=4) as server:
            server.stop(signal.SIGTERM)


def test_workers_without_a_master_drain_and_leave() -> None:
    with Server(workers=2) as server:
        client, stream = open_call(server)
        with client:
            server.kill_master()
            client.expect_goaway(frames.NO_ERROR)
            finish(client, stream)
            client.expect_reply(stream, "Hello late")
            client.expect_closed()
        wait_for(lambda: not server.leftovers(), "the end of the workers")


def test_other_signals_harm_nobody() -> None:
    with Server(workers=2) as server:
        before = server.workers()
        for number in (signal.SIGPIPE, signal.SIGCHLD):
            server.send(number)
        for worker in before:
            os.kill(worker, signal.SIGPIPE)
            os.kill(worker, signal.SIGWINCH)
        with Frames(server.address) as client:
            client.expect_reply(client.request(encode("x")), "Hello x")
        check.equal(server.workers(), before, "workers")


def test_winch_sends_the_workers_away_and_hup_brings_them_back() -> None:
    with Server(workers=2) as server:
        client, stream = open_call(server)
        with client:
            server.send(signal.SIGWINCH)
            client.expect_goaway(frames.NO_ERROR)
            finish(client, stream)
            client.expect_reply(stream, "Hello late")
            client.expect_closed()
        server.wait_workers(0)
        assert len(proc.listening(server.port)) == 2, "the sockets went"
        with Frames(server.address) as client:
            stream = client.request(encode("patient"))
            check.equal(len(server.reload()), 2, "new workers")
            client.expect_reply(stream, "Hello patient")


def test_usr1_opens_the_logs_again() -> None:
    with Server(workers=2, error_log="a.log") as server:
        log, rotated = server.directory / "a.log", server.directory / "b"
        log.rename(rotated)
        server.send(signal.SIGUSR1)
        server.wait_log("logs opened again")
        log.rename(server.directory / "c.log")
        os.kill(server.workers()[0], signal.SIGUSR1)
        wait_for(log.exists, "a new log, since a worker asked for it")
        server.wait_log("logs opened again", 2)
        size = rotated.stat().st_size
        server.reload()
        check.equal(rotated.stat().st_size, size, "size of the old log")
        for pid in [server.master, *server.workers()]:
            held = proc.descriptors(pid).values()
            assert str(rotated) not in held, f"{pid} still holds {rotated}"


def test_a_terminals_interrupt_reaches_all_and_harms_none() -> None:
    with Server(workers=2) as server:
        os.killpg(server.master, signal.SIGINT)
        check.equal(server.wait(), 0, "exit status")


if __name__ == "__main__":
    tap.main()
