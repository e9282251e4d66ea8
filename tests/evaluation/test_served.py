"""A model behind an endpoint as a row of the comparison: good servers, and those that are anything but."""

import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from bini.domain.cases import Case
from bini.domain.labels import Match, RiskLevel
from bini.domain.schema import judgement_schema
from bini.errors import InputError, ModelError
from bini.evaluation import predict as prediction_stage
from bini.evaluation.predict import predict
from bini.evaluation.prediction import Prediction, read_origin, read_predictions
from bini.evaluation.run import Contenders, evaluate
from bini.evaluation.served import Served
from bini.files import jsonl
from bini.inference import endpoint as module
from bini.inference.endpoint import Endpoint
from bini.inference.prompt import user_message

pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit.script_method` is deprecated:DeprecationWarning")

PRODUCT = "거리 센서가 달린 로봇"
ELEMENTS = ["센서", "로봇"]


def raw(number: int) -> dict[str, Any]:
    return {
        "case_id": f"c{number}",
        "regit_num": f"10-{number}",
        "claim_text": "센서를 포함하는 로봇",
        "user_query": PRODUCT,
        "label": {"comparisons": [{"patent_element": e, "match": "대응"} for e in ELEMENTS]},
    }


CASES = [Case.model_validate(raw(n)) for n in range(2)]


def judgement(quotes: tuple[str | None, str | None] = ("거리 센서", "로봇"), level: str = "높음") -> str:
    rows = [
        {"patent_element": element, "user_product_element": quote, "match": "대응"}
        for element, quote in zip(ELEMENTS, quotes, strict=True)
    ]
    return json.dumps({"comparisons": rows, "decision_reason": "같다.", "risk_level": level}, ensure_ascii=False)


def completion(text: Any) -> bytes:
    return json.dumps({"choices": [{"message": {"role": "assistant", "content": text}}]}).encode()


Reply = Callable[[BaseHTTPRequestHandler, threading.Event], None]
"""Answers a request; the event is set when the test is over."""


@dataclass
class ChatServer:
    """A server in a thread; `replies` are used up one by one, the last for all that follow."""

    replies: list[Reply]
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    port: int = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1#a-model"

    @property
    def system(self) -> Served:
        return Served("a model", Endpoint.of(self.address))


def say(body: bytes, status: int = 200, **headers: str) -> Reply:
    def reply(handler: BaseHTTPRequestHandler, _: threading.Event) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return reply


def hang(_: BaseHTTPRequestHandler, over: threading.Event) -> None:
    over.wait(30)


def drip(handler: BaseHTTPRequestHandler, over: threading.Event) -> None:
    handler.send_response(200)
    handler.end_headers()
    while not over.wait(0.02):
        handler.wfile.write(b" ")


def flood(handler: BaseHTTPRequestHandler, over: threading.Event) -> None:
    handler.send_response(200)
    handler.end_headers()
    while not over.is_set():
        handler.wfile.write(b" " * 100_000)


def cut(handler: BaseHTTPRequestHandler, _: threading.Event) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b"{")


@pytest.fixture
def serve() -> Iterator[Callable[..., ChatServer]]:
    over = threading.Event()
    started: list[tuple[ThreadingHTTPServer, threading.Thread]] = []

    def start(*replies: Reply) -> ChatServer:
        chat = ChatServer(list(replies))

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                assert self.path == "/v1/chat/completions"
                chat.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                chat.headers.append(dict(self.headers))
                reply = chat.replies.pop(0) if len(chat.replies) > 1 else chat.replies[0]
                with suppress(OSError):  # the client has gone
                    reply(self, over)
                self.close_connection = True

            def log_message(self, *_: Any) -> None: ...

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = False  # so that closing waits for them
        chat.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        started.append((server, thread))
        return chat

    yield start
    over.set()
    for server, thread in started:
        server.shutdown()
        server.server_close()
        thread.join()


def one(chat: ChatServer, seconds: float = 20) -> Prediction:
    """What it predicts on one case."""
    system = chat.system
    system = replace(system, endpoint=replace(system.endpoint, seconds=seconds))
    [made] = system.answer(CASES[:1], frozenset(), True)
    return made


def test_a_good_answer_is_a_prediction_like_any_other(serve: Callable[..., ChatServer]) -> None:
    chat = serve(say(completion(judgement())))
    made = one(chat)
    assert (made.level, made.rule_level, made.valid_constrained) == (RiskLevel.HIGH, RiskLevel.HIGH, True)
    assert [(row.user_product_element, row.match) for row in made.comparisons] == [
        ("거리 센서", Match.YES),
        ("로봇", Match.YES),
    ]
    assert (made.probabilities, made.valid_free, made.model_calls, made.peak_memory) == ({}, None, 1, None)
    [asked] = chat.asked
    assert asked["messages"] == [{"role": "user", "content": user_message(PRODUCT, ELEMENTS)}]
    assert (asked["model"], asked["temperature"]) == ("a-model", 0)
    assert asked["response_format"]["json_schema"]["schema"] == judgement_schema(ELEMENTS)


@pytest.mark.parametrize("quote", ["초음파 센서", " ", "거리  센서", "센서가 달린 로봇입니다"])
def test_words_that_are_not_the_product_s_are_no_quote(serve: Callable[..., ChatServer], quote: str) -> None:
    made = one(serve(say(completion(judgement((quote, "로봇"))))))
    assert [row.user_product_element for row in made.comparisons] == [None, "로봇"]
    assert (made.level, made.rule_level) == (RiskLevel.HIGH, RiskLevel.AMBIGUOUS)
    assert made.valid_constrained


USELESS = {
    "not JSON": say(b"<html>"),
    "not UTF-8": say(b"\xff\xfe\xff"),
    "empty": say(b""),
    "no completion": say(b'{"choices": []}'),
    "a list": say(b"[1]"),
    "deep": say(b"[" * 200_000),
    "no text": say(completion(None)),
    "prose": say(completion("높음입니다.")),
    "cut off": say(completion(judgement()[:-5])),
    "deep text": say(completion("[" * 200_000)),
    "lone surrogate": say(completion(judgement(("\ud800", "로봇")))),
    "other element": say(completion(judgement().replace('"센서"', '"감지기"'))),
    "one element more": say(completion(judgement().replace("}], ", '}, {"patent_element": "x"}], '))),
    "unknown level": say(completion(judgement(level="매우 높음"))),
    "long quote": say(completion(judgement(("로봇" * 100, "로봇")))),
    "server error": say(completion(judgement()), status=500),
    "bad request": say(b'{"error": "too long"}', status=400),
    "too many requests": say(b"", status=429),
    "huge": say(completion(judgement()) + b" " * module.ANSWER_BYTES),
    "without end": flood,
    "broken off": cut,
}


@pytest.mark.parametrize("reply", USELESS.values(), ids=USELESS)
def test_an_answer_of_no_use_is_an_unanswered_case(serve: Callable[..., ChatServer], reply: Reply) -> None:
    made = one(serve(reply))
    assert (made.level, made.rule_level, made.comparisons, made.valid_constrained) == (None, None, (), False)
    assert (made.model_calls, made.correct) == (1, False)


@pytest.mark.parametrize("reply", [hang, drip])
def test_a_slow_answer_is_an_unanswered_case(serve: Callable[..., ChatServer], reply: Reply) -> None:
    assert one(serve(reply), seconds=0.3).level is None


def test_a_useless_answer_leaves_the_next_case_alone(serve: Callable[..., ChatServer]) -> None:
    chat = serve(say(b"", status=500), say(b"", status=500), say(completion(judgement())))
    assert [made.level for made in chat.system.answer(CASES, frozenset(), True)] == [None, RiskLevel.HIGH]


def test_a_server_that_refuses_one_form_of_schema_is_asked_in_the_other(serve: Callable[..., ChatServer]) -> None:
    """llama-cpp-python 0.3.36 answers the form that OpenAI, llama.cpp's own server, vLLM and Ollama know with 500."""
    chat = serve(say(b"", status=500), say(completion(judgement())))
    assert one(chat).level is RiskLevel.HIGH
    assert [asked["response_format"]["type"] for asked in chat.asked] == ["json_schema", "json_object"]
    assert chat.asked[1]["response_format"]["schema"] == judgement_schema(ELEMENTS)


def test_a_connection_that_broke_once_is_tried_again(serve: Callable[..., ChatServer]) -> None:
    assert one(serve(cut, say(completion(judgement())))).level is RiskLevel.HIGH


def test_a_dead_server_is_one_error() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))  # and does not listen
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/v1"
        with pytest.raises(ModelError, match=f"no server answers at {re.escape(url)}"):
            list(Served("gone", Endpoint.of(f"{url}#m")).answer(CASES, frozenset(), True))


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_told_and_not_followed(serve: Callable[..., ChatServer], status: int) -> None:
    other = serve(say(completion(judgement())))
    chat = serve(say(b"", status=status, Location=f"http://127.0.0.1:{other.port}/v1/chat/completions"))
    with pytest.raises(ModelError, match=f"redirects \\({status}\\)"):
        one(chat)
    assert not other.asked


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_refusal_that_concerns_every_request_is_told(serve: Callable[..., ChatServer], status: int) -> None:
    with pytest.raises(ModelError, match=f"a-model \\({status}\\)"):
        one(serve(say(b"", status=status)))


def test_what_the_environment_holds_goes_to_no_server(
    serve: Callable[..., ChatServer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a proxy, over which texts would leave the machine, nor a password of .netrc."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login ann password s3cret\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    chat = serve(say(completion(judgement())))
    assert one(chat).level is RiskLevel.HIGH
    assert "Authorization" not in chat.headers[0]
    logged_in = Served("a model", Endpoint.of(chat.address.replace("//", "//ann:own@")))
    list(logged_in.answer(CASES[:1], frozenset(), True))
    assert chat.headers[1]["Authorization"].startswith("Basic ")


def test_a_stopped_run_goes_on_and_says_what_it_depends_on(serve: Callable[..., ChatServer], tmp_path: Path) -> None:
    chat = serve(say(completion(judgement())), say(b"", status=404), say(completion(judgement())))
    login = Served("a model", Endpoint.of(chat.address.replace("//", "//ann:s3cret@")))
    with pytest.raises(ModelError):
        predict(login, CASES, frozenset(), tmp_path)
    assert len(predict(login, CASES, frozenset(), tmp_path)) == 2
    assert len(chat.asked) == 3
    origin = read_origin(tmp_path / "a-model.jsonl")
    assert origin
    assert origin.identity["endpoint"] == f"http://127.0.0.1:{chat.port}/v1"
    assert origin.identity["model"] == "a-model"
    assert not any(b"s3cret" in path.read_bytes() for path in tmp_path.iterdir())


# in an evaluation


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    path = tmp_path / "suite.jsonl"
    path.write_text(jsonl([raw(1), raw(2)]), encoding="utf-8")
    return path


def test_an_endpoint_is_scored_beside_a_model_on_the_same_rows(
    serve: Callable[..., ChatServer], tiny_model: Path, suite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prediction_stage, "FREE_TOKENS", 4)
    chat, told = serve(say(completion(judgement()))), []
    made = evaluate(
        str(tiny_model), None, Contenders([chat.address]), suite, tmp_path / "eval", told.append, lambda *_: None
    )
    ours, theirs = made.scores.systems
    assert theirs.name == f"a-model at 127.0.0.1:{chat.port}"
    assert ours.held_out
    assert theirs.held_out
    assert (theirs.held_out.cases, theirs.held_out.risk_accuracy) == (2, 1)
    assert made.scores.same_held_out
    assert any(f"127.0.0.1:{chat.port}" in line for line in told)
    report = made.path.read_text(encoding="utf-8")
    assert f"http://127.0.0.1:{chat.port}/v1" in report
    assert "no piece of the product" in report
    [stored] = [read_predictions(p) for p in (tmp_path / "eval/predictions").glob("a-model*.jsonl")]
    assert [p.case_id for p in stored] == ["c1", "c2"]


def test_an_endpoint_gives_no_probabilities_to_combine(
    serve: Callable[..., ChatServer], tiny_model: Path, suite: Path, tmp_path: Path
) -> None:
    chat = serve(say(completion(judgement())))
    contenders = Contenders([chat.address], ensemble=True)
    with pytest.raises(InputError, match="no ensemble"):
        evaluate(str(tiny_model), None, contenders, suite, tmp_path / "eval", lambda _: None, lambda *_: None)
    assert not (tmp_path / "eval").exists()
    assert not chat.asked
