"""What bench/run and bench/instructions share: servers, load, where they run.

One server process on one CPU, h2load on another, both of those that this
process may use; with a single CPU they share it.
"""

import os
import resource
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time

PATH = "/helloworld.Greeter/SayHello"
REQUEST = b"\0\0\0\0\7\x0a\5world"  # HelloRequest { name: "world" } as gRPC frames it

CONFIG = """\
workers      = 1
cpu_affinity = "{cpu}"
log_level    = warn
listener "bench" {{
    address = "127.0.0.1:{port}"
    limits {{
        max_concurrent_streams = 1000
    }}
{tls}}}
service "helloworld.Greeter" {{ }}
"""

TLS = """\
    tls {
        certificate = "certs/server.pem"
        key         = "certs/server.key"
    }
"""
DEV_CERT = os.path.join(os.path.dirname(__file__), "..", "data", "grpcd-dev-cert")


def cpus():
    """The CPU of the server and that of the load."""
    usable = sorted(os.sched_getaffinity(0))
    return usable[0], usable[-1]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def allow_descriptors():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def need(*programs):
    for program in programs:
        if not shutil.which(program):
            packages = {"h2load": "nghttp2-client", "valgrind": "valgrind"}
            sys.exit(
                f"{program} is missing (Debian: apt-get install {packages[program]})"
            )


class Server:
    """A server in a directory of its own, on a free port."""

    scheme = "http"

    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="grpcd-bench-")
        os.chmod(self.directory, 0o777)  # for a worker that is nobody
        self.port = free_port()
        self.process = None

    def command(self):
        raise NotImplementedError

    def __enter__(self):
        self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.__exit__()
                sys.exit(f"{self.command()[0]} did not start")
            time.sleep(0.01)
        return self

    def answers(self):
        try:
            socket.create_connection(("127.0.0.1", self.port)).close()
        except OSError:
            return False
        return True

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.directory)

    def context(self):
        """For clients that speak TLS; None where it does not."""

    def pid(self):
        """The process that answers calls."""
        return self.process.pid

    def cpu(self):
        """CPU so far: microseconds, and clock ticks of the user and the kernel."""
        with open(f"/proc/{self.pid()}/stat", encoding="ascii") as file:
            fields = file.read().rpartition(")")[2].split()
        with open(f"/proc/{self.pid()}/schedstat", encoding="ascii") as file:
            nanoseconds = int(file.read().split()[0])
        return nanoseconds / 1000, int(fields[11]), int(fields[12])

    def memory(self):
        """Bytes of memory that are this process's alone."""
        path = f"/proc/{self.pid()}/smaps_rollup"
        with open(path, encoding="ascii") as file:
            return sum(
                int(line.split()[1]) * 1024
                for line in file
                if line.startswith(("Private_Clean", "Private_Dirty"))
            )


class Grpcd(Server):
    """grpcd with one worker."""

    name = "grpcd"
    wrapper = []

    def __init__(self, program):
        super().__init__()
        self.program = os.path.abspath(program)

    def command(self):
        config = f"{self.directory}/grpcd.conf"
        with open(config, "w", encoding="ascii") as file:
            values = {"cpu": cpus()[0], "port": self.port, "tls": self.tls()}
            file.write(CONFIG.format(**values))
        return [*self.wrapper, self.program, "-p", self.directory, "-c", config]

    def tls(self):
        """The tls section of its listener, with what that needs."""
        return ""

    def pid(self):
        master = self.process.pid
        path = f"/proc/{master}/task/{master}/children"
        with open(path, encoding="ascii") as file:
            return int(file.read().split()[0])


class GrpcdTls(Grpcd):
    """The same over TLS, with an ECDSA certificate."""

    name = "grpcd TLS"
    scheme = "https"

    def tls(self):
        certs = f"{self.directory}/certs"
        subprocess.run([DEV_CERT, certs], check=True, stdout=subprocess.DEVNULL)
        return TLS

    def context(self):
        context = ssl.create_default_context(cafile=f"{self.directory}/certs/ca.pem")
        context.set_alpn_protocols(["h2"])
        return context


class Floor(Server):
    """Canned bytes: what the kernel alone takes."""

    name = "floor"

    def __init__(self, program):
        super().__init__()
        self.program = os.path.abspath(program)

    def command(self):
        return ["taskset", "-c", str(cpus()[0]), self.program, str(self.port)]


def load(server, connections, streams, calls, log=None):
    """Makes calls with h2load, all of which must succeed; seconds that it took."""
    body = f"{server.directory}/request"
    with open(body, "wb") as file:
        file.write(REQUEST)
    command = ["taskset", "-c", str(cpus()[1]), "h2load", "-t", "1"]
    command += [f"--log-file={log}"] if log else []
    command += ["-n", str(calls), "-c", str(connections), "-m", str(streams)]
    command += ["-H", "content-type: application/grpc", "-H", "te: trailers"]
    command += ["-d", body, f"{server.scheme}://127.0.0.1:{server.port}{PATH}"]
    start = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    seconds = time.monotonic() - start
    if f"{calls} succeeded" not in done.stdout:
        sys.exit(f"calls to {server.name} failed:\n{done.stdout}{done.stderr}")
    for line in done.stdout.splitlines():
        if line.startswith("finished in"):
            seconds = duration(line.split()[2].rstrip(","))
    return seconds


def duration(text):
    """Seconds of h2load's "3.50s", "92.42ms", "17us"."""
    for unit, factor in (("us", 1e-6), ("ms", 1e-3), ("s", 1)):
        if text.endswith(unit):
            return float(text[: -len(unit)]) * factor
    raise ValueError(text)
