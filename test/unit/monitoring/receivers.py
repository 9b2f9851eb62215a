"""A webhook and a mail server on loopback, which keep what they are sent."""

import json
import threading
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from aiosmtpd.controller import Controller

from test.ports import free_port

TIMEOUT = 20.0  # seconds until a message that has to come counts as missing


class Kept:
    """What came, in order; to be waited for."""

    def __init__(self):
        self.all = []
        self._changed = threading.Condition()

    def add(self, one):
        with self._changed:
            self.all.append(one)
            self._changed.notify_all()

    def wait(self, count):
        with self._changed:
            came = self._changed.wait_for(lambda: len(self.all) >= count, TIMEOUT)
            assert came, f"only {self.all} came"
            return list(self.all)


class Webhook:
    """An HTTP server; ``status`` is what it answers with."""

    def __init__(self, port=0):
        self.kept, self.asked, self.status = Kept(), Kept(), 200
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                if outer.status == 200:
                    outer.kept.add(json.loads(body))
                self.send_response(outer.status)
                self.send_header("content-length", "0")
                self.end_headers()
                outer.asked.add(outer.status)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.port = self._server.server_address[1]
        self.url = f"json://127.0.0.1:{self.port}/alerts"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def titles(self, count):
        return [one["title"] for one in self.kept.wait(count)]

    def stop(self):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class Mailbox:
    """An SMTP server."""

    def __init__(self):
        self.kept = Kept()
        self.port = free_port()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()
        self.url = (
            f"mailto://127.0.0.1:{self.port}/?smtp=127.0.0.1&mode=insecure"
            "&from=robot@example.org&to=anna@example.org"
        )

    async def handle_DATA(self, _server, _session, envelope):
        self.kept.add((envelope.rcpt_tos, message_from_bytes(envelope.content)))
        return "250 OK"

    def stop(self):
        self._controller.stop()
