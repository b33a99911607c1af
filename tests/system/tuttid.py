"""tuttid - a server of one's own for a test, and a WebSocket client that can misbehave.

Only the standard library: what the server answers to bytes that no library would send.
"""
import base64
import contextlib
import json
import os
import pathlib
import re
import signal
import socket
import struct
import subprocess
import tempfile
import time

SECONDS_MAX = 60  # for anything; a guard against hanging, under sanitizers on a busy machine

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
KEY = "dGhlIHNhbXBsZSBub25jZQ=="


class Server:
    """tuttid on a free port, in a folder of its own; ended by its id."""

    def __init__(self, program, *options, environment=None):
        self.command = [program, *options]
        self.environment = {**os.environ, **(environment or {})}
        self.folder = tempfile.TemporaryDirectory(prefix="tutti-")
        self.log_path = pathlib.Path(self.folder.name) / "log"
        self.port = 0
        self.start()

    def launch(self):
        """On a free port at first, on the same one and the same store when it is started again."""
        place = ["--listen", f"127.0.0.1:{self.port}"]
        if "--store" not in self.command:
            place += ["--data", f"{self.folder.name}/data"]
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [*self.command, *place],
                stdout=subprocess.PIPE,
                stderr=log,
                env=self.environment,
            )

    def start(self):
        """Returns when clients can connect."""
        self.launch()
        banner = b""
        while not banner.endswith(b"ready\n"):
            line = self.process.stdout.readline()
            if not line:
                raise RuntimeError(f"tuttid did not start: {self.log()}")
            banner += line
        self.banner = banner.decode()
        self.port = int(re.search(r"ws://127\.0\.0\.1:(\d+)/", self.banner).group(1))

    def connect(self):
        stream = socket.create_connection(("127.0.0.1", self.port), SECONDS_MAX)
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return stream

    def log(self):
        return self.log_path.read_text(encoding="utf-8", errors="replace")

    def running(self):
        return self.process.poll() is None

    def stop(self, number=signal.SIGTERM):
        """The exit code."""
        if self.running():
            self.process.send_signal(number)
        return self.process.wait(SECONDS_MAX)

    def kill(self):
        """Gone without a word."""
        self.stop(signal.SIGKILL)
        self.process.stdout.close()

    def crash(self):
        """Gone without a word and there again."""
        self.kill()
        self.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.running():
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.folder.cleanup()


def frame(opcode, payload=b"", *, final=True, reserved=0, mask=b"\x01\x02\x03\x04", length=None):
    """One frame. `length` is (field, extended bytes) for a length not in its shortest form."""
    first = (0x80 if final else 0) | reserved << 4 | opcode
    if length is None:
        if len(payload) < 126:
            length = (len(payload), b"")
        elif len(payload) < 65536:
            length = (126, struct.pack(">H", len(payload)))
        else:
            length = (127, struct.pack(">Q", len(payload)))
    field, extended = length
    head = bytes([first, (0x80 if mask else 0) | field]) + extended + (mask or b"")
    if mask:
        payload = bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))
    return head + payload


def text(value):
    return frame(TEXT, value if isinstance(value, bytes) else value.encode())


def close_frame(code, reason=b""):
    return frame(CLOSE, struct.pack(">H", code) + reason)


def upgrade(host="localhost", **changes):
    """The bytes of an upgrade request. A changed header may be None (left out) or a list."""
    headers = {
        "Host": host,
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec_WebSocket_Key": KEY,
        "Sec_WebSocket_Version": "13",
    }
    line = changes.pop("line", "GET / HTTP/1.1")
    headers.update(changes)
    lines = [line]
    for name, values in headers.items():
        for value in [] if values is None else values if isinstance(values, list) else [values]:
            lines.append(f"{name.replace('_', '-')}: {value}")
    return "\r\n".join([*lines, "", ""]).encode()


def read_head(stream):
    """The head of an HTTP answer, and what came behind it. Empty when the connection just ended."""
    head = b""
    with contextlib.suppress(ConnectionResetError):
        while b"\r\n\r\n" not in head:
            piece = stream.recv(65536)
            if not piece:
                break
            head += piece
    head, _, rest = head.partition(b"\r\n\r\n")
    return head.decode("latin-1"), rest


class Client:
    """A WebSocket that sends what it is told to, right or wrong."""

    def __init__(self, server):
        self.stream = server.connect()
        self.stream.sendall(upgrade(f"127.0.0.1:{server.port}"))
        head, self.unread = read_head(self.stream)
        if not head.startswith("HTTP/1.1 101 "):
            raise RuntimeError(f"no upgrade: {head}")

    def send(self, data):
        # The server may have closed already: what it said is still to be read.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.stream.sendall(data)

    def say(self, *message):
        self.send(text(json.dumps(message)))

    def _take(self, size):
        while len(self.unread) < size:
            piece = self.stream.recv(65536)
            if not piece:
                raise EOFError
            self.unread += piece
        taken, self.unread = self.unread[:size], self.unread[size:]
        return taken

    def read_frame(self):
        """(opcode, payload); EOFError at the end."""
        first, second = self._take(2)
        size = second
        if size == 126:
            (size,) = struct.unpack(">H", self._take(2))
        elif size == 127:
            (size,) = struct.unpack(">Q", self._take(8))
        return first & 0x0F, self._take(size)

    def read_message(self):
        """The next message but heartbeats; a close frame as ("close", code, reason)."""
        while True:
            opcode, payload = self.read_frame()
            if opcode == CLOSE:
                code = struct.unpack(">H", payload[:2])[0] if payload else None
                return ["close", code, payload[2:].decode()]
            if opcode == TEXT:
                message = json.loads(payload)
                if message:
                    return message

    def read_until(self, wanted):
        """Skip messages until `wanted` is true of one, and return it."""
        deadline = time.monotonic() + SECONDS_MAX
        while time.monotonic() < deadline:
            message = self.read_message()
            if wanted(message):
                return message
        raise TimeoutError

    def read_end(self):
        """The code of the close frame that ends the connection, None when there was none."""
        code = None
        try:
            while True:
                opcode, payload = self.read_frame()
                if opcode == CLOSE:
                    code = struct.unpack(">H", payload[:2])[0]
        except (EOFError, ConnectionResetError):
            return code

    def hello(self):
        secret = base64.urlsafe_b64encode(os.urandom(16)).decode().rstrip("=")
        self.say("hello", {"resume": secret, "client": "tests"})
        return self.read_message()

    def open(self, name, kind):
        """The channel and the seq of the document, made if it is missing."""
        self.say("open", name, {"type": kind, "create": True})
        opened = self.read_until(lambda message: message[0] in ("opened", "closed", "close"))
        if opened[0] != "opened":
            raise RuntimeError(f"not opened: {opened}")
        return opened[1], opened[3]

    def close(self):
        self.stream.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
