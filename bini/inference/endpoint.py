"""A model behind an OpenAI-compatible chat endpoint: llama.cpp's server, vLLM, Ollama.

Nothing that it sends is believed: answers are bounded in size and time, redirects are not followed, and what comes back
is held to the schema and to the product's words like any other answer.
"""

import ipaddress
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import httpx2

from bini.domain.schema import QUOTE_CHARS, Judgement, judgement_schema, parse_judgement
from bini.domain.spacing import Evened
from bini.errors import InputError, ModelError
from bini.inference.prompt import user_message

ANSWER_BYTES = 1_000_000
"""Largest body of a response; the longest valid answer is far shorter."""

ANSWER_SECONDS, CONNECT_SECONDS = 600.0, 10.0
"""Longest time for one answer, and for reaching the server."""

FORM = "http://HOST:PORT/v1#MODEL"
"""How an endpoint is named."""

CONCERNS_ALL = frozenset({401, 403, 404, 405, 407})
"""Statuses, besides redirects, that another request would meet as well: key, address or model are not right."""


@dataclass(frozen=True)
class Endpoint:
    """A model that a server answers for.

    Parameters
    ----------
    url
        Address of the API, without credentials.
    model
        The model's name there.
    login
        User and password for HTTP basic authentication, if the address had them.
    seconds
        Longest time for one answer.
    """

    url: str
    model: str
    login: tuple[str, str] | None = field(default=None, repr=False)
    seconds: float = ANSWER_SECONDS

    @classmethod
    def of(cls, address: str, allow_remote: bool = False) -> Self:
        """Read an address such as http://127.0.0.1:8080/v1#gemma-3-4b-it.

        Raises
        ------
        InputError
            If it is none, names no model, or is not this machine's and `allow_remote` does not say that this is meant.
        """
        location, _, model = address.partition("#")
        try:
            url = httpx2.URL(location)
        except httpx2.InvalidURL as error:
            raise InputError("the address of the endpoint is no URL", f"give it as {FORM}") from error
        bare = str(url.copy_with(userinfo=b"", query=None)).rstrip("/")
        if url.scheme not in ("http", "https") or not url.host or url.query or (url.port or 0) > 65_535:
            raise InputError(f"{bare} is no address of an endpoint", f"give it as {FORM}")
        if not model.strip():
            raise InputError(f"{bare} names no model", f"give it as {FORM}")
        if not allow_remote and not _is_loopback(url.host):
            raise InputError(
                f"{bare} is not on this machine: claims and products would be sent there",
                "if that is meant, add --allow-remote",
            )
        return cls(bare, model.strip(), (url.username, url.password) if url.userinfo else None)

    @property
    def host(self) -> str:
        """Host and port."""
        return httpx2.URL(self.url).netloc.decode()

    def open(self) -> httpx2.Client:
        """A client for `judge`; it takes neither proxies nor passwords from the environment."""
        return httpx2.Client(
            auth=self.login,
            headers={"Accept-Encoding": "identity"},
            timeout=httpx2.Timeout(self.seconds, connect=min(self.seconds, CONNECT_SECONDS)),
            limits=httpx2.Limits(max_keepalive_connections=0),  # a broken connection is then this answer's own
            follow_redirects=False,
            trust_env=False,
        )

    def judge(self, client: httpx2.Client, product: str, elements: Sequence[str]) -> Judgement | None:
        """Judge one product under one claim, greedily, the schema enforced by the server.

        Parameters
        ----------
        client
            From `open`.
        product
            Product description, NFC, stripped.
        elements
            Claim elements, verbatim, in order.

        Returns
        -------
        Judgement or None
            Quotes that are no piece of the product are null. None if the server fails at this request, is too slow, or
            gives no valid answer.

        Raises
        ------
        ModelError
            If the server cannot be reached, or refuses in a way that concerns every request.
        """
        request = {
            "model": self.model,
            "messages": [{"role": "user", "content": user_message(product, elements)}],
            "temperature": 0,
        }
        for response_format in _forms(judgement_schema(elements)):
            asked = request | {"response_format": response_format}
            try:
                content = self._post(client, asked)
                if content is None:  # the connection broke: by this request, or because the server is gone
                    content = self._post(client, asked)
                judgement = parse_judgement(_message(content), elements) if content else None
            except _RefusedError:
                continue
            except (ValueError, httpx2.TimeoutException):
                return None
            return _quoting(judgement, product) if judgement else None
        return None

    def _post(self, client: httpx2.Client, request: dict[str, Any]) -> bytes | None:
        """The body of the response; None if the connection broke. ValueError if it is of no use."""
        until = time.monotonic() + self.seconds
        body = bytearray()
        try:
            with client.stream("POST", f"{self.url}/chat/completions", json=request) as response:
                self._check(response.status_code)
                for piece in response.iter_raw():  # not decoded: a small body could hold a large one
                    body += piece
                    if len(body) > ANSWER_BYTES or time.monotonic() > until:
                        raise ValueError("the answer does not end")
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
            raise ModelError(
                f"no server answers at {self.url}", "start it; the same command then goes on from here"
            ) from error
        except (httpx2.NetworkError, httpx2.ProtocolError):
            return None
        return bytes(body)

    def _check(self, status: int) -> None:
        if 300 <= status < 400:
            raise ModelError(f"{self.url} redirects ({status}), which is not followed", f"give the address as {FORM}")
        if status in CONCERNS_ALL:
            raise ModelError(
                f"{self.url} refuses requests for {self.model} ({status})", "check address, model name and login"
            )
        if status != 200:
            raise _RefusedError(f"status {status}")


class _RefusedError(ValueError):
    """The server will not answer a request in this form."""


def _forms(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """How a server is told the schema: as OpenAI has it, then as llama-cpp-python, which refuses that, has it."""
    yield {"type": "json_schema", "json_schema": {"name": "judgement", "strict": True, "schema": schema}}
    yield {"type": "json_object", "schema": schema}


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _message(body: bytes) -> str:
    """The text of a chat completion. ValueError if there is none."""
    try:
        text = json.loads(body)["choices"][0]["message"]["content"]
    except (LookupError, TypeError, RecursionError) as error:
        raise ValueError("no chat completion") from error
    if not isinstance(text, str):
        raise ValueError("no text")
    return text


def _quoting(judgement: Judgement, product: str) -> Judgement:
    """The judgement without quotes that the product does not hold: a server's schema cannot rule them out.

    The product was shown with its white space evened out; quotes become the words as they were given.
    """
    evened = Evened.of(product)

    def words(quote: str | None) -> str | None:
        found = evened.find(quote) if quote and quote.strip() else None
        return product[slice(*found)][:QUOTE_CHARS] if found else None

    rows = tuple(
        row.model_copy(update={"user_product_element": words(row.user_product_element)})
        for row in judgement.comparisons
    )
    return judgement.model_copy(update={"comparisons": rows})
