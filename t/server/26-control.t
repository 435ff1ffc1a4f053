#!/usr/bin/python3
"""The control socket, and what grpcd -s asks at it: the outcome of what was
asked for, the status, and what a reload would change."""

import json
import socket
import stat
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Dict, List

from grpcd_test import check, proc, tap
from grpcd_test.config import listener
from grpcd_test.frames import Frames, framed
from grpcd_test.greeter import encode
from grpcd_test.ports import free_port
from grpcd_test.server import Server, kill
from grpcd_test.wait import wait_for


def connect(server: Server) -> socket.socket:
    """A client of the control socket that has not asked anything yet."""
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    client.settimeout(30)
    client.connect(str(server.control_socket))
    return client


def ask(server: Server, request: bytes) -> str:
    """The whole answer to the bytes of a request."""
    with connect(server) as client:
        client.sendall(request)
        answer = b""
        while more := client.recv(65536):
            answer += more
    return answer.decode()


def greet(server: Server, times: int) -> None:
    """Makes unary calls on one connection."""
    with Frames(server.address) as client:
        for _ in range(times):
            client.expect_reply(client.request(encode("x")), "Hello x")


def calls(status: Dict[str, Any]) -> int:
    """All calls that were ever counted."""
    return sum(worker["calls_total"] for worker in status["workers"])


def test_the_status_tells_each_worker() -> None:
    with Server(workers=2) as server:
        status = server.status()
        check.equal(status["master"], server.master, "master")
        check.equal(status["generation"], 1, "generation")
        assert status["uptime_s"] >= 0
        workers: List[Dict[str, Any]] = status["workers"]
        check.equal([w["slot"] for w in workers], [0, 1], "slots")
        check.equal(sorted(w["pid"] for w in workers), server.workers(), "pids")
        check.equal({w["state"] for w in workers}, {"serving"}, "states")
        for worker in workers:
            cpus = proc.affinity(worker["pid"])
            check.equal({worker["cpu"]}, cpus, "cpu")
        table = server.run("-s", "status").out
        check.contains(table, "generation 1", str(server.config_file), "serving")


def test_totals_outlive_death_and_reload() -> None:
    with Server(workers=2) as server:
        server.announce_death()
        greet(server, 20)
        check.equal(calls(server.status()), 20, "calls")
        server.reload()
        server.wait_workers(2)
        check.equal(calls(server.status()), 20, "calls after a reload")
        greet(server, 5)
        for pid in server.workers():
            kill(pid)
            server.wait_gone({pid})
        wait_for(lambda: len(server.serving()) == 2, "successors")
        status = server.status()
        check.equal(calls(status), 25, "calls after two deaths")
        check.equal([w["restarts"] for w in status["workers"]], [1, 1], "restarts")


def test_an_open_call_is_seen() -> None:
    with Server() as server:
        with Frames(server.address) as client:
            stream = client.open()
            client.expect_alive()
            worker = server.status()["workers"][0]
            check.equal(worker["connections"], 1, "connections")
            check.equal(worker["calls_open"], 1, "calls open")
            client.data(stream, framed(encode("x")), end=True)
            client.expect_reply(stream, "Hello x")


def test_the_socket_is_its_owners() -> None:
    with Server() as server:
        mode = server.control_socket.stat().st_mode
        assert stat.S_ISSOCK(mode)
        check.equal(stat.S_IMODE(mode), 0o600, "mode")
        check.equal(server.control_socket.parent, server.pid_file.parent, "place")


def test_a_reload_tells_its_outcome() -> None:
    with Server() as server:
        server.announce(r"grpcd\.conf:1: ", "reload")
        result = server.run("-s", "reload")
        check.equal(result.status, 0, "status")
        check.contains(result.err, "generation 2 serves")
        server.wait_workers(1)
        server.write_config("wrokers = 1\n")
        result = server.run("-s", "reload")
        check.equal(result.status, 1, "status")
        check.contains(result.err, 'grpcd.conf:1: unknown directive "wrokers"',
                       "generation 2 serves on")
        greet(server, 1)


def test_a_reload_brings_a_removed_socket_back() -> None:
    with Server() as server:
        server.control_socket.unlink()
        server.reload()
        server.wait_workers(1)
        check.equal(server.status()["generation"], 2, "generation")


