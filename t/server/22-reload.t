#!/usr/bin/python3
"""Reload: the new generation serves before the old one leaves, and an error
on the way changes nothing."""

import signal
from collections import Counter
from contextlib import ExitStack

from grpcd_test import check, greeter, proc, tap
from grpcd_test.config import listener
from grpcd_test.frames import Frames, framed
from grpcd_test.greeter import encode
from grpcd_test.ports import free_port
from grpcd_test.server import Server
from grpcd_test.wait import wait_for


def greets(server: Server, text: str = "Hello x") -> None:
    """Fails unless a new connection is greeted so."""
    with Frames(server.address) as client:
        client.expect_reply(client.request(encode("x")), text)


def held(server: Server) -> Counter[str]:
    """How many descriptors of each kind the master has."""
    texts = proc.descriptors(server.master).values()
    return Counter(text.partition(":")[0] for text in texts)


def inodes(port: int) -> "set[int]":
    """The sockets that listen on a port."""
    return {socket.inode for socket in proc.listening(port)}


def wait_sockets(server: Server, count: int) -> None:
    """Waits until so many sockets listen."""
    wait_for(lambda: len(inodes(server.port)) == count, f"{count} sockets")


def test_new_workers_take_over_the_sockets() -> None:
    with Server(workers=2) as server:
        old, sockets = server.workers(), inodes(server.port)
        new = server.reload()
        check.equal(len(new), 2, "new workers")
        server.wait_gone(set(old))
        check.equal(inodes(server.port), sockets, "sockets")
        greets(server)


def test_the_new_config_counts() -> None:
    with Server() as server:
        greets(server, "Hello x")
        server.configure(greeter={"greeting": "Ahoy"})
        server.reload()
        server.wait_workers(1)
        greets(server, "Ahoy x")


def test_a_call_of_the_old_generation_ends_well() -> None:
    with Server() as server:
        old = server.workers()
        with Frames(server.address) as client:
            stream = client.open()
            client.expect_alive()
            server.reload()
            greets(server)
            assert proc.alive(old[0]), "the old worker did not wait"
            client.data(stream, framed(encode("old")), end=True)
            client.expect_reply(stream, "Hello old")
            client.expect_closed()
        server.wait_gone(set(old))


def test_a_broken_config_changes_nothing() -> None:
    with Server(workers=2) as server:
        before, descriptors = server.workers(), held(server)
        server.announce(r"grpcd\.conf:1: ", "reload")
        for text in ("wrokers = 3\n", "", "listener {{{\n", "\0"):
            server.write_config(text or "\n")
            server.reload_fails()
            check.equal(server.workers(), before, "workers")
            greets(server)
        check.equal(held(server), descriptors, "descriptors of the master")
        server.write_config()
        check.equal(len(server.reload()), 2, "new workers")


def test_a_services_fault_changes_nothing() -> None:
    with Server() as server:
        before = server.workers()
        server.announce("greetin", "reload")
        server.configure(greeter={"greetin": "Ahoy"})
        server.reload_fails()
        check.contains(server.log(), "greeting")
        check.equal(server.workers(), before, "workers")
        greets(server)


def test_a_listener_in_use_changes_nothing() -> None:
    with Server() as server, Server() as other:
        before = server.workers()
        server.announce("in use", "reload")
        server.configure(listener(other.address, "more"))
        server.reload_fails()
        check.contains(server.log(), other.address)
        check.equal(server.workers(), before, "workers")
        greets(server)
        greets(other)


def test_a_missing_config_changes_nothing() -> None:
    with Server() as server:
        before = server.workers()
        server.announce("No such file", "reload")
        server.config_file.unlink()
        server.reload_fails()
        check.equal(server.workers(), before, "workers")
        greets(server)


def test_the_number_of_workers_changes() -> None:
    with Server(workers=2) as server:
        for count in (3, 1, 2):
            old = set(server.workers())
            server.configure(workers=count)
            check.equal(len(server.reload()), count, "new workers")
            server.wait_gone(old)
            check.equal(len(server.workers()), count, "workers")
            wait_sockets(server, count)
            for _ in range(10):
                greets(server)


