"""An authority of one's own, and clients that speak TLS.

    authority = tls.Authority()
    server = authority.issue("localhost")
    with Server(tls=server.directives) as grpcd:
        with authority.greeter(grpcd) as client:
            ...
"""

import atexit
import shutil
import socket
import ssl
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional

import grpc

from grpcd_test import command
from grpcd_test.greeter import Greeter
from grpcd_test.server import Server
from grpcd_test.wait import LIMIT, wait_for

# What `openssl ca` wants to read.
_CONFIG = """\
[ca]
default_ca = own
[own]
dir = {folder}
database = $dir/index
serial = $dir/serial
new_certs_dir = $dir
default_md = sha256
default_crl_days = 30
policy = any
unique_subject = no
copy_extensions = copy
[any]
commonName = supplied
[req]
distinguished_name = name
[name]
"""

_KEYS = {
    "ec": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
    "rsa": ["-newkey", "rsa:2048"],
    "short": ["-newkey", "rsa:1024"],
}


@dataclass
class Pair:
    """A certificate and its key."""

    certificate: Path
    key: Path

    @property
    def directives(self) -> Dict[str, Any]:
        """For a tls section."""
        return {"certificate": self.certificate, "key": self.key}


def _time(when: datetime) -> str:
    return when.strftime("%Y%m%d%H%M%SZ")


class Authority:
    """A CA in a folder of its own, for the life of the test."""

    def __init__(
        self, name: str = "test CA", above: Optional["Authority"] = None, ends: int = 60
    ) -> None:
        """Its own root, or by the authority above."""
        self.folder = command.new_directory()
        atexit.register(shutil.rmtree, self.folder, True)
        self.ca = self.folder / "ca.pem"
        self._count = 0
        (self.folder / "index").touch()
        (self.folder / "serial").write_text("1000\n")
        (self.folder / "config").write_text(_CONFIG.format(folder=self.folder))
        request = ["req", *_KEYS["ec"], "-nodes", "-keyout", "ca.key", "-subj", f"/CN={name}"]
        request += ["-addext", "keyUsage=keyCertSign,cRLSign"]
        if above:
            request += ["-config", "config", "-addext", "basicConstraints=CA:TRUE"]
            self._openssl(*request, "-new", "-out", "ca.csr")
            above.sign(self.folder / "ca.csr", self.ca, ends=ends)
        else:
            self._openssl(*request, "-x509", "-days", str(ends), "-out", "ca.pem")

    def _openssl(self, *arguments: str) -> None:
        done = subprocess.run(
            ["openssl", *arguments],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        if done.returncode:
            raise AssertionError(f"openssl {arguments}: {done.stdout.decode()}")

    def issue(
        self,
        *names: str,
        key: str = "ec",
        begins: float = -1,
        ends: float = 40,
        subject: Optional[str] = None,
    ) -> Pair:
        """A certificate of these names (URI:... is one too), which is valid
        from and to so many days from now."""
        subject = names[0] if subject is None else subject
        self._count += 1
        pair = Pair(self.folder / f"{self._count}.pem", self.folder / f"{self._count}.key")
        request = self.folder / f"{self._count}.csr"
        sans = ",".join(name if ":" in name else f"DNS:{name}" for name in names)
        self._openssl(
            *["req", "-new", *_KEYS[key], "-nodes", "-keyout", str(pair.key)],
            *["-out", str(request), "-config", "config"],
            *["-subj", f"/CN={subject.replace('/', '_')}"],
            *(["-addext", f"subjectAltName={sans}"] if sans else []),
        )
        self.sign(request, pair.certificate, begins, ends)
        return pair

    def sign(self, request: Path, out: Path, begins: float = -1, ends: float = 40) -> None:
        """Makes a certificate of a request."""
        now = datetime.now(timezone.utc)
        self._openssl(
            *["ca", "-batch", "-notext", "-config", "config", "-cert", "ca.pem"],
            *["-keyfile", "ca.key", "-in", str(request), "-out", str(out)],
            *["-startdate", _time(now + timedelta(days=begins))],
            *["-enddate", _time(now + timedelta(days=ends))],
        )

    def encrypt(self, pair: Pair) -> None:
        """Gives a key a password."""
        own = ["-in", str(pair.key), "-out", "encrypted"]
        self._openssl("pkey", *own, "-aes256", "-passout", "pass:secret")
        (self.folder / "encrypted").rename(pair.key)

    def crl(self, *revoked: Pair, begins: float = -1, ends: float = 30) -> Path:
        """A list of revocations, with these among them, which is valid from and
        to so many days from now."""
        now = datetime.now(timezone.utc)
        own = ["-config", "config", "-cert", "ca.pem", "-keyfile", "ca.key"]
        for pair in revoked:
            self._openssl("ca", *own, "-revoke", str(pair.certificate))
        own += ["-crl_lastupdate", _time(now + timedelta(days=begins))]
        own += ["-crl_nextupdate", _time(now + timedelta(days=ends))]
        self._openssl("ca", *own, "-gencrl", "-out", "crl.pem")
        return self.folder / "crl.pem"

    # Clients

    @contextmanager
    def greeter(
        self, server: Server, pair: Optional[Pair] = None, **options: Any
    ) -> Iterator[Greeter]:
        """A stock client, perhaps with a certificate of its own."""
        credentials = grpc.ssl_channel_credentials(
            self.ca.read_bytes(),
            pair.key.read_bytes() if pair else None,
            pair.certificate.read_bytes() if pair else None,
        )
        own: Dict[str, Any] = {
            "grpc.use_local_subchannel_pool": 1,
            "grpc.ssl_target_name_override": "localhost",
            **options,
        }
        with grpc.secure_channel(server.address, credentials, list(own.items())) as channel:
            yield Greeter(channel)

    def context(self, pair: Optional[Pair] = None) -> ssl.SSLContext:
        """What a bare client needs to trust us."""
        context = ssl.create_default_context(cafile=str(self.ca))
        context.set_alpn_protocols(["h2"])
        if pair:
            context.load_cert_chain(pair.certificate, pair.key)
        return context


def connect(
    server: Server,
    context: ssl.SSLContext,
    name: Optional[str] = "localhost",
    session: Optional[ssl.SSLSession] = None,
) -> ssl.SSLSocket:
    """A bare client after its handshake."""
    plain = socket.create_connection(("127.0.0.1", server.port), LIMIT)
    try:
        return context.wrap_socket(plain, server_hostname=name, session=session)
    except BaseException:
        plain.close()
        raise


def shown_names(client: ssl.SSLSocket) -> List[str]:
    """The names of the certificate that the server showed."""
    shown = client.getpeercert()
    assert shown
    return [str(name[1]) for name in shown["subjectAltName"]]


def wait_shown(server: Server, authority: Authority, name: str) -> None:
    """Waits for a certificate of that name: right after a reload a worker that
    has yet to hear of its end may take one more connection."""

    def is_shown() -> bool:
        with connect(server, authority.context()) as client:
            return name in shown_names(client)

    wait_for(is_shown, f"the certificate of {name}")


def first_bytes(connection: ssl.SSLSocket) -> bytes:
    """Begins HTTP/2 and returns what the server begins with, which is after the
    tickets of TLS 1.3; raises if it has refused our certificate."""
    connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0")
    return connection.recv(65536)