def test_a_rehearsal_changes_nothing() -> None:
    with Server(workers=1) as server:
        before = server.workers()
        server.configure(listener(f"127.0.0.1:{free_port()}", "more"), workers=3,
                         greeter={"greeting": "Ahoy"})
        result = server.run("-s", "reload", "--dry-run")
        check.equal(result.status, 0, "status")
        check.contains(result.out, "workers: 1 becomes 3", 'listener "more" is new',
                       'service "helloworld.Greeter" has other directives')
        server.write_config("wrokers = 1\n")
        result = server.run("-s", "reload", "--dry-run")
        check.equal(result.status, 1, "status")
        check.contains(result.err, "would fail", "wrokers")
        check.equal(server.workers(), before, "workers")
        check.equal(server.status()["generation"], 1, "generation")


def test_reloads_at_once_each_get_an_answer() -> None:
    with Server() as server:
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: ask(server, b"reload\n"), range(8)))
        for answer in answers:
            check.matches(answer, r"^ok generation \d+ serves")
        server.wait_workers(1)


def test_logs_are_opened_again() -> None:
    with Server(error_log="a.log") as server:
        log, moved = server.directory / "a.log", server.directory / "b.log"
        log.rename(moved)
        result = server.run("-s", "reopen")
        check.equal(result.status, 0, "status")
        assert log.exists(), "there is no new log"
        check.contains(log.read_text(), "logs opened again")
        log.unlink()
        log.mkdir()
        result = server.run("-s", "reopen")
        check.equal(result.status, 1, "status where it cannot be opened")
        check.contains(result.err, "a.log")
        log.rmdir()


def test_quit_and_stop_wait_for_the_end() -> None:
    for word in ("quit", "stop"):
        with Server() as server:
            result = server.run("-s", word)
            check.equal(result.status, 0, f"status of {word}")
            check.contains(result.err, "stopped")
            assert not server.pid_file.exists(), "the pid file is there"
            check.equal(server.wait(), 0, "status of the server")


def test_status_says_what_does_not_run() -> None:
    with Server() as server:
        check.equal(server.run("-q", "-s", "status").status, 0, "running")
        server.stop()
        check.equal(server.run("-s", "status").status, 3, "stopped")
        server.pid_file.write_text("1\n")
        check.equal(server.run("-s", "status").status, 1, "dead")
        server.pid_file.unlink()


def test_without_the_socket_a_signal_does() -> None:
    with Server(control_socket="off") as server:
        result = server.run("-s", "reload")
        check.equal(result.status, 0, "status")
        check.contains(result.err, "sends a signal")
        server.wait_log("reload done")
        server.wait_workers(1)
        check.equal(list(server.directory.glob("*.control")), [], "sockets")


def test_it_works_with_a_broken_config() -> None:
    with Server() as server:
        server.write_config("wrokers = 1\n")
        check.contains(server.run("-s", "status").out, "serving")
        check.equal(server.run("-s", "quit").status, 0, "status of quit")
        check.equal(server.wait(), 0, "status of the server")


def test_rubbish_harms_nobody() -> None:
    with Server() as server:
        for rubbish in (b"\n", b"stauts\n", b"\0\xff" * 40 + b"\n", b"x" * 5000 + b"\n",
                        b"reload --force\n"):
            check.equal(ask(server, rubbish), "error no such request\n", repr(rubbish[:9]))
        with connect(server) as silent:
            silent.sendall(b"rel")
        for request in (b"reload\n", b"status\n", b"reload --dry-run\n"):
            with connect(server) as impatient:
                impatient.sendall(request)
        server.wait_log("reload done")
        server.wait_workers(1)
        greet(server, 1)


def test_a_hundred_clients_are_answered() -> None:
    with Server() as server:
        idle = [connect(server) for _ in range(50)]
        with ThreadPoolExecutor(50) as pool:
            answers = list(pool.map(lambda _: ask(server, b"status --json\n"), range(50)))
        for answer in answers:
            check.equal(json.loads(answer.partition("\n")[0])["generation"], 1, "generation")
            assert answer.endswith("\nok\n")
        for client in idle:
            client.close()


if __name__ == "__main__":
    tap.main()
