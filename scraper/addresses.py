"""Where a connection may go, and until when: a page must not send us to a machine behind our own walls.

The check happens where the connection is made, on the very address that is then connected to: checking the name
beforehand would leave a moment in which it can be pointed elsewhere.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, wait
from contextlib import suppress
from functools import partial
from typing import TypeVar

import httpcore

GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
# Ranges that `is_global` calls global although they lead to, or may lead to, addresses that are not: 6to4 and its
# relays, Teredo. NAT64, IPv4-mapped and IPv4-compatible addresses lie outside 2000::/3.
TUNNELS = tuple(ipaddress.ip_network(block) for block in ("2002::/16", "2001::/32", "192.88.99.0/24"))
# Where a shop of one's own may stand.
OWN = tuple(
    ipaddress.ip_network(block)
    for block in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7")
)
KEYS_OF_CLOUDS = (ipaddress.ip_address("fd00:ec2::254"), ipaddress.ip_address("fd20:ce::254"))

LOOK_UP_EVERY_S = 1.0

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
Done = TypeVar("Done")
SocketOption = tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]


class AddressRefusedError(Exception):
    """A host that leads to a private, local or otherwise special address."""


def is_public(address: str) -> bool:
    """Whether an IP address (any notation that getaddrinfo gives) belongs to the public internet."""
    try:
        parsed: IPAddress = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    if mapped is not None:
        parsed = mapped
    if any(parsed in tunnel for tunnel in TUNNELS if tunnel.version == parsed.version):
        return False
    if parsed.version == 6 and parsed not in GLOBAL_UNICAST:
        return False
    return parsed.is_global and not parsed.is_multicast and not parsed.is_reserved


def is_own(address: str) -> bool:
    """Whether an IP address is of this machine or of a private network such as a house has: where a shop of one's own
    may stand. Those where clouds keep their keys (169.254.169.254, fd00:ec2::254) are not, however they are written."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None) or parsed
    return mapped not in KEYS_OF_CLOUDS and any(
        mapped in network for network in OWN if network.version == mapped.version
    )


class Deadline(threading.local):
    """The moment at which the exchange of the running thread must be over, in seconds of time.monotonic().

    `while_waiting` is called about every second of the exchange; what it raises ends it.
    """

    def __init__(self) -> None:
        self.at = float("inf")
        self.while_waiting: Callable[[], None] = lambda: None
        self._looked_up_at = 0.0

    def start(self, seconds: float) -> None:
        """Let the exchange that begins now take `seconds`."""
        self._looked_up_at = time.monotonic()
        self.at = self._looked_up_at + seconds

    def look_up(self) -> None:
        """Call `while_waiting` where the last time is a second ago: also while a shop sends a byte now and then."""
        if time.monotonic() - self._looked_up_at >= LOOK_UP_EVERY_S:
            self._looked_up_at = time.monotonic()
            self.while_waiting()

    def awaited(self, work: Callable[[], Done], seconds: float, drop: Callable[[Done], None]) -> Done:
        """What `work` comes to; ConnectTimeout where that takes longer than `seconds`.

        It is for what cannot be told to hurry: that is done in a thread of its own, which is left behind when it is
        late or nobody wants it any more. What comes of it then goes to `drop`.
        """
        future: Future[Done] = Future()

        def do() -> None:
            try:
                future.set_result(work())
            except Exception as error:
                future.set_exception(error)

        over_at = time.monotonic() + seconds
        threading.Thread(target=do, daemon=True, name="connecting").start()
        try:
            while (left := over_at - time.monotonic()) > 0:
                self.look_up()
                if wait([future], min(left, LOOK_UP_EVERY_S)).done:
                    return future.result()
            raise httpcore.ConnectTimeout("the time is over")
        except BaseException:
            future.add_done_callback(lambda late: None if late.exception() else drop(late.result()))
            raise

    def left(self, timeout: float | None) -> float:
        """`timeout`, cut to what is left; 0 or less once the time is over."""
        remaining = self.at - time.monotonic()
        return remaining if timeout is None else min(timeout, remaining)


class GuardedBackend(httpcore.SyncBackend):
    """Connects for httpcore, only to public addresses; to our own too for hosts that `is_trusted(host, port)` allows.

    httpx's timeouts count from one piece of the answer to the next, so a shop that sends a byte now and then is
    never late; streams made here also keep to `deadline`, for headers and body alike.
    """

    def __init__(self, is_trusted: Callable[[str, int], bool], deadline: Deadline) -> None:
        self._is_trusted = is_trusted
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SocketOption] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address of `host` that answers; AddressRefusedError if any of them is not public."""
        connect = super().connect_tcp
        addresses = self._resolve(host, port, self._time_left(timeout))
        is_trusted = self._is_trusted(host, port)
        for address in addresses:
            if not (is_public(address) or (is_trusted and is_own(address))):
                raise AddressRefusedError(f"{host} leads to {address}, which is not on the public internet")
        failure: httpcore.ConnectError | httpcore.ConnectTimeout = httpcore.ConnectError(f"{host} has no address")
        for address in addresses:
            seconds = self._time_left(timeout)
            try:
                work = partial(connect, address, port, seconds, local_address, socket_options)
                stream = self._deadline.awaited(work, seconds, lambda late: late.close())
                return DeadlineStream(stream, self._deadline)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    def _resolve(self, host: str, port: int, seconds: float) -> list[str]:
        """Every address of a name, each once; ConnectError for one that has none, ConnectTimeout when it is late."""
        try:
            entries = self._deadline.awaited(
                partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM), seconds, lambda late: None
            )
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"the name {host} cannot be resolved") from error
        return list(dict.fromkeys(str(entry[4][0]) for entry in entries))

    def _time_left(self, timeout: float | None) -> float:
        left = self._deadline.left(timeout)
        if left <= 0:
            raise httpcore.ConnectTimeout("the time is over")
        return left


class DeadlineStream(httpcore.NetworkStream):
    """A connection whose reads and writes end with the deadline."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """At most `max_bytes`; httpcore.ReadTimeout when the time is over."""
        over_at = time.monotonic() + self._deadline.left(timeout)
        while (left := over_at - time.monotonic()) > 0:
            self._deadline.look_up()
            with suppress(httpcore.ReadTimeout):
                return self._stream.read(max_bytes, min(left, LOOK_UP_EVERY_S))
        raise httpcore.ReadTimeout("the time is over")

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send `buffer`; httpcore.WriteTimeout when the time is over."""
        left = self._deadline.left(timeout)
        if left <= 0:
            raise httpcore.WriteTimeout("the time is over")
        self._stream.write(buffer, left)

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()

    def start_tls(self, ssl_context, server_hostname=None, timeout=None):  # type: ignore[no-untyped-def]
        """The same connection, encrypted and still under the deadline."""
        seconds = self._deadline.left(timeout)
        work = partial(self._stream.start_tls, ssl_context, server_hostname, seconds)
        return DeadlineStream(self._deadline.awaited(work, seconds, lambda late: late.close()), self._deadline)

    def get_extra_info(self, info: str) -> object:
        """Whatever the connection below says."""
        return self._stream.get_extra_info(info)
