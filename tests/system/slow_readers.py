#!/usr/bin/env python3
"""slow_readers - connections that never read, while a writer replaces the same 10 KB.

    slow_readers.py TUTTID STALLED SECONDS

What they miss is not kept for them: the server's memory grows by less than 64 MiB. Then they read
again, and each ends with the writer's text. What an operation costs is measured, not judged: with
SOAK=1 also beside a tenth of the readers, and none. Prints TAP.
"""
import os
import resource
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor, wait

from tuttid import SECONDS_MAX, Client, Server

NAME = "notes/slow"
SIZE = 10_000
MIB = 1 << 20
RSS_GROWTH_MAX = 64 * MIB
RCVBUF = 4096  # so that a few messages fill the socket
RCVBUF_READING = 1 << 18
PARALLEL = 64
HEARTBEAT_SECONDS = 10
BEHIND, ROUNDS = 104, 3


def rss(process):
    with open(f"/proc/{process.pid}/statm", encoding="ascii") as statm:
        return int(statm.read().split()[1]) * resource.getpagesize()


def cpu_seconds(process):
    """Of all its threads, in the program and in the system for it."""
    with open(f"/proc/{process.pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def apply(text, operation):
    """An operation of a plain text."""
    parts, at = [], 0
    for component in operation:
        if isinstance(component, int):
            parts.append(text[at : at + component])
            at += component
        elif isinstance(component, str):
            parts.append(component)
        else:
            gone = component["d"]
            at += gone if isinstance(gone, int) else len(gone)
    return "".join(parts) + text[at:]


class Narrow:
    """Where a client connects by a socket with room for little."""

    def __init__(self, server):
        self.server, self.port = server, server.port

    def connect(self):
        stream = socket.socket()
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RCVBUF)
        stream.settimeout(SECONDS_MAX)
        stream.connect(("127.0.0.1", self.port))
        return stream


class Reader(Client):
    """Opens the document, reads nothing for a while, and then everything."""

    def __init__(self, server):
        self.server = server
        self.seq = self.epoch = 0
        self.text = None
        self.connect()
        self.take(self.read_message())

    def connect(self):
        super().__init__(Narrow(self.server))
        self.hello()
        self.open_again()

    def open_again(self):
        where = {"from": self.seq, "epoch": self.epoch} if self.seq > 0 else {}
        self.say("open", NAME, {"type": "text", **where})

    def take(self, message):
        """One message about the document."""
        if message[0] == "opened":
            options = message[4]
            if "snapshot" in options:
                self.text, self.seq, self.epoch = options["snapshot"], message[3], options["epoch"]
        elif message[0] == "composed":
            self.text, self.seq, self.epoch = apply(self.text, message[3]), message[2], message[4]
        elif message[0] == "epoch":
            self.epoch = message[2]
        elif message[0] == "closed" and message[2] == BEHIND:
            self.open_again()
        elif isinstance(message[0], int):
            for at in range(3, len(message), 2):
                if message[1] + (at - 3) // 2 > self.seq:
                    self.text = apply(self.text, message[at])
                    self.seq += 1
        else:
            raise RuntimeError(f"unexpected: {message[:3]}")

    def read_to(self, seq):
        """The text at `seq`. One that did not read for too long was closed, and comes back."""
        while self.seq < seq:
            self.stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RCVBUF_READING)
            try:
                message = self.read_message()
            except (EOFError, ConnectionResetError):
                message = ["close"]
            if message[0] == "close":
                self.close()
                self.connect()
            else:
                self.take(message)
        return self.text


def write(writer, channel, state, seconds):
    """Replace the text for so long; how many times."""
    begin = time.monotonic()
    count = 0
    while time.monotonic() - begin < seconds:
        text = chr(ord("a") + count % 26) * SIZE
        state["serial"] += 1
        gone = [{"d": SIZE}] if state["text"] else []
        writer.say(channel, state["serial"], state["seq"], [*gone, text])
        message = writer.read_until(lambda message: message[0] == channel)
        state["seq"] = message[1] + (len(message) - 2) // 2 - 1
        state["text"] = text
        count += 1
    return count


def measure(process, writer, channel, state, seconds):
    """(operations a second, CPU seconds an operation, growth in bytes)."""
    memory, cpu = rss(process), cpu_seconds(process)
    count = write(writer, channel, state, seconds)
    return count / seconds, (cpu_seconds(process) - cpu) / count, rss(process) - memory


def run(server, stalled, seconds):
    """(what was measured, how many converged)."""
    with Client(server) as writer:
        writer.hello()
        channel, seq = writer.open(NAME, "text")
        state = {"serial": 0, "seq": seq, "text": ""}
        write(writer, channel, state, 0.2)
        # A socket with so little room is slow by the kernel's timers: many at a time.
        with ThreadPoolExecutor(PARALLEL) as pool:
            readers = list(pool.map(Reader, [server] * stalled))
        measured = measure(server.process, writer, channel, state, seconds)
        with ThreadPoolExecutor(PARALLEL) as pool:
            reading = [pool.submit(reader.read_to, state["seq"]) for reader in readers]
            while wait(reading, HEARTBEAT_SECONDS).not_done:
                for reader in readers:  # their turn to read comes, and they are there
                    reader.say()
        texts = [each.result() for each in reading]
        for reader in readers:
            reader.close()
    return measured, texts.count(state["text"])


def compare(program, counts, seconds):
    """What an operation costs beside so many stalled readers."""
    costs = {count: [] for count in counts}
    for _ in range(ROUNDS):  # in turns, since the machine is not alone
        for count in counts:
            with Server(program) as server:
                costs[count].append(run(server, count, seconds)[0])
    for count, measured in costs.items():
        rate, cpu, growth = (sum(column) / ROUNDS for column in zip(*measured))
        print(f"# {count} stalled: {tell(rate, cpu, growth)}")


def tell(rate, cpu, growth):
    return (
        f"{rate:.0f} operations/s, {cpu * 1e6:.0f} µs of CPU each, "
        f"memory grew by {growth / MIB:.1f} MiB"
    )


def main():
    program, stalled, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65536), hard))
    with Server(program) as server:
        (rate, cpu, growth), converged = run(server, stalled, seconds)
    small = growth < RSS_GROWTH_MAX
    print(f"# {stalled} stalled: {tell(rate, cpu, growth)}")
    print(f"{'ok' if small else 'not ok'} 1 - {stalled} readers that never read cost little memory")
    all_well = converged == stalled
    print(f"{'ok' if all_well else 'not ok'} 2 - all of them converge when they read again")
    if os.environ.get("SOAK"):
        compare(program, (0, stalled // 10, stalled), seconds)
    return 0 if small and all_well else 1


if __name__ == "__main__":
    sys.exit(main())
