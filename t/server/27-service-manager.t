#!/usr/bin/python3
"""What systemd is told, heard on a real datagram socket (sd_notify(3))."""

import os
import re
import signal
import socket
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Dict, Iterator, List

from grpcd_test import check, greeter, proc, tap
from grpcd_test.server import Server
from grpcd_test.wait import LIMIT

WATCHDOG = 2.0  # seconds; it is fed twice as often

Message = Dict[str, str]


class Manager:
    """A service manager, as far as its socket goes."""

    def __init__(self, name: str) -> None:
        """name as in NOTIFY_SOCKET."""
        self.name = name
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(name.replace("@", "\0", 1))
        self.heard: List[Message] = []

    def server(self, *words: str, **directives: Any) -> Server:
        """A server that this manager starts; words are more of its environment."""
        return Server(wrapper=["env", f"NOTIFY_SOCKET={self.name}", *words], **directives)

    def listen(self, limit: float = LIMIT) -> Message:
        """The next message."""
        self.socket.settimeout(limit)
        lines = self.socket.recv(4096).decode().splitlines()
        message = dict(line.split("=", 1) for line in lines)
        self.heard.append(message)
        return message

    def expect(self, name: str, value: str = "1") -> Message:
        """The next message that has this, whatever comes before it."""
        while True:
            message = self.listen()
            if message.get(name) == value:
                return message

    def names(self) -> List[str]:
        """The changes that it has heard of, in their order."""
        changes = ("READY", "RELOADING", "STOPPING")
        return [name for message in self.heard for name in changes if name in message]

    def starve(self) -> None:
        """Listens until the watchdog would have killed the server."""
        fed = time.monotonic()
        while time.monotonic() - fed < WATCHDOG:
            try:
                if "WATCHDOG" in self.listen(WATCHDOG / 4):
                    fed = time.monotonic()
            except socket.timeout:
                continue


@contextmanager
def manager() -> Iterator[Manager]:
    """One whose socket is a file."""
    with tempfile.TemporaryDirectory(prefix="grpcd-test-") as directory:
        made = Manager(str(Path(directory) / "notify"))
        with made.socket:
            yield made


def greets(server: Server) -> None:
    """Fails unless a stock client is greeted."""
    with greeter.at(server.address) as client:
        check.equal(client.hello("manager"), "Hello manager", "answer")


def test_ready_once_it_serves() -> None:
    with manager() as systemd, systemd.server(workers=2) as server:
        message = systemd.expect("READY")
        check.equal(message["MAINPID"], str(server.master), "MAINPID")
        check.contains(message["STATUS"], "2 of 2 workers")
        greets(server)


def test_a_name_without_a_file() -> None:
    systemd = Manager(f"@grpcd-test-{os.getpid()}")
    with systemd.socket, systemd.server():
        systemd.expect("READY")


def test_a_reload() -> None:
    with manager() as systemd, systemd.server() as server:
        systemd.expect("READY")
        before = time.clock_gettime(time.CLOCK_MONOTONIC)
        server.send(signal.SIGHUP)
        began = int(systemd.expect("RELOADING")["MONOTONIC_USEC"]) / 1e6
        assert before <= began <= time.clock_gettime(time.CLOCK_MONOTONIC), began
        check.contains(systemd.expect("READY")["STATUS"], "generation 2")
        greets(server)


def test_a_reload_that_fails() -> None:
    with manager() as systemd, systemd.server() as server:
        server.announce("reload failed", "grpcd.conf:")
        systemd.expect("READY")
        server.write_config("wrokers = 1\n")
        server.send(signal.SIGHUP)
        systemd.expect("RELOADING")
        status = systemd.expect("READY")["STATUS"]
        check.contains(status, "generation 1", "reload failed", "grpcd.conf:1: ", "wrokers")
        greets(server)


def test_the_end() -> None:
    for number in (signal.SIGQUIT, signal.SIGTERM):
        with manager() as systemd, systemd.server(graceful_timeout="7s") as server:
            systemd.expect("READY")
            server.stop(number)
            message = systemd.expect("STOPPING")
            assert int(message["EXTEND_TIMEOUT_USEC"]) > 0, message
            check.equal(systemd.names(), ["READY", "STOPPING"], "changes")


def test_no_worker_can_tell_it_anything() -> None:
    with manager() as systemd, systemd.server() as server:
        systemd.expect("READY")
        sockets = re.findall(r" 0002 \S+ +(\d+)", Path("/proc/net/unix").read_text("utf-8"))
        ours = proc.socket_inodes(server.master) & set(map(int, sockets))
        check.equal(len(ours), 1, "datagram sockets of the master")
        check.equal(proc.socket_inodes(server.workers()[0]) & ours, set(), "the worker's")


@tap.limit(40)
def test_the_watchdog_is_fed_while_all_workers_are_well() -> None:
    with manager() as systemd:
        usec = f"WATCHDOG_USEC={WATCHDOG * 1e6:.0f}"
        with systemd.server(usec, workers=2) as server:
            last = time.monotonic()
            for _ in range(4):
                systemd.expect("WATCHDOG")
                now = time.monotonic()
                assert now - last < WATCHDOG, f"{now - last:.2f} s without one"
                last = now
            victim = server.workers()[1]
            os.kill(victim, signal.SIGSTOP)
            systemd.starve()
            os.kill(victim, signal.SIGCONT)
            systemd.expect("WATCHDOG")


if __name__ == "__main__":
    tap.main()
