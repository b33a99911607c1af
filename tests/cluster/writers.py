"""writers - clients that each insert tokens like [c17:42] at the front of one text, over all that
happens to their nodes, and what has to hold of the tokens in the end.

A writer keeps the rules of PROTOCOL.md for clients: one serial in flight, sent again on every new
connection until it is acknowledged by its own operation coming by, or refused; when it is asked to
go it draws a time in the window and connects anew at once. An insertion at the
front needs no rebase of its own: in any newer state it is the same operation.
"""
import base64
import json
import os
import random
import re
import socket
import threading
import time

from parts import tuttid

TOKEN = re.compile(r"\[c(\d+):(\d+)\]")


class AskedToGo(Exception):
    """The node leaves; another one takes its clients."""


class Writer(threading.Thread):
    def __init__(self, index, name, ports, seconds_between=0.02):
        super().__init__(daemon=True)
        self.index, self.name_, self.ports, self.between = index, name, ports, seconds_between
        self.secret = base64.urlsafe_b64encode(os.urandom(16)).decode().rstrip("=")
        self.port_at = index
        self.serial, self.token, self.base, self.epoch = 1, 1, 0, 0
        self.acknowledged, self.times, self.failure = [], [], None
        self.stopping = False
        self.client = None

    # ---- One connection ----

    def connect(self):
        port = self.ports[self.port_at % len(self.ports)]
        self.port_at += 1

        class Server:
            pass

        server = Server()
        server.port = port
        server.connect = lambda: socket.create_connection(("127.0.0.1", port), 2)
        self.client = tuttid.Client(server)
        self.client.stream.settimeout(1.5)
        self.client.say("hello", {"resume": self.secret, "client": "tests"})
        self.who = self.client.read_message()[1]["who"]
        options = {"type": "text", "create": True}
        if self.base:
            options |= {"from": self.base, "epoch": self.epoch, "pending": self.serial}
        self.client.say("open", self.name_, options)
        opened = self.client.read_until(lambda m: m[0] in ("opened", "closed", "close"))
        if opened[0] != "opened":
            raise ConnectionError(f"not opened: {opened}")
        _, self.channel, _, seq, rest = opened
        if "reload" in rest:
            raise AssertionError(f"c{self.index}: reload {rest['reload']}")
        if not self.base:
            self.base = seq
        self.epoch = rest["epoch"]
        self.leave_at = None
        self.behind = seq  # the answer goes up to here: the pending serial is sent then
        self.sent = False

    def send(self):
        self.sent = True
        self.sent_at = self.sent_at or time.monotonic()
        self.client.say(self.channel, self.serial, self.base, [f"[c{self.index}:{self.token}]"])

    def acknowledge(self):
        self.acknowledged.append(self.token)
        self.times.append((time.monotonic(), time.monotonic() - (self.sent_at or time.monotonic())))
        self.serial += 1
        self.token += 1
        self.sent = False
        self.sent_at = None
        self.next_at = time.monotonic() + self.between

    def hear(self, message):
        if message[0] == self.channel:
            for at in range(2, len(message), 2):
                seq = message[1] + (at - 2) // 2
                if seq > self.base:
                    self.base = seq
                    text = "".join(part for part in message[at + 1] if isinstance(part, str))
                    if message[at] == self.who:
                        if text != f"[c{self.index}:{self.token}]":
                            raise AssertionError(f"c{self.index}: {text} for token {self.token}")
                        self.acknowledge()
        elif message[0] == "epoch":
            self.epoch = message[2]
        elif message[0] == "composed":
            self.base, self.epoch = message[2], message[4]
        elif message[0] == "refused":
            self.refused(message)
        elif message[0] == "goaway":
            window = message[1]
            ms = window["after_ms"] + random.random() * window["within_ms"]
            self.leave_at = time.monotonic() + ms / 1000
        elif message[0] in ("closed", "close"):
            raise ConnectionError(str(message))

    def refused(self, message):
        _, _, serial, code = message[:4]
        if serial != self.serial:
            return
        if code == 217:  # repeated: it had its seq
            self.acknowledge()
        elif 100 <= code < 200:
            self.sent = False
            self.next_at = time.monotonic() + 0.05
        else:
            raise AssertionError(f"c{self.index}: {message}")

    # ---- The thread ----

    def turn(self):
        if self.leave_at is not None and time.monotonic() >= self.leave_at:
            raise AskedToGo
        due = time.monotonic() >= self.next_at and not self.sent and self.base >= self.behind
        if due and not (self.stopping and self.sent_at is None):
            self.send()
        self.client.stream.settimeout(0.02)
        try:
            message = self.client.read_message()
        except TimeoutError:
            return
        self.client.stream.settimeout(1.5)
        self.hear(message)

    def run(self):
        self.sent_at, self.next_at = None, 0
        while not (self.stopping and self.sent_at is None):
            try:
                self.connect()
                while not (self.stopping and self.sent_at is None):
                    self.turn()
            except AssertionError as error:
                self.failure = str(error)
                return
            except AskedToGo:
                continue
            except (OSError, EOFError, ConnectionError, RuntimeError, TimeoutError, ValueError):
                time.sleep(0.1)
            finally:
                if self.client:
                    self.client.close()


