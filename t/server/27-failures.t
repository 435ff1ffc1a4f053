#!/usr/bin/python3
"""What may fail around a server that runs: each ends in a line that says what
is wrong, and a server that goes on."""

import os
import resource
import shutil
import signal
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator

from grpcd_test import check, command, proc, tap
from grpcd_test.frames import Frames
from grpcd_test.greeter import encode
from grpcd_test.server import Server
from grpcd_test.wait import wait_for


def greets(server: Server) -> None:
    """Fails unless a new connection is served."""
    with Frames(server.address) as client:
        client.expect_reply(client.request(encode("x")), "Hello x")


def logging_to(folder: Path) -> Server:
    """A server, not started yet, whose log is FOLDER/a."""
    server = Server(workers=2, error_log=folder / "a")
    (server.directory / "a.log").symlink_to(folder / "a")
    return server


@contextmanager
def small_disk() -> Iterator[Path]:
    """A file system of 64 kB."""
    tap.need_root()
    where = command.new_directory()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k,mode=0755", "tmpfs", str(where)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    try:
        tap.skip_unless(done.returncode == 0, f"mount: {done.stderr}")
        yield where
    finally:
        subprocess.run(["umount", "-l", str(where)], check=done.returncode == 0)
        where.rmdir()


def fill(where: Path) -> Path:
    """Writes until nothing fits any more; the file."""
    file = where / "ballast"
    with file.open("wb", buffering=0) as ballast:
        try:
            while True:
                ballast.write(bytes(512))
        except OSError:
            return file


def test_a_folder_of_logs_vanishes() -> None:
    folder = command.new_directory()
    logs, gone = folder / "logs", folder / "gone"
    logs.mkdir()
    with logging_to(logs) as server:
        logs.rename(gone)
        said = gone / "a"
        server.send(signal.SIGUSR1)
        wait_for(lambda: "the old one stays in use" in said.read_text(), "an error for USR1")
        check.contains(said.read_text(), f"cannot open error_log {logs}/a: No such file")
        server.send(signal.SIGHUP)
        wait_for(lambda: "generation 1 serves on" in said.read_text(), "an error for HUP")
        check.contains(said.read_text(), f"reload: cannot open error_log {logs}/a: No such file")
        greets(server)
        logs.mkdir()
        server.reload()
        greets(server)
    shutil.rmtree(folder)


def test_a_config_is_deleted() -> None:
    with Server(workers=2) as server:
        server.announce("reload")
        server.config_file.unlink()
        server.reload_fails()
        check.matches(server.log(), r"reload: .*grpcd\.conf.*No such file")
        greets(server)
        server.write_config()
        server.reload()


def test_a_pid_file_cannot_be_made() -> None:
    with Server(workers=2) as server:
        server.announce("reload")
        server.configure(pid_file="nowhere/grpcd.pid")
        server.reload_fails()
        check.contains(server.log(), "cannot open pid_file", "nowhere/grpcd.pid: No such file")
        greets(server)
        check.equal(server.pid_file.read_text(), f"{server.master}\n", "pid file")
        server.configure(pid_file=server.pid_file)


def test_a_disk_is_full_before_the_start() -> None:
    listener = 'listener "a" { address = "unix:a" }'
    with small_disk() as disk:
        fill(disk)
        with command.workspace(f'pid_file = "{disk}/grpcd.pid"\n{listener}\n') as directory:
            command.refused(command.run(directory), "pid_file", "No space left on device")


def test_a_disk_for_logs_is_full() -> None:
    with small_disk() as disk, logging_to(disk) as server:
        ballast = fill(disk)
        log, size = disk / "a", -1
        while log.stat().st_size != size:  # its last page may have room
            size = log.stat().st_size
            old = set(server.workers())
            server.send(signal.SIGHUP)
            server.wait_gone(old)
            greets(server)
        ballast.unlink()
        server.send(signal.SIGUSR1)
        server.wait_log(r"\d+ log lines were lost")
        server.reload()


def test_the_master_has_no_descriptor_left() -> None:
    with Server(workers=2) as server:
        before = resource.prlimit(server.master, resource.RLIMIT_NOFILE)
        server.announce("Too many open files", "reload")
        server.announce_death()
        held = len(proc.descriptors(server.master))
        resource.prlimit(server.master, resource.RLIMIT_NOFILE, (held, before[1]))
        server.reload_fails()
        check.matches(server.log(), r"reload: .*Too many open files")
        server.send(signal.SIGUSR1)
        server.wait_log("cannot open error_log|logs opened again")
        victim, other = server.workers()
        os.kill(victim, signal.SIGKILL)
        server.wait_gone({victim})
        for _ in range(8):
            greets(server)
        assert proc.alive(other), "the other worker has gone"
        resource.prlimit(server.master, resource.RLIMIT_NOFILE, before)
        wait_for(lambda: len(server.serving()) == 2, "a successor")
        server.reload()
        greets(server)


if __name__ == "__main__":
    tap.main()
