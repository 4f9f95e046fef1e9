"""A mail server and a robots' host that do what a test tells them, on sockets of their own."""

import json
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Post:
    """What a mail server has taken, and how it answers: ``refuses`` holds the answer to RCPT by address."""

    port: int
    refuses: dict[str, str] = field(default_factory=dict)
    hangs: threading.Event = field(default_factory=threading.Event)
    breaks_off_at: str = ""
    connections: int = 0
    taken: list[tuple[str, Message]] = field(default_factory=list)


@contextmanager
def mail_server() -> Iterator[Post]:
    """A mail server; while ``hangs`` is set it takes connections and says nothing."""
    over = threading.Event()

    class Talk(socketserver.StreamRequestHandler):
        def say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

        def handle(self) -> None:
            post.connections += 1
            if post.hangs.is_set():
                over.wait(20)
                return
            self.say("220 ready")
            to = ""
            while line := self.rfile.readline().decode().strip():
                verb = line.split(":")[0].upper()
                if verb == "QUIT":
                    self.say("221 bye")
                    return
                if verb == "RCPT TO":
                    to = line.partition("<")[2].partition(">")[0]
                    if to == post.breaks_off_at:
                        return
                    self.say(post.refuses.get(to, "250 ok"))
                elif verb == "DATA":
                    self.say("354 go on")
                    body = b""
                    while (more := self.rfile.readline()) != b".\r\n":
                        body += more
                    post.taken.append((to, message_from_bytes(body)))
                    self.say("250 taken")
                else:
                    self.say("250 ok")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Talk) as server:
        server.daemon_threads = True
        post = Post(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield post
        finally:
            over.set()
            server.shutdown()
            thread.join()


@dataclass
class Robots:
    """What a robots' host was told, and how it answers: status and body, or nothing while ``hangs`` is set."""

    origin: str
    status: int = 200
    answer: bytes = b'{"errcode":0,"errmsg":"ok"}'
    headers: dict[str, str] = field(default_factory=dict)
    hangs: threading.Event = field(default_factory=threading.Event)
    asked: list[tuple[str, dict]] = field(default_factory=list)


@contextmanager
def robots_host() -> Iterator[Robots]:
    """A host of group robots."""
    over = threading.Event()

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            posted = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            host.asked.append((self.path, posted))
            if host.hangs.is_set():
                over.wait(20)
                return
            self.send_response(host.status)
            for name, value in host.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(host.answer)))
            self.end_headers()
            self.wfile.write(host.answer)

        do_GET = do_POST  # noqa: N815 - a redirect that is followed would come as GET

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Hook) as server:
        server.daemon_threads = True
        host = Robots(f"http://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield host
        finally:
            over.set()
            server.shutdown()
            thread.join()


def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]
