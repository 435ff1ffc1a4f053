#!/usr/bin/python3
"""More connections than may be: who is let in, and what the others are told."""

import socket
import ssl
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Event
from typing import List, Tuple

import grpc
from hyperframe.frame import GoAwayFrame

from grpcd_test import check, frames, greeter, tap, tls
from grpcd_test.config import listener
from grpcd_test.frames import Frames
from grpcd_test.greeter import encode, status_of
from grpcd_test.ports import free_port
from grpcd_test.server import Server, kill
from grpcd_test.wait import LIMIT, wait_for
from grpcd_test.wire import dial


class Crowd:
    """Many connections, each of which is let in or refused."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self.served: List[Frames] = []
        self.refused: List[Frames] = []

    def come(self, count: int, address: str, source: str = "") -> Tuple[int, int]:
        """So many come at once; how many of them are served, and refused."""
        new = [self._stack.enter_context(Frames(address, source=source)) for _ in range(count)]
        streams = [client.request(encode("x")) for client in new]
        before = len(self.served), len(self.refused)
        for client, stream in zip(new, streams):
            if self._is_served(client, stream):
                self.served.append(client)
            else:
                self.refused.append(client)
        return len(self.served) - before[0], len(self.refused) - before[1]

    @staticmethod
    def _is_served(client: Frames, stream: int) -> bool:
        try:
            client.expect_reply(stream, "Hello x")
            return True
        except frames.Closed:
            return False

    def leave(self, clients: List[Frames]) -> None:
        """These go, in the middle of nothing."""
        for client in clients:
            client.socket.close()
        clients.clear()


def connections(server: Server) -> int:
    """Those open, as the status has it."""
    return sum(worker["connections"] for worker in server.status()["workers"])


def refusals(server: Server) -> int:
    """Those refused ever."""
    return sum(worker["connections_refused"] for worker in server.status()["workers"])


def test_a_client_has_its_share_and_no_more() -> None:
    limits = {"max_connections_per_address": 10}
    with Server(workers=2, limits=limits) as server, ExitStack() as stack:
        crowd = Crowd(stack)
        check.equal(crowd.come(50, server.address), (10, 40), "of 50 of one client")
        others = crowd.come(8, server.address, source="127.0.0.2")
        check.equal(others, (8, 0), "of 8 of another")
        check.equal(connections(server), 18, "connections")
        check.equal(refusals(server), 40, "refused")
        for client in crowd.served:
            client.expect_reply(client.request(encode("y")), "Hello y")
        for client in crowd.refused:
            check.equal(client.end, "closed", "end of a refused connection")
            (goaway,) = client.seen
            assert isinstance(goaway, GoAwayFrame), goaway
            check.equal(goaway.error_code, frames.ENHANCE_YOUR_CALM, "code")
            check.equal(goaway.last_stream_id, 0, "last stream")
            check.matches(
                goaway.additional_data.decode(),
                r"^\d+ connections of its address exceed max_connections_per_address 10$",
            )
        lines = [line for line in server.log().splitlines() if "refused" in line]
        assert 0 < len(lines) < 40, lines
        check.contains(lines[0], "ipv4:127.0.0.1:", "max_connections_per_address 10; raise it")


def flood(address: str, over: Event) -> int:
    """Connects again and again, keeps what it gets; how often."""
    count = 0
    kept: List[socket.socket] = []
    while not over.is_set():
        kept.append(dial(address))
        kept[-1].sendall(frames.PREFACE)
        count += 1
        if len(kept) > 100:
            kept.pop(0).close()
    for connection in kept:
        connection.close()
    return count


def test_a_flood_of_one_client_leaves_others_alone() -> None:
    over = Event()
    limits = {"max_connections_per_address": 10, "max_connections": 20}
    with Server(
        workers=2, limits=limits
    ) as server, ThreadPoolExecutor() as pool, ExitStack() as stack:
        crowd = Crowd(stack)
        floods = [pool.submit(flood, server.address, over) for _ in range(2)]
        try:
            wait_for(lambda: refusals(server) > 100, "the flood")
            for _ in range(10):
                check.equal(crowd.come(1, server.address, "127.0.0.2"), (1, 0), "of 1")
                for client in crowd.served:
                    client.expect_reply(client.request(encode("x")), "Hello x")
        finally:
            over.set()
        assert refusals(server) < sum(done.result() for done in floods)


def test_places_come_back() -> None:
    with Server(workers=2, limits={"max_connections": 10}) as server, ExitStack() as stack:
        crowd = Crowd(stack)
        for _ in range(5):
            check.equal(crowd.come(15, server.address), (10, 5), "of 15")
            crowd.leave(crowd.served)
            wait_for(lambda: connections(server) == 0, "their end")


def test_a_dead_workers_places_come_back() -> None:
    with Server(workers=2, limits={"max_connections": 20}) as server, ExitStack() as stack:
        server.announce_death()
        crowd = Crowd(stack)
        for _ in range(2):
            check.equal(crowd.come(30, server.address), (20, 10), "of 30")
            (dead, _) = server.workers()
            kill(dead)
            server.wait_gone({dead})
            server.wait_workers(2)
            left = connections(server)
            check.equal(crowd.come(30, server.address), (20 - left, 10 + left), "after a death")
            crowd.leave(crowd.served)
            wait_for(lambda: connections(server) == 0, "their end")


def test_old_and_new_generations_count_together() -> None:
    limits = {"max_connections": 10}
    with Server(workers=2, limits=limits) as server, ExitStack() as stack:
        crowd = Crowd(stack)
        old = server.workers()
        check.equal(crowd.come(6, server.address), (6, 0), "before")
        held = [client.open() for client in crowd.served]
        for client in crowd.served:
            client.expect_alive()
        server.reload()
        check.equal(crowd.come(10, server.address), (4, 6), "after")
        for client, stream in zip(list(crowd.served), held):
            client.data(stream, frames.framed(encode("late")), end=True)
            client.expect_reply(stream, "Hello late")
            client.expect_closed()
            client.socket.close()
        server.wait_gone(set(old))
        check.equal(crowd.come(10, server.address), (6, 4), "when the old ones are gone")


def test_a_listener_has_its_own() -> None:
    port = free_port()
    inner = listener(f"127.0.0.1:{port}", name="inner", limits={"max_connections": 3})
    with Server(inner, limits={"max_connections": 8}) as server, ExitStack() as stack:
        crowd = Crowd(stack)
        check.equal(crowd.come(5, f"127.0.0.1:{port}"), (3, 2), "at the listener")
        check.contains(crowd.refused[0].seen[0].additional_data.decode(), 'of listener "inner"')
        check.equal(crowd.come(10, server.address), (5, 5), "at the other")


def test_a_unix_socket_has_no_addresses() -> None:
    with Server(limits={"max_connections_per_address": 1}) as server, ExitStack() as stack:
        path = server.directory / "here.sock"
        server.configure(listener(f"unix:{path}", name="here"))
        server.reload()
        crowd = Crowd(stack)
        check.equal(crowd.come(5, f"unix:{path}", source=""), (5, 0), "of 5")
        crowd.leave(crowd.served)


def test_over_tls_there_is_no_handshake() -> None:
    authority = tls.Authority()
    pair = authority.issue("localhost")
    with Server(tls=pair.directives, limits={"max_connections": 1}) as server:
        with tls.connect(server, authority.context(), "localhost"):
            check.equal(connections(server), 1, "connections")
            with check.raises(ssl.SSLError):
                tls.connect(server, authority.context(), "localhost")
            with authority.greeter(server) as late, check.raises(grpc.RpcError):
                late.hello("y")
        check.matches(server.log(), "connection of ipv4:.* refused: 2 connections exceed")


def test_a_stock_client_backs_off() -> None:
    with Server(limits={"max_connections": 1}) as server, Frames(server.address) as client:
        client.expect_reply(client.request(encode("x")), "Hello x")
        with greeter.at(server.address) as late:
            end = time.monotonic() + 1.5
            while time.monotonic() < end:
                try:
                    late.hello("y")
                    raise AssertionError("it was let in")
                except grpc.RpcError as error:
                    check.equal(status_of(error), grpc.StatusCode.UNAVAILABLE, "status")
        count = refusals(server)
        assert 1 <= count <= 3, f"{count} connections in 1.5 s"


def test_a_stock_client_comes_in_later() -> None:
    with Server(limits={"max_connections": 1}) as server:
        with Frames(server.address) as client, greeter.at(server.address) as late:
            client.expect_reply(client.request(encode("x")), "Hello x")
            call = late.say_hello.future("y", wait_for_ready=True, timeout=LIMIT)
            wait_for(lambda: refusals(server) > 0, "its refusal")
            client.socket.close()
            check.equal(call.result(), "Hello y", "the answer in the end")


if __name__ == "__main__":
    tap.main()
