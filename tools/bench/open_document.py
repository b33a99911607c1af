#!/usr/bin/env python3
"""What a long history costs: opening a document, and reading it as it was.

    tools/bench/open_document.py BUILD [OPERATIONS]

BUILD is a build folder with server/tuttid and tools/tutti in it. A text of about 1 KB gets 1,000
operations, another one at least OPERATIONS (1,000,000 if not given). Opening is timed at a server
that was just started, so that nothing of the document is in its memory; reading is at places drawn
from the whole history.
"""
import contextlib
import pathlib
import random
import sqlite3
import statistics
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "tests" / "system"))
import tuttid  # noqa: E402

SHORT = 1_000
TEXT_SIZE = 1_024  # as that of `tutti bench hot`
WRITERS = 50
STARTS = 15
READS = 200


def heads(server):
    """The head of each document in the server's store, by its name."""
    path = pathlib.Path(server.folder.name) / "data" / "tutti.db"
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        return dict(database.execute("SELECT name, head FROM document"))


def write_short(server, name):
    """SHORT operations one by one."""
    with tuttid.Client(server) as client:
        client.hello()
        channel, seq = client.open(name, "text")
        for serial in range(1, SHORT + 1):
            operation = [{"d": 1}, "x"] if serial > 1 else ["." * TEXT_SIZE]
            client.say(channel, serial, seq, operation)
            seq = client.read_until(lambda message: message[0] == channel)[1]


def write_long(tutti, server, seconds):
    """Operations of many writers for some seconds; the document's name and head."""
    before = set(heads(server))
    subprocess.run(
        [tutti, "bench", "hot", "--writers", str(WRITERS), "--seconds", str(seconds)]
        + ["--url", f"ws://127.0.0.1:{server.port}/"],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    (name,) = set(heads(server)) - before
    return name, heads(server)[name]


def time_opening(server, name):
    """Milliseconds from `open` to `opened`, at a server that knows nothing of the document yet."""
    server.stop()
    server.process.stdout.close()
    server.start()
    with tuttid.Client(server) as client:
        client.hello()
        begin = time.perf_counter()
        client.open(name, "text")
        return (time.perf_counter() - begin) * 1000


def time_reading(client, request, name, seq):
    """Milliseconds from `read` to its answer."""
    begin = time.perf_counter()
    client.say("read", request, name, {"seq": seq})
    answer = client.read_until(lambda message: message[:2] == ["history", request])
    if answer[2].get("seq") != seq:
        raise RuntimeError(f"not read: {answer}")
    return (time.perf_counter() - begin) * 1000


def measure(server, name, head):
    openings = [time_opening(server, name) for _ in range(STARTS)]
    with tuttid.Client(server) as client:
        client.hello()
        places = [random.randint(1, head) for _ in range(READS)]
        reads = [time_reading(client, at + 1, name, seq) for at, seq in enumerate(places)]
    print(
        f"{head:>9} operations: open {statistics.median(openings):6.2f} ms"
        f" (at most {max(openings):6.2f}), read {statistics.median(reads):6.2f} ms"
        f" (at most {max(reads):6.2f})",
        flush=True,
    )
    return statistics.median(openings)


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    build = pathlib.Path(sys.argv[1])
    wanted = int(sys.argv[2]) if len(sys.argv) == 3 else 1_000_000
    tutti = build / "tools" / "tutti"
    with tuttid.Server(build / "server" / "tuttid") as server:
        write_short(server, "bench/short")
        # The pilot had a second of warming up besides. Twice the time it should take.
        _, pilot = write_long(tutti, server, 1)
        name, head = write_long(tutti, server, 4 * wanted // pilot + 2)
        short = measure(server, "bench/short", SHORT)
        long = measure(server, name, head)
    print(f"opening the long one takes {long / short:.2f} times as long as the short one")


if __name__ == "__main__":
    main()
