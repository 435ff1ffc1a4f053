#!/usr/bin/python3
"""Starting: where it listens, what stops a start, and what stays behind."""

import os
import signal
import socket
import stat
from pathlib import Path

from grpcd_test import check, command, greeter, proc, tap
from grpcd_test.command import refused
from grpcd_test.config import config, listener
from grpcd_test.ports import free_port
from grpcd_test.server import Server, kill
from grpcd_test.wait import wait_for


def greets(address: str) -> None:
    """Fails unless a stock client is greeted there."""
    with greeter.at(address) as client:
        check.equal(client.hello("start"), "Hello start", f"answer of {address}")


def has_ipv6() -> bool:
    """True where this machine can listen on ::1."""
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def test_a_client_is_greeted() -> None:
    with Server() as server:
        greets(server.address)


def test_the_greeting_is_the_services_own_directive() -> None:
    with Server(greeter={"greeting": "Ahoy"}) as server:
        with greeter.at(server.address) as client:
            check.equal(client.hello("sailor"), "Ahoy sailor")


def test_a_service_without_a_section_is_not_served() -> None:
    text = 'listener "public" { address = "127.0.0.1:{port}" }\nworkers = 1\n'
    with Server(text=text) as server, greeter.at(server.address) as client:
        try:
            client.hello()
        except greeter.grpc.RpcError as error:
            check.equal(greeter.status_of(error), greeter.grpc.StatusCode.UNIMPLEMENTED)
        else:
            raise AssertionError("it was served")


def test_the_pid_file_names_the_master() -> None:
    with Server() as server:
        check.equal(server.pid_file.read_text().strip(), str(server.master), "pid file")
        server.stop()
        assert not server.pid_file.exists(), "pid file left"


def test_titles_tell_master_from_workers() -> None:
    with Server(workers=2) as server:
        check.matches(proc.title(server.master), r"^grpcd: master")
        for worker in server.workers():
            check.matches(proc.title(worker), r"^grpcd: worker process \d")


def test_several_listeners() -> None:
    port = free_port()
    private = listener(f"127.0.0.1:{port}", "private", backlog=16)
    with Server(private, workers=2) as server:
        greets(server.address)
        greets(f"127.0.0.1:{port}")
        check.equal(len(proc.listening(port)), 2, "sockets of the second")


def test_ipv6() -> None:
    tap.skip_unless(has_ipv6(), "no IPv6 here")
    address = f"[::1]:{free_port()}"
    with Server(listener(address, "six")):
        greets(address)


def test_star_is_one_socket_for_both_families() -> None:
    tap.skip_unless(has_ipv6(), "no IPv6 here")
    port = free_port()
    with Server(listener(f"*:{port}", "all")):
        check.equal(len(proc.listening(port)), 1, "sockets of one worker")
        greets(f"127.0.0.1:{port}")
        greets(f"[::1]:{port}")


def test_a_unix_socket_is_there_while_the_server_is() -> None:
    with Server(listener("unix:grpcd.sock", "local", mode="0640"), workers=2) as server:
        path = server.directory / "grpcd.sock"
        check.equal(stat.S_IMODE(path.stat().st_mode), 0o640, "mode")
        greets(f"unix:{path}")
        server.stop()
        assert not path.exists(), "the socket's file is left"


def test_a_stale_unix_socket_is_replaced() -> None:
    server = Server(listener("unix:grpcd.sock", "local"))
    path = server.directory / "grpcd.sock"
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(path))
    with server:
        greets(f"unix:{path}")


def test_what_is_no_socket_is_not_replaced() -> None:
    with command.workspace() as directory:
        path = directory / "precious"
        path.write_text("keep me")
        text = config(listener(f"unix:{path}"))
        (directory / "grpcd.conf").write_text(text)
        refused(command.run(directory), str(path))
        check.equal(path.read_text(), "keep me")


def test_a_unix_socket_that_somebody_serves_is_kept() -> None:
    with Server(listener("unix:grpcd.sock", "local")) as server:
        path = server.directory / "grpcd.sock"
        with command.workspace(config(listener(f"unix:{path}"))) as other:
            refused(command.run(other), str(path), "in use")
        greets(f"unix:{path}")


