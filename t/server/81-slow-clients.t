#!/usr/bin/python3
"""Clients that are slow on purpose, or too many, are cut off; others are not."""

import socket
import time
from contextlib import ExitStack

from grpcd_test import check, proc, tap
from grpcd_test.frames import PREFACE, WIDE_WINDOW, Frames, greeted
from grpcd_test.greeter import encode
from grpcd_test.server import Server
from grpcd_test.wait import LIMIT, wait_for
from grpcd_test.wire import dial


def is_greeted(client: Frames) -> None:
    """Fails unless a call on this connection is answered."""
    client.expect_reply(client.request(encode("x")), "Hello x")


def drip(connection: socket.socket, raw: bytes) -> bool:
    """Sends byte by byte; True once the server has had enough."""
    connection.settimeout(0.05)
    end = time.monotonic() + LIMIT
    for byte in raw:
        try:
            connection.sendall(bytes([byte]))
            if connection.recv(4096) == b"" or time.monotonic() > end:
                return True
        except socket.timeout:
            continue
        except ConnectionError:
            return True
    return False


def silent(server: Server) -> Frames:
    """A client that says nothing unasked, not even that it has the SETTINGS."""
    return Frames(server.address, greet=False, acknowledge=False)


def is_told(server: Server, why: str) -> None:
    """Fails unless the log says whose connection was cut off, and why."""
    check.matches(server.log(), rf"connection of ipv4:\S+ cut off: {why}")


def test_a_preface_that_never_comes() -> None:
    with Server(preface_timeout="300ms") as server, greeted(server.address) as other:
        with silent(server) as client:
            client.drain()
        is_told(server, "no HTTP/2 preface within 300 ms")
        is_greeted(other)


def test_a_preface_that_drips() -> None:
    with Server(preface_timeout="300ms") as server, greeted(server.address) as other:
        with dial(server.address) as connection:
            assert drip(connection, PREFACE), "it was waited for"
        is_greeted(other)


def test_a_preface_without_settings_does_not_stay() -> None:
    with Server(preface_timeout="300ms") as server:
        with silent(server) as client:
            client.send_bytes(PREFACE)
            client.drain()
        is_told(server, "no HTTP/2 preface within 300 ms")


def test_a_greeted_connection_may_be_idle() -> None:
    with Server(preface_timeout="300ms", send_timeout="300ms") as server:
        with greeted(server.address) as client:
            with silent(server) as other:
                other.drain()
            is_told(server, "no HTTP/2 preface within 300 ms")
            client.expect_alive()
            is_greeted(client)


def small_buffers(server: Server) -> Frames:
    """A client whose kernel takes little before it stops the server."""
    client = Frames(server.address, greet=False)
    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
    client.greet({4: WIDE_WINDOW}, WIDE_WINDOW)
    return client


def test_a_client_that_does_not_read_is_cut_off() -> None:
    with Server(send_timeout="300ms", limits={"connection_window": "16m"}) as server:
        (worker,) = server.workers()
        with greeted(server.address) as other:
            before = len(proc.descriptors(worker))
            with small_buffers(server) as client:
                raw = encode("n" * 60000)
                for _ in range(100):
                    try:
                        client.send_message(client.open(), raw, wait=False)
                    except ConnectionError:
                        break
                wait_for(lambda: len(proc.descriptors(worker)) <= before, "the cut")
            is_told(server, "it read nothing for 300 ms")
            is_greeted(other)


def test_a_client_that_reads_slowly_is_served() -> None:
    with Server(send_timeout="2s") as server, small_buffers(server) as client:
        streams = []
        for _ in range(10):
            streams.append(client.open())
            client.send_message(streams[-1], encode("n" * 60000), wait=False)
        for stream in streams:
            check.equal(client.response(stream).status, 0, "grpc-status")


def test_max_connections() -> None:
    with Server(limits={"max_connections": 10}) as server, ExitStack() as stack:
        clients = [stack.enter_context(greeted(server.address)) for _ in range(10)]
        with Frames(server.address) as late:
            late.drain()
        for client in clients:
            is_greeted(client)
        clients[0].socket.close()

        def let_in() -> bool:
            with Frames(server.address) as client:
                try:
                    is_greeted(client)
                except (AssertionError, ConnectionError):
                    return False
            return True

        wait_for(let_in, "room for one more")


def test_a_shortage_of_descriptors_is_lived_with() -> None:
    with Server(wrapper=["prlimit", "--nofile=60:60"]) as server, ExitStack() as stack:
        server.announce("Too many open files")
        (worker,) = server.workers()
        clients = [stack.enter_context(Frames(server.address)) for _ in range(100)]
        wait_for(lambda: len(proc.descriptors(worker)) >= 58, "the shortage")
        is_greeted(clients[0])
        for client in clients:
            is_greeted(client)
            client.socket.close()


if __name__ == "__main__":
    tap.main()
