"""Ports that nobody else takes, neither a test beside us nor an outgoing call."""

import random
import socket
from pathlib import Path
from typing import List

# A name in the abstract namespace keeps each port ours until we end.
_held: List[socket.socket] = []


def _outgoing_from() -> int:
    """The first port that the kernel gives to outgoing connections."""
    table = Path("/proc/sys/net/ipv4/ip_local_port_range")
    return int(table.read_text(encoding="ascii").split()[0])


def _claim(port: int) -> bool:
    holder = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        holder.bind(f"\0grpcd-test-port-{port}")
    except OSError:
        holder.close()
        return False
    _held.append(holder)
    return True


def _is_free(port: int) -> bool:
    dual = socket.has_dualstack_ipv6()
    with socket.socket(socket.AF_INET6 if dual else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if dual:
            probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        try:
            probe.bind(("", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A port to listen on."""
    end = _outgoing_from()
    while True:
        port = random.randrange(max(1024, end - 16000), end)
        if _is_free(port) and _claim(port):
            return port