class Writers:
    def __init__(self, name, ports, count, between=0.02):
        self.name = name
        self.all = [Writer(index, name, ports, between) for index in range(count)]

    def __enter__(self):
        for writer in self.all:
            writer.start()
        return self

    def __exit__(self, *_):
        for writer in self.all:
            writer.stopping = True

    def acknowledged(self):
        return sum(len(writer.acknowledged) for writer in self.all)

    def wait(self, more, seconds=60):
        """Until so many more tokens are acknowledged."""
        goal = self.acknowledged() + more
        deadline = time.monotonic() + seconds
        while self.acknowledged() < goal:
            self.check()
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.acknowledged()} of {goal} tokens are acknowledged")
            time.sleep(0.02)

    def wait_for_each(self, seconds=60):
        """Until each has two tokens acknowledged: nobody is still about to open the document."""
        deadline = time.monotonic() + seconds
        while min(len(writer.acknowledged) for writer in self.all) < 2:
            self.check()
            if time.monotonic() > deadline:
                raise TimeoutError("not everybody has begun")
            time.sleep(0.02)

    def check(self):
        for writer in self.all:
            if writer.failure:
                raise AssertionError(writer.failure)

    def finish(self, seconds=60):
        """Stop typing; every token that was sent gets its acknowledgement."""
        for writer in self.all:
            writer.stopping = True
        for writer in self.all:
            writer.join(seconds)
            if writer.is_alive():
                raise TimeoutError(f"c{writer.index} waits for the token {writer.token}")
        self.check()

    def first_after(self, moment, seconds=20):
        """Seconds from the moment to the first acknowledgement of what was sent after it."""
        while True:
            times = [at for writer in self.all for at, took in list(writer.times)
                     if at - took >= moment]  # fmt: skip
            if times:
                return min(times) - moment
            self.check()
            if time.monotonic() - moment > seconds:
                raise TimeoutError("nothing is acknowledged")
            time.sleep(0.02)

    def gaps(self, since):
        """For each writer, the longest time without an acknowledgement after `since`."""
        longest = []
        for writer in self.all:
            times = [since] + [at for at, _ in writer.times if at > since]
            longest.append(max((b - a for a, b in zip(times, times[1:])), default=0))
        return sorted(longest)


def check_tokens(writers, entries, texts):
    """Every acknowledged token exactly once, others at most once, in their author's order, and the
    same text everywhere."""
    in_order = {}
    for _, _, _, operation in entries:
        if operation.startswith("["):
            for index, number in TOKEN.findall("".join(
                part for part in json.loads(operation) if isinstance(part, str))):  # fmt: skip
                in_order.setdefault(int(index), []).append(int(number))
    for writer in writers.all:
        stored = in_order.get(writer.index, [])
        if stored != sorted(set(stored)):
            raise AssertionError(f"c{writer.index}: {stored} is out of order or twice")
        missing = set(writer.acknowledged) - set(stored)
        if missing:
            raise AssertionError(f"c{writer.index}: {sorted(missing)} were acknowledged and lost")
    seqs = [seq for seq, *_ in entries]
    if seqs != list(range(1, len(seqs) + 1)):
        raise AssertionError("the history has a gap")
    if len(set(texts)) != 1:
        raise AssertionError(f"{len(set(texts))} different texts at {len(texts)} nodes")
    tokens = TOKEN.findall(texts[0])
    count = sum(len(numbers) for numbers in in_order.values())
    if len(tokens) != len(set(tokens)) or len(tokens) != count:
        raise AssertionError(f"{len(tokens)} tokens in the text, {count} in the history")
