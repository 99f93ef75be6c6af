"""One HTTP exchange: a GET with a limit on time and on bytes, before and after decompression. No retries here."""

from __future__ import annotations

import http
import zlib
from dataclasses import dataclass

import httpcore
import httpx

from scraper.addresses import AddressRefusedError, Deadline, GuardedBackend

ERROR_BODY_BYTES = 64 * 1024  # what is read of a 404's page, only to keep the connection for the next request
CHUNK = 64 * 1024


class FetchError(Exception):
    """A URL that could not be fetched: `url`, `status` (None without an answer) and a `sentence` that says why.

    `passing` tells that asking again later may help; `retry_after` is the Retry-After header of such an answer.
    `ends_the_run` tells that the host is not to be asked for anything else either, for now.
    """

    def __init__(
        self,
        url: str,
        sentence: str,
        *,
        status: int | None = None,
        passing: bool = False,
        retry_after: str = "",
        ends_the_run: bool = False,
    ) -> None:
        super().__init__(sentence)
        self.url = url
        self.sentence = sentence
        self.status = status
        self.passing = passing
        self.retry_after = retry_after
        self.ends_the_run = ends_the_run


@dataclass(frozen=True)
class Answer:
    """What a server said to one GET. The body is decompressed, and whole for status 200."""

    url: str
    status: int
    headers: httpx.Headers
    body: bytes


def status_error(url: str, status: int, retry_after: str = "") -> FetchError:
    """The FetchError of an answer that is not the one we wanted."""
    try:
        phrase = f" ({http.HTTPStatus(status).phrase})"
    except ValueError:
        phrase = ""
    passing = status in (408, 425, 429) or 500 <= status < 600
    return FetchError(url, f"{url} answered {status}{phrase}.", status=status, passing=passing, retry_after=retry_after)


class Transfer:
    """A client that never follows, waits or retries on its own. It may be used by one thread at a time.

    `received_bytes` counts what has come of bodies so far, as it came over the network.
    """

    def __init__(self, user_agent: str, seconds: float) -> None:
        self.received_bytes = 0
        self._trusted: set[tuple[str, int]] = set()
        self.deadline = Deadline()
        self._seconds = seconds
        # Proxies of the environment are left aside: behind one, the addresses could not be checked.
        encryption = httpx.create_ssl_context(trust_env=False)
        transport = httpx.HTTPTransport(verify=encryption, trust_env=False)
        transport._pool = httpcore.ConnectionPool(
            ssl_context=encryption,
            max_connections=10,
            keepalive_expiry=5.0,
            network_backend=GuardedBackend(lambda host, port: (host, port) in self._trusted, self.deadline),
        )
        self._client = httpx.Client(
            transport=transport,
            trust_env=False,
            follow_redirects=False,
            timeout=httpx.Timeout(seconds, connect=min(10.0, seconds)),
            headers={"User-Agent": user_agent, "Accept-Encoding": "gzip", "Accept": "*/*"},
        )

    def trust(self, url: str) -> None:
        """Let connections go to the host of `url` even where it is not on the public internet."""
        parsed = httpx.URL(url)
        self._trusted.add((parsed.raw_host.decode("ascii"), parsed.port or (443 if parsed.scheme == "https" else 80)))

    def get(self, url: str, max_bytes: int, headers: dict[str, str] | None = None, *, cut: bool = False) -> Answer:
        """The answer to a GET, whatever its status; FetchError where none comes or it breaks a limit.

        With `cut`, a body of more than `max_bytes` is cut off there, which is an error otherwise.
        """
        self.deadline.start(self._seconds)
        try:
            with self._client.stream("GET", url, headers=headers) as response:
                try:
                    body = _read_body(url, response, max_bytes, cut)
                finally:
                    self.received_bytes += response.num_bytes_downloaded
                return Answer(url, response.status_code, response.headers, body)
        except (httpx.TimeoutException, httpcore.TimeoutException) as error:
            sentence = f"{url} did not answer in full within {self._seconds:g} s."
            raise FetchError(url, sentence, passing=True) from error
        except AddressRefusedError as error:
            raise FetchError(url, f"{url} is not fetched: {error}.") from error
        except httpx.RemoteProtocolError as error:
            is_odd_redirect = "location header" in str(error)  # httpx looks at it even where it does not follow it
            sentence = "redirects to what is no URL" if is_odd_redirect else f"could not be reached: {error}"
            raise FetchError(url, f"{url} {sentence}.", passing=not is_odd_redirect) from error
        except (httpx.TransportError, httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise FetchError(url, f"{url} could not be reached: {error}.", passing=True) from error
        except (httpx.InvalidURL, ValueError) as error:
            raise FetchError(url, f"{url} is not an address that can be fetched: {error}.") from error

    def close(self) -> None:
        """Close all connections."""
        self._client.close()


def _read_body(url: str, response: httpx.Response, max_bytes: int, cut: bool) -> bytes:
    """The decompressed body; of an error's page only the beginning."""
    if response.status_code != 200:
        return _read_beginning(response)
    announced = response.headers.get("Content-Length", "")
    if announced.isdigit() and int(announced) > max_bytes and not cut:
        raise _too_large(url, max_bytes)
    inflate = _decompressor(url, response.headers.get("Content-Encoding", ""))
    body = bytearray()
    for chunk in response.iter_raw(CHUNK):
        body += chunk if inflate is None else inflate.feed(chunk, max_bytes + 1 - len(body))
        if len(body) > max_bytes:
            if cut:
                return bytes(body[:max_bytes])
            raise _too_large(url, max_bytes)
    if inflate is not None and not inflate.is_whole:
        raise FetchError(url, f"{url} sent a compressed page that breaks off.", status=200, passing=True)
    return bytes(body)


def _read_beginning(response: httpx.Response) -> bytes:
    body = bytearray()
    for chunk in response.iter_raw(CHUNK):
        body += chunk
        if len(body) > ERROR_BODY_BYTES:
            break
    return bytes(body[:ERROR_BODY_BYTES])


def _too_large(url: str, max_bytes: int) -> FetchError:
    return FetchError(url, f"{url} is larger than {max_bytes / 1e6:g} MB, which is the most we read.", status=200)


def _decompressor(url: str, encoding: str) -> _Inflate | None:
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return None
    if name in ("gzip", "x-gzip", "deflate"):
        return _Inflate(url)
    raise FetchError(url, f"{url} came compressed as {encoding!r}, which we did not ask for.", status=200)


class _Inflate:
    """gzip or zlib, unpacked only as far as asked: a bomb never gets to unfold. Done by hand for that reason only."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._zlib = zlib.decompressobj(wbits=47)
        self._has_begun = False

    @property
    def is_whole(self) -> bool:
        """Whether the last stream has come to its end."""
        return self._zlib.eof or not self._has_begun

    def feed(self, chunk: bytes, room: int) -> bytes:
        """At most `room` unpacked bytes; what does not fit is dropped, for the caller then gives up."""
        unpacked = bytearray()
        while chunk and len(unpacked) < room:
            if self._zlib.eof:  # a gzip file may be several, one behind the other
                self._zlib = zlib.decompressobj(wbits=47)
            self._has_begun = True
            try:
                unpacked += self._zlib.decompress(chunk, room - len(unpacked))
            except zlib.error as error:
                raise FetchError(
                    self._url, f"{self._url} sent broken gzip: {error}.", status=200, passing=True
                ) from None
            chunk = self._zlib.unconsumed_tail or self._zlib.unused_data
        return bytes(unpacked)
