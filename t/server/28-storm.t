#!/usr/bin/python3
"""A storm: reloads, deaths of workers, rotated logs, workers sent away and
back, at random, under constant load from stock clients.  Nothing is lost but
what a killed worker had in hand.

GRPCD_TEST_SEED=N repeats the order of events.
"""

import os
import random
import signal
import time
from collections import Counter
from typing import Dict, List

from grpcd_test import check, proc, tap
from grpcd_test.load import Load, Outcome
from grpcd_test.server import Server, kill
from grpcd_test.tap import diagnose
from grpcd_test.wait import LIMIT, scaled, wait_for

SECONDS = scaled(60, least=15)
WORKERS = 3
SEED = int(os.environ.get("GRPCD_TEST_SEED") or random.randrange(1 << 32))

# How long after a death a client may learn of it.
AFTERMATH = 5.0


def held(pid: int) -> "Counter[str]":
    """How many descriptors of each kind a process has."""
    return Counter(text.partition(":")[0] for text in proc.descriptors(pid).values())


class Storm:
    """What happens to a server, and when."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.random = random.Random(SEED)
        self.count: "Counter[str]" = Counter()
        self.deaths: List[float] = []

    def blow(self, seconds: float) -> None:
        """One event after the other."""
        events = [self.reload] * 4 + [self.kill] * 2 + [self.rotate] * 3 + [self.rest]
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            event = self.random.choice(events)
            self.count[event.__name__] += 1
            event()
            time.sleep(self.random.random() * 0.4)

    def reload(self) -> None:
        """HUP, perhaps while another reload runs."""
        self.server.send(signal.SIGHUP)

    def kill(self) -> None:
        """The death of a worker that serves."""
        workers = self.server.status()["workers"]
        pids = [worker["pid"] for worker in workers if worker["state"] == "serving"]
        if len(pids) == WORKERS:
            self.deaths.append(time.time())
            kill(self.random.choice(pids))

    def rotate(self) -> None:
        """What logrotate does."""
        log = self.server.directory / "a.log"
        if log.exists():
            log.rename(self.server.directory / f"a.{self.count['rotate']}.log")
        self.server.send(signal.SIGUSR1)

    def rest(self) -> None:
        """The workers leave, and others come."""
        self.server.send(signal.SIGWINCH)
        time.sleep(self.random.random() * 0.3)
        self.server.send(signal.SIGHUP)


def expect_excused(outcome: Outcome, deaths: List[float]) -> None:
    """Fails unless each failure follows the death of a worker, and each death
    cost the client one call, since it makes one at a time."""
    times = [float(failure.split()[0]) for failure in outcome.failures]
    free = list(deaths)
    for at in times:
        causes = [death for death in free if death <= at <= death + AFTERMATH]
        assert causes, f"{outcome.kind}: {outcome.failures}"
        free.remove(causes[0])
    assert outcome.slowest < LIMIT, f"{outcome.kind}: a call took {outcome.slowest:.1f} s"


def calm(server: Server) -> List[int]:
    """Waits until all is as it was before; the workers."""
    server.send(signal.SIGHUP)
    wait_for(lambda: states(server) == {"serving": WORKERS}, "all workers")
    server.reload()
    server.wait_workers(WORKERS)
    return server.workers()


def states(server: Server) -> Dict[str, int]:
    """How many workers are in which state."""
    return Counter(worker["state"] for worker in server.status()["workers"])


def no_zombie(server: Server) -> None:
    """Fails if the master has a dead child that it did not wait for."""
    children = (
        proc.PROC / str(server.master) / "task" / str(server.master) / "children"
    ).read_text()
    check.equal(len(children.split()), WORKERS, "children of the master, the dead too")


@tap.limit(SECONDS + 60)
def test_a_storm() -> None:
    with Server(workers=WORKERS, error_log="a.log", max_old_generations=64) as server:
        server.announce_death()
        server.announce(r"reload: worker \d was killed", r"reload failed")
        before, worker_before = held(server.master), held(server.workers()[0])
        storm = Storm(server)
        diagnose(f"GRPCD_TEST_SEED={SEED}")
        with Load(server.address, long=2, fresh=1, server=1, bidi=2, raw=1) as load:
            storm.blow(SECONDS)
            workers = calm(server)
        diagnose(f"{dict(storm.count)}, {len(storm.deaths)} deaths")
        diagnose(f"{load.calls} calls, {len(load.failures)} of them lost with their worker")
        diagnose(f"the slowest took {max(outcome.slowest for outcome in load.outcomes):.2f} s")
        for outcome in load.outcomes:
            expect_excused(outcome, storm.deaths)
        counted = sum(worker["calls_total"] for worker in server.status()["workers"])
        made = load.calls
        assert made - len(load.failures) <= counted <= made, f"{counted} of {made} calls counted"
        no_zombie(server)
        wait_for(lambda: held(server.master) == before, "the master's descriptors as before")
        wait_for(
            lambda: all(held(worker) == worker_before for worker in workers),
            "the workers' descriptors as ever",
        )


if __name__ == "__main__":
    tap.main()