def test_listeners_come_and_go() -> None:
    port = free_port()
    with Server(workers=2) as server:
        server.configure(listener(f"127.0.0.1:{port}", "more"))
        server.reload()
        with Frames(f"127.0.0.1:{port}") as client:
            client.expect_reply(client.request(encode("x")), "Hello x")
        server.configure({})
        server.reload()
        wait_for(lambda: not proc.listening(port), "the end of the second listener")
        greets(server)


def test_unix_listeners_come_and_go() -> None:
    with Server() as server:
        path = server.directory / "grpcd.sock"
        server.configure(listener(f"unix:{path}", "local"))
        server.reload()
        with greeter.at(f"unix:{path}") as client:
            check.equal(client.hello(), "Hello world")
        server.reload()
        with greeter.at(f"unix:{path}") as client:
            check.equal(client.hello(), "Hello world")
        server.configure({})
        server.reload()
        wait_for(lambda: not path.exists(), "the end of the socket's file")


def test_a_listener_may_be_renamed() -> None:
    with Server(
        text='listener "a" { address = "127.0.0.1:{port}" }\n'
        'service "helloworld.Greeter" { }\nworkers = 2\n'
    ) as server:
        sockets = inodes(server.port)
        server.write_config((server.text or "").replace('"a"', '"b"'))
        server.reload()
        check.equal(inodes(server.port), sockets, "sockets")
        greets(server)


def test_a_storm_of_hups_ends_in_order() -> None:
    with Server(workers=2) as server:
        descriptors = held(server)
        first = set(server.workers())
        for _ in range(100):
            server.send(signal.SIGHUP)
        server.wait_gone(first)
        server.wait_workers(2)
        server.reload()
        server.wait_workers(2)
        greets(server)
        wait_for(lambda: held(server) == descriptors, "the master's descriptors as before")


def test_reloads_leak_no_descriptor_and_no_memory() -> None:
    with Server(workers=2) as server:
        for _ in range(3):
            server.reload()
        server.wait_workers(2)
        descriptors, memory = held(server), proc.memory(server.master)
        for _ in range(20):
            server.reload()
        server.wait_workers(2)
        wait_for(lambda: held(server) == descriptors, "the master's descriptors as before")
        proc.check_growth(server.master, memory, 1024 * 1024)


def test_a_hup_while_reloading_is_remembered() -> None:
    with Server() as server:
        server.configure(greeter={"greeting": "One"})
        server.send(signal.SIGHUP)
        server.configure(greeter={"greeting": "Two"})
        server.send(signal.SIGHUP)

        def says_two() -> bool:
            with greeter.at(server.address) as client:
                return client.hello("x") == "Two x"

        wait_for(says_two, "the last config")


def test_a_reload_moves_the_log() -> None:
    with Server() as server:
        server.configure(error_log="new.log")
        old = set(server.workers())
        server.send(signal.SIGHUP)
        server.wait_gone(old)
        log = server.directory / "new.log"
        wait_for(lambda: log.exists() and log.read_text(), "a line in the new log")
        check.lacks(log.read_text(), "[error]", "[alert]")


def test_the_oldest_of_too_many_generations_ends_its_calls() -> None:
    with Server(graceful_timeout="1h", max_old_generations=1) as server, ExitStack() as stack:
        clients = []
        for _ in range(3):
            client = stack.enter_context(Frames(server.address))
            clients.append((client, client.open()))
            client.expect_alive()
            server.reload()
        for client, stream in clients[:2]:
            response = client.response(stream)
            check.equal(response.status, 14, "grpc-status")
            check.equal(response.trailers.get("grpc-retry-pushback-ms"), "0", "push-back")
            client.expect_closed()
        client, stream = clients[2]
        client.data(stream, framed(encode("late")), end=True)
        client.expect_reply(stream, "Hello late")
        check.equal(server.count("has to hurry"), 2, "hurried generations")


def test_quit_during_a_reload_wins() -> None:
    with Server(workers=2) as server:
        server.send(signal.SIGHUP)
        check.equal(server.stop(signal.SIGQUIT), 0, "exit status")


def test_term_during_a_reload_wins() -> None:
    with Server(workers=2) as server:
        server.send(signal.SIGHUP)
        check.equal(server.stop(signal.SIGTERM), 0, "exit status")


if __name__ == "__main__":
    tap.main()