def test_a_second_server_on_the_same_address_is_refused() -> None:
    with Server(workers=2) as server:
        with command.workspace(config(listener(server.address))) as other:
            refused(command.run(other), server.address, "in use")
        greets(server.address)


def test_a_star_clashes_with_a_narrower_address() -> None:
    with Server() as server:
        with command.workspace(config(listener(f"*:{server.port}"))) as other:
            refused(command.run(other), f"*:{server.port}", "in use")


def test_a_locked_pid_file_names_its_process() -> None:
    with Server() as server:
        text = config(listener(f"127.0.0.1:{free_port()}"), pid_file=server.pid_file)
        with command.workspace(text) as other:
            refused(command.run(other), str(server.pid_file), str(server.master))
        check.equal(server.pid_file.read_text().strip(), str(server.master), "pid file")


def test_a_stale_pid_file_stops_nobody() -> None:
    server = Server()
    server.pid_file.write_text("1\n")
    with server:
        greets(server.address)


def test_a_server_starts_again_after_kill_9() -> None:
    with Server(listener("unix:grpcd.sock", "local")) as server:
        server.kill_master()
        wait_for(lambda: not server.leftovers(), "the end of the orphans")
        server.killed = False
        server.start()
        greets(server.address)
        greets(f"unix:{server.directory}/grpcd.sock")


def test_t_counts_our_own_addresses_as_free() -> None:
    with Server(listener("unix:grpcd.sock", "local"), workers=2) as server:
        result = server.run("-t")
        check.equal(result.status, 0, f"exit status ({result.err})")
        greets(f"unix:{server.directory}/grpcd.sock")


def daemon_pid(directory: Path) -> int:
    """The master of a daemon, by its pid file."""
    return int((directory / "grpcd.pid").read_text())


def daemon_config(address: str) -> str:
    """The config of a daemon."""
    public = listener(address)
    return config(public, daemon=True, error_log="error.log", workers=1)


def test_a_daemon_leaves_its_caller_once_it_serves() -> None:
    address = f"127.0.0.1:{free_port()}"
    with command.workspace(daemon_config(address)) as directory:
        result = command.run(directory)
        check.equal(result.status, 0, f"exit status ({result.err})")
        pid = daemon_pid(directory)
        greets(address)
        assert proc.session(pid) not in (0, os.getsid(0)), "it is in our session"
        check.equal(proc.descriptors(pid)[0], "/dev/null", "standard input")
        kill(pid, signal.SIGTERM)
        wait_for(lambda: not proc.alive(pid), "the end of the daemon")
        assert not (directory / "grpcd.pid").exists(), "pid file left"
        check.lacks((directory / "error.log").read_text(), "[alert]", "[error]")


def test_a_daemon_that_cannot_start_tells_its_caller() -> None:
    with Server() as server:
        with command.workspace(daemon_config(server.address)) as directory:
            refused(command.run(directory), server.address, "in use")
            assert not (directory / "grpcd.pid").exists(), "pid file left"


def test_a_log_in_a_file() -> None:
    with Server(error_log="error.log") as server:
        greets(server.address)
        log = server.directory / "error.log"
        check.equal(stat.S_IMODE(log.stat().st_mode), 0o640, "mode")


def test_a_log_that_cannot_be_opened_stops_the_start() -> None:
    text = config(listener(f"127.0.0.1:{free_port()}"), error_log="none/error.log")
    with command.workspace(text) as directory:
        refused(command.run(directory), str(directory / "none/error.log"))


def test_s_gives_orders() -> None:
    with Server() as server:
        old = server.workers()
        check.equal(server.run("-s", "reload").status, 0, "status of -s reload")
        server.wait_gone(set(old))
        check.equal(server.run("-s", "quit").status, 0, "status of -s quit")
        check.equal(server.wait(), 0, "exit status")
    with Server() as server:
        check.equal(server.run("-s", "stop").status, 0, "status of -s stop")
        check.equal(server.wait(), 0, "exit status")


if __name__ == "__main__":
    tap.main()
