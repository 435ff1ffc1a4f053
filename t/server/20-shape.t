#!/usr/bin/python3
"""The proof of the shape: a process a CPU, each with a socket of its own."""

import grp
import os
import pwd
import signal
from contextlib import ExitStack, contextmanager
from typing import Iterator, List, Set

from grpcd_test import check, proc, tap
from grpcd_test.config import listener
from grpcd_test.frames import Frames
from grpcd_test.greeter import encode
from grpcd_test.server import Server
from grpcd_test.wait import wait_for

CPUS = sorted(os.sched_getaffinity(0))


@contextmanager
def only_cpus(cpus: Set[int]) -> Iterator[None]:
    """What is started in here may use these CPUs only."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cpus)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def masks(server: Server) -> List[Set[int]]:
    """The affinity of each worker."""
    return [proc.affinity(worker) for worker in server.workers()]


def test_one_socket_a_worker_on_one_port() -> None:
    with Server(workers=3) as server:
        inodes = {socket.inode for socket in proc.listening(server.port)}
        check.equal(len(inodes), 3, "listening sockets")
        held = [proc.socket_inodes(worker) & inodes for worker in server.workers()]
        check.equal([len(mine) for mine in held], [1, 1, 1], "sockets of each worker")
        check.equal(set().union(*held), inodes, "sockets of all workers")


def test_the_master_holds_a_duplicate_of_each() -> None:
    with Server(workers=3) as server:
        inodes = {socket.inode for socket in proc.listening(server.port)}
        assert inodes <= proc.socket_inodes(server.master), "the master lacks some"


def test_a_unix_socket_is_shared_by_all() -> None:
    with Server(listener("unix:grpcd.sock", "local"), workers=3) as server:
        tcp = {socket.inode for socket in proc.listening(server.port)}
        shared = set.intersection(
            *(proc.socket_inodes(pid) - tcp for pid in [server.master, *server.workers()])
        )
        assert shared, "no socket that all hold"


def test_auto_is_a_worker_for_each_cpu() -> None:
    with Server(workers="auto") as server:
        assert 1 <= len(server.workers()) <= len(CPUS), server.workers()


def test_each_worker_has_one_cpu_of_its_own() -> None:
    with Server(workers=len(CPUS)) as server:
        found = masks(server)
    check.equal([len(mask) for mask in found], [1] * len(CPUS), "CPUs of each worker")
    check.equal(set().union(*found), set(CPUS), "CPUs of all workers")


def test_more_workers_than_cpus_wrap_around() -> None:
    with Server(workers=len(CPUS) + 1) as server:
        found = masks(server)
    check.equal([len(mask) for mask in found], [1] * (len(CPUS) + 1), "CPUs of each worker")
    check.equal(set().union(*found), set(CPUS), "CPUs of all workers")


def test_only_allowed_cpus_are_used() -> None:
    last = CPUS[-1]
    with only_cpus({last}), Server(workers="auto") as server:
        check.equal(masks(server), [{last}], "masks")


def test_affinity_off_leaves_all_cpus() -> None:
    with Server(workers=2, cpu_affinity="off") as server:
        check.equal(masks(server), [set(CPUS)] * 2, "masks")


def test_affinity_by_list() -> None:
    last = CPUS[-1]
    with Server(workers=2, cpu_affinity=str(last)) as server:
        check.equal(masks(server), [{last}] * 2, "masks")


def test_several_workers_answer() -> None:
    with Server(workers=2) as server, ExitStack() as stack:
        before = {pid: len(proc.socket_inodes(pid)) for pid in server.workers()}
        for _ in range(30):
            client = stack.enter_context(Frames(server.address))
            client.expect_reply(client.request(encode("x")), "Hello x")
        busy = [pid for pid, count in before.items() if len(proc.socket_inodes(pid)) > count]
        check.equal(len(busy), 2, "workers with connections")


def test_workers_give_up_root() -> None:
    tap.need_root()
    with Server(workers=2) as server:
        for worker in server.workers():
            status = proc.status(worker)
            for name in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
                check.equal(int(status[name], 16), 0, name)
            check.equal(status["NoNewPrivs"], "1", "NoNewPrivs")
            check.equal(set(status["Uid"].split()) & {"0"}, set(), "Uid")
            check.equal(set(status["Gid"].split()) & {"0"}, set(), "Gid")
            check.equal(set(status["Groups"].split()) & {"0"}, set(), "Groups")


def test_workers_are_the_user_that_the_config_names() -> None:
    tap.need_root()
    with Server(user="daemon", group="mail") as server:
        status = proc.status(server.workers()[0])
        check.equal(status["Uid"].split(), [str(pwd.getpwnam("daemon").pw_uid)] * 4, "Uid")
        check.equal(status["Gid"].split(), [str(grp.getgrnam("mail").gr_gid)] * 4, "Gid")


def test_children_hold_no_foreign_descriptor() -> None:
    ours, theirs = os.pipe()
    with os.fdopen(ours), os.fdopen(theirs, "w"):
        with Server(workers=2, pass_fds=[theirs]) as server:
            foreign = os.readlink(f"/proc/self/fd/{theirs}")
            for worker in server.workers():
                held = proc.descriptors(worker).values()
                assert foreign not in held, "the starter's pipe is held"
                files = {path for path in held if str(server.directory) in path}
                assert files <= {str(server.directory / "stderr")}, files


def test_workers_hold_nothing_of_each_other() -> None:
    with Server(workers=3) as server:
        held = [proc.socket_inodes(worker) for worker in server.workers()]
        for number, mine in enumerate(held):
            for other in held[:number]:
                check.equal(mine & other, set(), "sockets of two workers")


def test_a_respawn_takes_over_its_slots_socket() -> None:
    with Server(workers=2) as server:
        server.announce_death()
        sockets = {socket.inode for socket in proc.listening(server.port)}
        victim, other = server.workers()
        mine = proc.socket_inodes(victim) & sockets
        os.kill(victim, signal.SIGKILL)
        (heir,) = wait_for(lambda: set(server.workers()) - {victim, other}, "an heir")
        wait_for(lambda: mine <= proc.socket_inodes(heir), "the socket in the heir")
        now = {socket.inode for socket in proc.listening(server.port)}
        check.equal(now, sockets, "listening sockets")


if __name__ == "__main__":
    tap.main()
