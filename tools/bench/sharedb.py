#!/usr/bin/env python3
"""Tutti beside ShareDB: the same load, by ShareDB's protocol, on both in one run.

    tools/bench/sharedb.py BUILD [SECONDS]

BUILD is a release build. ShareDB keeps its documents in memory, and so does the tuttid that it is
compared with first; the second one makes every operation durable in SQLite before anybody hears of
it. Each load runs SECONDS (5 if not given) on one after the other. Needs node and npm.
"""
from peer import Peer, bench, main, tuttid

LOADS = {
    "1 writer": ["hot", "--writers", "1"],
    "2 writers": ["hot", "--writers", "2"],
    "10 writers": ["hot", "--writers", "10"],
    "50 writers": ["hot", "--writers", "50"],
    "200 documents x 2": ["spread", "--documents", "200", "--writers", "2"],
    "1 writer, 500 readers": ["fanout", "--readers", "500"],
    "2 writers, 1 MB text": ["hot", "--writers", "2", "--text", "1000000"],
}
DIALECT = ["--dialect", "sharedb"]


def compare(build, seconds, load):
    program = build / "server" / "tuttid"
    # New ones each time: none drags along what it did before.
    with tuttid.Server(program, "--store", "memory") as server, Peer("sharedb.js") as peer:
        ours = f"ws://127.0.0.1:{server.port}/sharedb"
        both = [*DIALECT, "--peer", peer.url]
        in_memory, other, _ = bench(build, seconds, load, ours, *both)
    with tuttid.Server(program) as server:
        ours = f"ws://127.0.0.1:{server.port}/sharedb"
        (durable,) = bench(build, seconds, load, ours, *DIALECT)
    return [
        ("ShareDB, in memory", other),
        ("Tutti, in memory", in_memory),
        ("Tutti, SQLite, durable", durable),
    ]


if __name__ == "__main__":
    main(__doc__, LOADS, compare)
