#!/usr/bin/python3
"""A gigabyte is on offer to a client whose windows are open and who does not read:
it waits with the service, not in the memory of the server."""

import array
import fcntl
import socket
import termios

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.settings import SettingCodes

from grpcd_test import modules, proc, tap
from grpcd_test.frames import framed, request_headers
from grpcd_test.server import Server
from grpcd_test.wait import wait_for

SERVICE = "grpc.testing.TestService"
PATH = f"/{SERVICE}/StreamingOutputCall"

# A StreamingOutputCallRequest for 1,024 payloads of 1 MiB each.
GIGABYTE = b"\x12\x04\x08\x80\x80\x40" * 1024
WINDOW = 2**31 - 1
GROWTH = 8 << 20  # of the worker: a message or two, packed and unpacked


def ask(sock: socket.socket) -> None:
    """Opens both windows as far as they go, and asks for the gigabyte."""
    connection = H2Connection(H2Configuration(client_side=True))
    connection.initiate_connection()
    connection.update_settings({SettingCodes.INITIAL_WINDOW_SIZE: WINDOW})
    connection.increment_flow_control_window(WINDOW - 65535)
    connection.send_headers(1, request_headers({":path": PATH}))
    connection.send_data(1, framed(GIGABYTE), end_stream=True)
    sock.sendall(connection.data_to_send())


def waiting(sock: socket.socket) -> int:
    """Bytes that have come and were not read."""
    count = array.array("i", [0])
    fcntl.ioctl(sock, termios.FIONREAD, count)
    return count[0]


def wait_until_stuck(sock: socket.socket) -> None:
    """Waits until nothing more comes."""
    seen = [-1] * 10

    def stuck() -> bool:
        seen.append(waiting(sock))
        return seen[-1] > 0 and len(set(seen[-10:])) == 1

    wait_for(stuck, "the kernel's buffers to be full")


def drink(sock: socket.socket, count: int) -> None:
    """Reads so many bytes."""
    while count > 0:
        count -= len(sock.recv(min(count, 1 << 20)))


def test_a_gigabyte_waits_with_the_service() -> None:
    interop = modules.example("interop") / "interop.so"
    with Server(*modules.load(interop, SERVICE), send_timeout="10m") as server:
        worker = server.workers()[0]
        host, _, port = server.address.rpartition(":")
        before = proc.memory(worker)
        with socket.create_connection((host, int(port)), timeout=60) as sock:
            ask(sock)
            for _ in range(5):
                wait_until_stuck(sock)
                proc.check_growth(worker, before, GROWTH)
                drink(sock, 20 << 20)


if __name__ == "__main__":
    tap.main()
