#!/usr/bin/env python3
"""Tutti beside a Yjs server: like loads by the same clients, each by the server's own protocol.

    tools/bench/yjs.py BUILD [SECONDS]

BUILD is a release build. The Yjs server is y-websocket's; it keeps its documents in memory, and so
does the tuttid that it is compared with first; the second one makes every operation durable in
SQLite before anybody hears of it. Each load runs SECONDS (5 if not given) on one after the other.
Needs node and npm.

An operation counts when its author is told that the server has taken it in: by Tutti's frame with
it, by the Yjs server's update with it. On Tutti a character goes into a random place of 1 KB of
text or out of it; on Yjs, which has it easier so, each author types lines of 80 characters and
deletes nothing. For one writer and many readers Tutti counts; Yjs, without counters, gets a
character.

After each load a new client of Yjs has to find as many characters in the Yjs server's documents as
it had acknowledged, else the run ends with 1.
"""
import sys

from peer import Peer, bench, main, tuttid

TEXT = 1024
LOADS = {
    "1 writer": ["hot", "--writers", "1"],
    "2 writers": ["hot", "--writers", "2"],
    "10 writers": ["hot", "--writers", "10"],
    "50 writers": ["hot", "--writers", "50"],
    "200 documents x 2": ["spread", "--documents", "200", "--writers", "2"],
    "1 writer, 500 readers": ["fanout", "--readers", "500"],
}
DOCUMENTS = {"hot": 1, "spread": 200, "fanout": 0}  # that begin with the text


def theirs(build, seconds, load):
    with Peer("yjs.js") as peer:
        (figures,) = bench(build, seconds, load, peer.url, "--dialect", "yjs", "--text", str(TEXT))
        found = int(peer.last_words())
    typed = figures["acknowledged_in_all"] + DOCUMENTS[load[0]] * TEXT
    if found != typed:
        sys.exit(f"Yjs: {typed:,} characters were acknowledged, and {found:,} are there")
    return figures


def ours(build, seconds, load, *options):
    with tuttid.Server(build / "server" / "tuttid", *options) as server:
        url = f"ws://127.0.0.1:{server.port}/"
        (figures,) = bench(build, seconds, load, url, "--text", str(TEXT))
    return figures


def compare(build, seconds, load):
    # New ones each time: none drags along what it did before.
    return [
        ("Yjs, in memory", theirs(build, seconds, load)),
        ("Tutti, in memory", ours(build, seconds, load, "--store", "memory")),
        ("Tutti, SQLite, durable", ours(build, seconds, load)),
    ]


if __name__ == "__main__":
    main(__doc__, LOADS, compare)
