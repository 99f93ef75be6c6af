"""Redirects to this machine and to a cloud's key store, in every spelling we know: none may lead to a connection.

`python -m benchmarks.forbidden_addresses` prints how many were tried and what was connected to. Connections are counted
twice: at listening sockets on this machine, and by an audit hook that sees every connect of the process.
"""

from __future__ import annotations

import argparse
import ipaddress
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from benchmarks.scraper_table import Finding, report
from scraper.fetch import Fetcher, FetchError, Manners
from tests.scraper.local_shop import Reply, running_shop

LEAST_SPELLINGS = 60
FORBIDDEN = ("127.0.0.1", "169.254.169.254")
IMPATIENT = Manners(delay_s=0.0, attempts=1, first_backoff_s=0.001, most_backoff_s=0.001, exchange_s=5.0)
# Addresses that have no spelling in digits, and hosts next door.
OTHERS = (
    "localhost", "LOCALHOST", "localhost.", "LocalHost.", "0.0.0.0", "0", "127.127.127.127", "127.255.255.254",
    "[::1]", "[0:0:0:0:0:0:0:1]", "[0000::0001]", "[::]", "[fe80::1]", "[fc00::1]", "[fd00:ec2::254]", "[fec0::1]",
    "[ff02::1]", "224.0.0.1", "255.255.255.255", "10.0.0.1", "192.168.0.1", "172.16.0.1", "100.64.0.1", "198.18.0.1",
)  # fmt: skip

_watched: list[list[tuple[str, int]]] = []


def spellings(address: str) -> list[str]:
    """One IPv4 address in the ways in which a URL may write it as a host."""
    number = int(ipaddress.ip_address(address))
    a, b, c, d = address.split(".")
    numbers = [int(part) for part in (a, b, c, d)]
    high, low = f"{number >> 16:x}", f"{number & 0xFFFF:x}"
    return [
        address, f"{address}.", str(number), hex(number), hex(number).upper().replace("X", "x"), f"0{number:o}",
        f"0x{number:08X}", f"{a}.{number & 0xFFFFFF}", f"{a}.{b}.{number & 0xFFFF}",
        f"0x{number >> 24:x}.{number & 0xFFFFFF}",
        ".".join(hex(part) for part in numbers), ".".join(f"0{part:o}" for part in numbers),
        ".".join(f"000{part:o}" for part in numbers), ".".join(f"{part:03d}" for part in numbers),
        f"0x{numbers[0]:x}.0{numbers[1]:o}.{c}.{d}", f"{a}.0x{number & 0xFFFFFF:x}", str(number + 2**32),
        f"[::ffff:{address}]", f"[::ffff:{high}:{low}]", f"[0:0:0:0:0:ffff:{address}]", f"[::{address}]",
        f"[::{high}:{low}]",
        f"[64:ff9b::{address}]", f"[64:ff9b::{high}:{low}]", f"[64:ff9b:1::{high}:{low}]", f"[2002:{high}:{low}::]",
        f"[2002:{high}:{low}::1]", f"[2001:0:{high}:{low}::]", f"[::ffff:0:{address}]", f"[fe80::{high}:{low}]",
        f"shop.example%40{address}", f"shop.example:80@{address}", f"{address}%00.shop.example", f"{address}%2f",
        address.replace(".", "。"), address.replace(".", "．"), "".join(chr(0xFEE0 + ord(x)) for x in address),
        "".join(f"%{ord(x):02x}" for x in address), address.replace(".", "%2e"), f"shop.example@{address}",
        f"{a}%2e{b}.{c}.{d}",
    ]  # fmt: skip


def every_spelling() -> list[str]:
    """All hosts that are tried."""
    return list(dict.fromkeys([*(host for address in FORBIDDEN for host in spellings(address)), *OTHERS]))


@dataclass
class Outcome:
    """What came of the attempts: `refusals` are sentences, `let_through` the spellings that brought an answer,
    `connections` all that was connected to but the shop itself, `accepted` what the listening sockets saw."""

    tried: int = 0
    refusals: list[str] = field(default_factory=list)
    let_through: list[str] = field(default_factory=list)
    connections: list[tuple[str, int]] = field(default_factory=list)
    accepted: int = 0

    def __str__(self) -> str:
        connections = len(self.connections) + self.accepted
        return (
            f"{self.tried} spellings, by redirect and directly: {len(self.refusals)} refused, {connections} connections"
        )


def try_all(hosts: list[str]) -> Outcome:
    """Let a real shop redirect to each host, and ask for each directly."""
    outcome = Outcome(tried=len(hosts))
    with running_shop() as shop, traps() as (port, accepted), connections_seen() as seen, Fetcher(IMPATIENT) as fetcher:
        fetcher.trust(shop.url)
        for number, host in enumerate(hosts):
            url = f"http://{host}:{port}/latest/meta-data/"
            shop[f"/to/{number}"] = Reply(302, headers={"Location": url.encode().decode("latin-1")})
            for start in (shop.at(f"/to/{number}"), url):
                try:
                    fetcher.get(start, 1000)
                    outcome.let_through.append(start)
                except FetchError as error:
                    outcome.refusals.append(error.sentence)
        outcome.connections = [target for target in seen if target[1] != int(shop.url.rpartition(":")[2])]
        outcome.accepted = len(accepted)
    return outcome


@contextmanager
def traps() -> Iterator[tuple[int, list[object]]]:
    """Sockets that listen on one port of this machine, by IPv4 and by IPv6 where there is such; what they accepted."""
    accepted: list[object] = []
    with ExitStack() as stack:
        port = 0
        for family, address in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::1")):
            try:
                trap = stack.enter_context(socket.create_server((address, port), family=family))
            except OSError:
                continue  # a machine without IPv6
            port = trap.getsockname()[1]
            threading.Thread(target=_accept, args=(trap, accepted), daemon=True).start()
        yield port, accepted


def _accept(trap: socket.socket, accepted: list[object]) -> None:
    while True:
        try:
            connection, address = trap.accept()
        except OSError:
            return
        accepted.append(address)
        connection.close()


@contextmanager
def connections_seen() -> Iterator[list[tuple[str, int]]]:
    """Everything that this process connects to by TCP or UDP while the block runs."""
    if not _watched:
        sys.addaudithook(_watch)
    seen: list[tuple[str, int]] = []
    _watched.append(seen)
    try:
        yield seen
    finally:
        _watched.remove(seen)
        _watched.append([])  # the hook cannot be taken out again, and is put in only once


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.connect" and _watched and isinstance(arguments[1], tuple):
        _watched[-1].append((str(arguments[1][0]), int(arguments[1][1])))


def measure() -> Iterator[Finding]:
    """The row of the table."""
    outcome = try_all(every_spelling())
    opened = len(outcome.connections) + outcome.accepted
    reached = opened == 0 and not outcome.let_through and outcome.tried >= LEAST_SPELLINGS
    asked = f"{LEAST_SPELLINGS} spellings, not one connection"
    yield Finding("addresses behind our own walls, asked for by the fetcher", str(outcome), asked, reached)


def main() -> int:
    """Try all, print what came of it; 1 where anything got through."""
    return report(argparse.ArgumentParser(description="Ask for private addresses."), lambda _: measure())


if __name__ == "__main__":
    sys.exit(main())
