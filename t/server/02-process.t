#!/usr/bin/python3
"""What the kernel knows of a worker: limits, directory, umask, flags."""

import os
from pathlib import Path
from typing import Tuple

from grpcd_test import check, proc, tap
from grpcd_test.server import Server


def limit(pid: int, name: str) -> Tuple[str, str]:
    """The soft and the hard limit of a process."""
    for line in (proc.PROC / str(pid) / "limits").read_text().splitlines():
        if line.startswith(name):
            soft, hard = line[len(name) :].split()[:2]
            return soft, hard
    raise AssertionError(f"no limit {name}")


def test_what_a_worker_is_given() -> None:
    with Server(
        rlimit_nofile=333, rlimit_core="1m", umask="0027", working_directory="/usr", dumpable=True
    ) as server:
        worker = server.workers()[0]
        check.equal(limit(worker, "Max open files")[0], "333", "descriptors")
        check.equal(limit(worker, "Max core file size")[0], str(1024 * 1024), "core")
        check.equal(proc.status(worker)["Umask"], "0027", "umask")
        check.equal(os.readlink(proc.PROC / str(worker) / "cwd"), "/usr", "directory")
        check.matches(server.log(), r"a worker may need \d+ descriptors.* the limit is 333: raise")


def test_what_is_the_default() -> None:
    with Server(limits={"max_connections": 100}, dumpable=None) as server:
        worker = server.workers()[0]
        check.equal(limit(worker, "Max core file size")[0], "0", "core")
        check.equal(proc.status(worker)["Umask"], "0077", "umask")
        check.equal(proc.status(worker)["NoNewPrivs"], "1", "NoNewPrivs")
        owner = (proc.PROC / str(worker) / "limits").stat().st_uid
        check.equal(owner, 0, "owner of what /proc has of a process that is not dumpable")
        check.lacks(server.log(), "may need")


def test_new_privileges_where_they_are_wanted() -> None:
    before = proc.status(os.getpid())["NoNewPrivs"]
    with Server(no_new_privs=False) as server:
        check.equal(proc.status(server.workers()[0])["NoNewPrivs"], before, "NoNewPrivs")


def test_the_soft_limit_goes_up_with_the_need() -> None:
    wrapper = ["sh", "-c", 'ulimit -Sn 64; exec "$@"', "sh"]
    with Server(wrapper=wrapper, limits={"max_connections": 300}) as server:
        for pid in (server.master, server.workers()[0]):
            assert int(limit(pid, "Max open files")[0]) > 300, limit(pid, "Max open files")
        check.lacks(server.log(), "may need")


def test_a_directory_that_is_not_there_stops_the_start() -> None:
    with Server() as server:
        server.announce("reload")
        server.configure(working_directory="nowhere")
        check.contains(server.run("-t").err, "cannot enter working_directory", "/nowhere: No such")
        server.reload_fails()
        check.contains(server.log(), "cannot enter working_directory")
        assert Path(proc.PROC / str(server.workers()[0])).exists()


if __name__ == "__main__":
    tap.main()
