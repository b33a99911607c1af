"""tap - the connections between a node and Redis, passed on byte by byte, from which one message
can be taken away."""
import contextlib
import socket
import threading


class Tap:
    """Listens on a port of its own, for one node."""

    def __init__(self, redis_port):
        self.redis_port = redis_port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.unwanted = None
        self.taken = threading.Event()
        threading.Thread(target=self.accept, daemon=True).start()

    def take_next(self, document):
        """The next that is published about the document reaches nobody: Redis is told another
        channel, and answers as ever."""
        self.taken.clear()
        self.unwanted = f"\r\ntutti:d/{document}\r\n".encode()

    def accept(self):
        while True:
            near, _ = self.listener.accept()
            try:
                far = socket.create_connection(("127.0.0.1", self.redis_port), 5)
                far.settimeout(None)
            except OSError:
                near.close()
                continue
            for end in (near, far):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for source, sink, filtered in ((near, far, True), (far, near, False)):
                threading.Thread(
                    target=self.carry, args=(source, sink, filtered), daemon=True
                ).start()

    def carry(self, source, sink, filtered):
        with contextlib.suppress(OSError):
            while chunk := source.recv(65536):
                sink.sendall(self.without_unwanted(chunk) if filtered else chunk)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def without_unwanted(self, chunk):
        unwanted = self.unwanted
        if unwanted is None or b"PUBLISH" not in chunk or unwanted not in chunk:
            return chunk
        self.unwanted = None
        self.taken.set()
        return chunk.replace(unwanted, unwanted.replace(b":d/", b":-/"), 1)
