"""A local server that speaks the chat completions protocol and says what a test tells it to."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Reply:
    """One answer.

    ``text`` is what the model says; with a ``status`` other than 200 it is the error's message.
    ``body`` replaces the whole HTTP body; ``delay`` are seconds before it, ``drip`` between the
    pieces of a streamed answer; ``broken`` ends the stream in the middle.
    """

    text: str = ""
    status: int = 200
    finish: str = "stop"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None
    delay: float = 0.0
    drip: float = 0.0
    broken: bool = False
    prompt_tokens: int = 100
    completion_tokens: int = 50
    counted: bool = True


Script = Callable[[Mapping[str, Any]], Reply]


def saying(*replies: Reply | str | Mapping[str, Any]) -> Script:
    """Return a script that gives these replies one after the other, the last one for ever."""
    left = [_reply(one) for one in replies]

    def script(_: Mapping[str, Any]) -> Reply:
        return left.pop(0) if len(left) > 1 else left[0]

    return script


def _reply(one: Reply | str | Mapping[str, Any]) -> Reply:
    if isinstance(one, Reply):
        return one
    return Reply(one if isinstance(one, str) else json.dumps(one))


class ModelServer:
    """Serves on a free port of the loopback interface; ``requests`` are the bodies it got."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.asked = threading.Event()
        self.hung_up = threading.Event()
        self._stopping = threading.Event()
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                server.answer(self)

            def log_message(self, *_: Any) -> None:
                """Keep quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"

    def __enter__(self) -> ModelServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5.0)

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer one request."""
        request = json.loads(handler.rfile.read(int(handler.headers["content-length"])))
        self.keys.append(handler.headers.get("authorization", ""))
        self.requests.append(request)
        self.asked.set()
        if handler.path != "/v1/chat/completions":
            self._send(handler, 404, json.dumps({"error": {"message": "no such path"}}), {})
            return
        reply = self.script(request)
        try:
            self._wait(reply.delay)
            if reply.body is not None:
                self._send(handler, reply.status, reply.body, reply.headers)
            elif reply.status != 200:
                error = json.dumps({"error": {"message": reply.text, "type": "error"}})
                self._send(handler, reply.status, error, reply.headers)
            elif request.get("stream"):
                self._stream(handler, reply, request)
            else:
                self._send(handler, 200, json.dumps(_completion(reply)), reply.headers)
        except (BrokenPipeError, ConnectionResetError):
            self.hung_up.set()

    def _wait(self, seconds: float) -> None:
        if seconds:
            self._stopping.wait(seconds)

    def _send(
        self, handler: BaseHTTPRequestHandler, status: int, body: str, headers: Mapping[str, str]
    ) -> None:
        data = body.encode()
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("content-type", "application/json")
        handler.send_header("content-length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    def _stream(
        self, handler: BaseHTTPRequestHandler, reply: Reply, request: Mapping[str, Any]
    ) -> None:
        handler.send_response(200)
        handler.send_header("content-type", "text/event-stream")
        handler.send_header("connection", "close")
        handler.end_headers()
        handler.close_connection = True
        for piece in _pieces(reply.text):
            self._event(handler, _chunk(piece, None))
            self._wait(reply.drip)
            if reply.broken:
                return
        self._event(handler, _chunk("", reply.finish))
        if reply.counted and request.get("stream_options", {}).get("include_usage"):
            self._event(handler, {**_chunk("", None), "choices": [], "usage": _usage(reply)})
        handler.wfile.write(b"data: [DONE]\n\n")

    @staticmethod
    def _event(handler: BaseHTTPRequestHandler, event: Mapping[str, Any]) -> None:
        handler.wfile.write(b"data: " + json.dumps(event).encode() + b"\n\n")
        handler.wfile.flush()


def _pieces(text: str) -> Iterable[str]:
    return (text[at : at + 40] for at in range(0, len(text), 40))


def _usage(reply: Reply) -> dict[str, int]:
    return {
        "prompt_tokens": reply.prompt_tokens,
        "completion_tokens": reply.completion_tokens,
        "total_tokens": reply.prompt_tokens + reply.completion_tokens,
    }


def _common(kind: str) -> dict[str, Any]:
    return {"id": "answer", "object": kind, "created": int(time.time()), "model": "test"}


def _chunk(text: str, finish: str | None) -> dict[str, Any]:
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish}
    return {**_common("chat.completion.chunk"), "choices": [choice]}


def _completion(reply: Reply) -> dict[str, Any]:
    message = {"role": "assistant", "content": reply.text}
    choice = {"index": 0, "message": message, "finish_reason": reply.finish}
    return {
        **_common("chat.completion"),
        "choices": [choice],
        **({"usage": _usage(reply)} if reply.counted else {}),
    }
