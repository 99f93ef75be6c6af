"""A real HTTP server whose every path can be told what to answer, and that remembers what it was asked."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Reply:
    """One answer; the Content-Length is added unless `headers` hold one."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def html(cls, body: str, **headers: str) -> Reply:
        return cls(body=body.encode(), headers={"Content-Type": "text/html; charset=utf-8", **headers})


@dataclass(frozen=True)
class Asked:
    """One request as it arrived, at `at` seconds of time.monotonic(); `ended_at` is when its answer was out."""

    path: str
    headers: Mapping[str, str]
    at: float


Answerer = Callable[[Asked], "Reply | Callable[[BaseHTTPRequestHandler], None]"]


class LocalShop:
    """Tell it what to answer with `shop["/path"] = Reply(...)`, a function, or a list that is used up in turn."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.asked: list[Asked] = []
        self.thinks_s = 0.0  # how long every answer takes
        self.most_answers = math.inf  # whoever asks more often than that waits until it is more
        self._held: dict[str, threading.Event] = {}
        self._routes: dict[str, Reply | Answerer | list[Reply]] = {}
        self.otherwise: Answerer = lambda asked: Reply(404, b"nothing here")

    def __setitem__(self, path: str, reply: Reply | Answerer | list[Reply]) -> None:
        self._routes[path] = reply

    def hold(self, path: str) -> threading.Event:
        """Let whoever asks for `path` wait for the answer until the event is set."""
        return self._held.setdefault(path, threading.Event())

    def at(self, path: str) -> str:
        return f"{self.url}{path}"

    def paths(self) -> list[str]:
        """The paths asked for so far, in order, robots.txt left out."""
        return [asked.path for asked in self.asked if asked.path != "/robots.txt"]

    def reply_to(self, asked: Asked) -> Reply | Callable[[BaseHTTPRequestHandler], None]:
        self.asked.append(asked)
        number = len(self.asked)
        while number > self.most_answers:
            time.sleep(0.001)
        if asked.path in self._held:
            self._held[asked.path].wait()
        route = self._routes.get(asked.path, self.otherwise)
        if isinstance(route, list):
            return route.pop(0) if len(route) > 1 else route[0]
        return route if isinstance(route, Reply) else route(asked)


@contextmanager
def running_shop() -> Iterator[LocalShop]:
    """A shop on a free port of this machine, until the block ends."""
    shop = LocalShop("")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # or every answer on a kept connection waits 40 ms for an acknowledgement

        def do_GET(self) -> None:
            reply = shop.reply_to(Asked(self.path, dict(self.headers.items()), time.monotonic()))
            time.sleep(shop.thinks_s)
            if not isinstance(reply, Reply):
                self.close_connection = True
                reply(self)
                return
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if "Content-Length" not in reply.headers:
                self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            pass  # clients of these tests hang up on purpose

    server = Server(("127.0.0.1", 0), Handler)
    shop.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield shop
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
