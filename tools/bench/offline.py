#!/usr/bin/env python3
"""A long time offline, beside ShareDB: what it costs to come back.

    tools/bench/offline.py BUILD

BUILD is a release build. One client is away and makes single-character edits at random places of a
text of 100 KB, another one makes some meanwhile; then the first one comes back. ShareDB's client
and server do the same where that takes less than PEER_SECONDS_MAX. Needs node and npm.
"""
import json
import pathlib
import subprocess
import sys

from peer import PEERS, Peer, tuttid

SIZES = [(1_000, 1_000), (10_000, 10_000), (100_000, 1_000)]
PEER_SECONDS_MAX = 120


def show(who, edits, others, figures):
    print(
        f"{who:<8} {edits:>7,} x {others:>6,}: typing {figures['typing_ms']:>10,.1f} ms,"
        f" together {figures['together_ms']:>10,.1f} ms",
        flush=True,
    )


def ours(tutti, url, edits, others):
    sizes = ["--edits", str(edits), "--others", str(others)]
    run = subprocess.run(
        [tutti, "bench", "offline", *sizes, "--url", url, "--json"],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(run.stdout)


def theirs(url, edits, others):
    """None when it takes too long."""
    try:
        run = subprocess.run(
            ["node", "sharedb_offline.js", url, str(edits), str(others)],
            cwd=PEERS,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            timeout=PEER_SECONDS_MAX,
        )
    except subprocess.TimeoutExpired:
        return None
    return json.loads(run.stdout)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    build = pathlib.Path(sys.argv[1])
    with tuttid.Server(build / "server" / "tuttid") as server, Peer("sharedb.js") as peer:
        for edits, others in SIZES:
            url = f"ws://127.0.0.1:{server.port}/"
            show("Tutti", edits, others, ours(build / "tools" / "tutti", url, edits, others))
            figures = theirs(peer.url, edits, others)
            if figures is None:
                print(f"ShareDB  {edits:>7,} x {others:>6,}: more than {PEER_SECONDS_MAX} s")
            else:
                show("ShareDB", edits, others, figures)


if __name__ == "__main__":
    main()
