#!/usr/bin/env python3
"""slow_readers - connections that never read, while a writer replaces the same 10 KB.

    slow_readers.py TUTTID STALLED SECONDS

What they miss is not kept for them: the server's memory grows by less than 64 MiB. Then they read
again, and each ends with the writer's text. With SOAK=1 the writer's rate is measured beside that
with a tenth of them, too. Prints TAP.
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
PARALLEL = 64
HEARTBEAT_SECONDS = 10
BEHIND, RATIO_MIN, ROUNDS = 104, 0.9, 3


def rss(process):
    with open(f"/proc/{process.pid}/statm", encoding="ascii") as statm:
        return int(statm.read().split()[1]) * resource.getpagesize()


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
        super().__init__(Narrow(server))
        self.hello()
        self.seq = self.epoch = 0
        self.text = None
        self.say("open", NAME, {"type": "text"})
        self.take(self.read_message())

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
            self.say("open", NAME, {"type": "text", "from": self.seq, "epoch": self.epoch})
        elif isinstance(message[0], int):
            for at in range(3, len(message), 2):
                if message[1] + (at - 3) // 2 > self.seq:
                    self.text = apply(self.text, message[at])
                    self.seq += 1
        else:
            raise RuntimeError(f"unexpected: {message[:3]}")

    def read_to(self, seq):
        while self.seq < seq:
            self.take(self.read_message())
        return self.text


def write(writer, channel, state, seconds):
    """Replace the text for so long; operations a second."""
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
    return count / (time.monotonic() - begin)


def run(server, stalled, seconds):
    """(rate, growth in bytes, how many converged)."""
    with Client(server) as writer:
        writer.hello()
        channel, seq = writer.open(NAME, "text")
        state = {"serial": 0, "seq": seq, "text": ""}
        write(writer, channel, state, 0.2)
        # A socket with so little room is slow by the kernel's timers: many at a time.
        with ThreadPoolExecutor(PARALLEL) as pool:
            readers = list(pool.map(Reader, [server] * stalled))
        before = rss(server.process)
        rate = write(writer, channel, state, seconds)
        growth = rss(server.process) - before
        with ThreadPoolExecutor(PARALLEL) as pool:
            reading = [pool.submit(reader.read_to, state["seq"]) for reader in readers]
            while wait(reading, HEARTBEAT_SECONDS).not_done:
                for reader in readers:  # their turn to read comes, and they are there
                    reader.say()
        texts = [each.result() for each in reading]
        for reader in readers:
            reader.close()
    return rate, growth, texts.count(state["text"])


def main():
    program, stalled, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65536), hard))
    with Server(program) as server:
        rate, growth, converged = run(server, stalled, seconds)
    small = growth < RSS_GROWTH_MAX
    print(f"# {stalled} stalled: {rate:.0f} operations/s, memory grew by {growth / MIB:.1f} MiB")
    print(f"{'ok' if small else 'not ok'} 1 - {stalled} readers that never read cost little memory")
    all_well = converged == stalled
    print(f"{'ok' if all_well else 'not ok'} 2 - all of them converge when they read again")
    fast = True
    if os.environ.get("SOAK"):
        rates = {stalled: [rate], stalled // 10: []}
        for turn in range(2 * ROUNDS - 1):  # in turns, since the machine is not alone
            count = stalled // 10 if turn % 2 == 0 else stalled
            with Server(program) as server:
                rates[count].append(run(server, count, seconds)[0])
        few, many = (sum(rates[count]) / ROUNDS for count in (stalled // 10, stalled))
        fast = many >= RATIO_MIN * few
        print(f"# {few:.0f} operations/s with {stalled // 10} stalled, {many:.0f} with {stalled}")
        print(f"{'ok' if fast else 'not ok'} 3 - ten times as many cost the writer less than 10 %")
    return 0 if small and all_well and fast else 1


if __name__ == "__main__":
    sys.exit(main())
