"""A server in a thread that answers in ways in which MLflow's does not."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Fake:
    """What a server answers next; ``address`` may be given a user and a password.

    ``way``: a status, ``empty``, ``html``, ``close``, ``hang`` or ``redirect``, a dict that is answered as JSON, or the
    bytes of an answer; or a list of these, of which each is for one request and the last for all that follow.
    ``asked``: the requests.
    """

    def __init__(self, way):
        self.way, self.headers, self.asked, self.done = way, {}, [], threading.Event()
        self.port = 0

    def next_way(self):
        if not isinstance(self.way, list):
            return self.way
        return self.way.pop(0) if len(self.way) > 1 else self.way[0]

    def address(self, user=""):
        return f"http://{user}{'@' if user else ''}127.0.0.1:{self.port}"


@contextmanager
def fake_server(way) -> Iterator[Fake]:
    """Start a server that answers in a way, which may be changed."""
    fake = Fake(way)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self):
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            fake.asked.append(f"{self.command} {self.path}")
            way = fake.next_way()
            if way == "close":
                self.close_connection = True
                return
            if way == "hang":
                fake.done.wait(30)
                self.close_connection = True
                return
            body = json.dumps(way).encode() if isinstance(way, dict) else b"<html>Sign in</html>" * (way == "html")
            body = way if isinstance(way, bytes) else body
            status = way if isinstance(way, int) else 302 if way == "redirect" else 200
            self.send_response(status)
            if way == "redirect":
                self.send_header("Location", f"{fake.address('other:Zq9redirect')}{self.path}")
            for name, value in fake.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    fake.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield fake
    finally:
        fake.done.set()
        server.shutdown()
        server.server_close()
        thread.join()
