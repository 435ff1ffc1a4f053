"""A listener as a judge of it sees it, and what comes of its cases."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Dict, Mapping, Optional

import grpc

from grpcd_test import tap

# Of each case, what was wrong; "" where nothing was.
Outcomes = Dict[str, str]


@dataclass(frozen=True)
class Target:
    """Where to call; with TLS where there is a CA."""

    address: str
    ca: Optional[Path] = None

    @property
    def host(self) -> str:
        """The address without the port."""
        return self.address.rpartition(":")[0]

    @property
    def port(self) -> str:
        """The port of the address."""
        return self.address.rpartition(":")[2]

    def credentials(self) -> Optional[grpc.ChannelCredentials]:
        """What grpcio needs for it."""
        return grpc.ssl_channel_credentials(self.ca.read_bytes()) if self.ca else None


def outcomes(cases: Mapping[str, Callable[..., None]], *arguments: Any) -> Outcomes:
    """Runs cases, each of which raises an exception if something is wrong."""
    told = {}
    for name, case in cases.items():
        try:
            case(*arguments)
            told[name] = ""
        except tap.Overdue:
            raise
        except Exception as fault:  # pylint: disable=broad-except
            told[name] = f"{type(fault).__name__}: {fault}"
    return told
