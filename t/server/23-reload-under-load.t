#!/usr/bin/python3
"""Reloads under constant load from stock clients lose no call, hang none and
reset no connection."""

from grpcd_test import check, tap
from grpcd_test.load import Load
from grpcd_test.server import Server
from grpcd_test.tap import diagnose
from grpcd_test.wait import scaled

RELOADS = scaled(200, least=20)


def reload_often(server: Server, times: int) -> None:
    """Reloads, with at most one old generation that still drains."""
    for _ in range(times):
        old = set(server.workers()) - set(server.serving())
        server.reload()
        server.wait_gone(old)


@tap.limit(150)
def test_reloads_lose_nothing() -> None:
    with Server(workers=2, limits={"max_connections": 1000}) as server:
        with Load(server.address, long=3, fresh=2, raw=1) as load:
            reload_often(server, RELOADS)
        diagnose(f"{RELOADS} reloads, {load.calls} calls")
        load.expect_no_loss()
        check.equal(server.count(r"\[warn\]"), 0, "warnings")


@tap.limit(60)
def test_more_workers_lose_nothing() -> None:
    with Server(workers=1) as server:
        with Load(server.address, long=2, fresh=2) as load:
            for count in range(2, 6):
                server.configure(workers=count)
                server.reload()
                server.wait_workers(count)
        load.expect_no_loss()


if __name__ == "__main__":
    tap.main()
