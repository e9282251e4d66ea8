"""Which addresses are taken for an endpoint, and which are refused."""

import pytest

from bini.errors import InputError
from bini.inference.endpoint import Endpoint


@pytest.mark.parametrize(
    ("address", "url", "model"),
    [
        ("http://127.0.0.1:8080/v1#gemma-3-4b-it", "http://127.0.0.1:8080/v1", "gemma-3-4b-it"),
        ("http://localhost:11434/v1/#gemma3:4b", "http://localhost:11434/v1", "gemma3:4b"),
        ("http://[::1]:8000/v1#google/gemma-3-4b-it", "http://[::1]:8000/v1", "google/gemma-3-4b-it"),
        ("HTTPS://127.8.9.1/v1#a#b", "https://127.8.9.1/v1", "a#b"),
    ],
)
def test_an_address_of_this_machine(address: str, url: str, model: str) -> None:
    assert Endpoint.of(address) == Endpoint(url, model)


REMOTE = [
    "http://example.com/v1",
    "https://10.0.0.7:8000/v1",
    "http://localhost.example.com/v1",
    "http://127.0.0.1@example.com/v1",
    "http://127.0.0.1\\@example.com/v1",
    "http://[2001:db8::1]/v1",
    "http://0.0.0.0:8000/v1",
    "http://127.1/v1",
]


@pytest.mark.parametrize("url", REMOTE)
def test_another_machine_only_if_that_is_meant(url: str) -> None:
    with pytest.raises(InputError, match="not on this machine") as refused:
        Endpoint.of(f"{url}#m")
    assert "--allow-remote" in refused.value.hint
    assert Endpoint.of(f"{url}#m", allow_remote=True).model == "m"


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:8080/v1",
        "http://127.0.0.1:8080/v1#",
        "http://127.0.0.1:8080/v1# ",
        "http:///v1#m",
        "http://#m",
        "http://127.0.0.1:99999/v1#m",
        "http://127.0.0.1:x/v1#m",
        "http://127.0.0.1/v1?key=secret#m",
        "http://127.0.0.1\x00/v1#m",
        "ftp://127.0.0.1/v1#m",
    ],
)
def test_what_is_no_address(address: str) -> None:
    with pytest.raises(InputError) as refused:
        Endpoint.of(address, allow_remote=True)
    assert "#MODEL" in refused.value.hint
    assert "secret" not in refused.value.message


def test_credentials_are_used_and_told_to_nobody() -> None:
    endpoint = Endpoint.of("http://ann:s3cret@127.0.0.1:8080/v1#m")
    assert endpoint.login == ("ann", "s3cret")
    assert (endpoint.url, endpoint.host) == ("http://127.0.0.1:8080/v1", "127.0.0.1:8080")
    assert "s3cret" not in repr(endpoint)
    with pytest.raises(InputError) as refused:
        Endpoint.of("http://ann:s3cret@example.com/v1#m")
    assert "s3cret" not in refused.value.message
