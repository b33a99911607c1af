#!/usr/bin/env python3
"""Tutti beside ShareDB: the same load, by ShareDB's protocol, on both in one run.

    tools/bench/sharedb.py BUILD [SECONDS]

BUILD is a release build. ShareDB keeps its documents in memory, and so does the tuttid that it is
compared with first; the second one makes every operation durable in SQLite before anybody hears of
it. Each load runs SECONDS (5 if not given) on one after the other. Needs node and npm.
"""
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1] / "tests" / "system"))
import tuttid  # noqa: E402

LOADS = {
    "1 writer": ["hot", "--writers", "1"],
    "2 writers": ["hot", "--writers", "2"],
    "10 writers": ["hot", "--writers", "10"],
    "50 writers": ["hot", "--writers", "50"],
    "200 documents x 2": ["spread", "--documents", "200", "--writers", "2"],
    "1 writer, 500 readers": ["fanout", "--readers", "500"],
    "2 writers, 1 MB text": ["hot", "--writers", "2", "--text", "1000000"],
}
COLUMNS = ("", "operations/s", "ratio", "p99 ms", "CPU us", "MB")


class Peer:
    """ShareDB's server, in a process of its own."""

    def __enter__(self):
        peers = HERE / "peers"
        if not (peers / "node_modules").exists():
            command = ["npm", "ci", "--ignore-scripts", "--silent", "--no-audit", "--no-fund"]
            subprocess.run(command, cwd=peers, check=True)
        self.process = subprocess.Popen(
            ["node", "sharedb.js"],
            cwd=peers,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={"PATH": "/usr/local/bin:/usr/bin:/bin", "NODE_ENV": "production"},
        )
        self.url = f"ws://127.0.0.1:{int(self.process.stdout.readline())}/"
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(tuttid.SECONDS_MAX)


def bench(tutti, seconds, load, url, *more):
    """The figures of each server that was measured."""
    common = ["--dialect", "sharedb", "--seconds", str(seconds), "--json", "--url", url]
    run = subprocess.run(
        [tutti, "bench", *load, *common, *more], stdout=subprocess.PIPE, text=True, check=True
    )
    return [json.loads(line) for line in run.stdout.splitlines()]


def show(name, row, peer, kind):
    rate = row[f"{kind}_per_second"]
    cpu_us = row["server_cpu_seconds"] * 1e6 / max(row[kind], 1)
    values = (
        name,
        f"{rate:,.0f}",
        f"{rate / peer[f'{kind}_per_second']:.1f}",
        f"{row['p99_ms']:.2f}",
        f"{cpu_us:.1f}",
        f"{row['server_rss_mb']:.0f}",
    )
    print("{:<24} {:>12} {:>7} {:>9} {:>9} {:>6}".format(*values), flush=True)


def compare(build, seconds, name, load):
    tutti = build / "tools" / "tutti"
    memory = ("--store", "memory")
    # New ones each time: none drags along what it did before.
    with tuttid.Server(build / "server" / "tuttid", *memory) as server, Peer() as peer:
        ours = f"ws://127.0.0.1:{server.port}/sharedb"
        in_memory, other, _ = bench(tutti, seconds, load, ours, "--peer", peer.url)
    with tuttid.Server(build / "server" / "tuttid") as server:
        ours = f"ws://127.0.0.1:{server.port}/sharedb"
        (durable,) = bench(tutti, seconds, load, ours)
    kind = "deliveries" if load[0] == "fanout" else "operations"
    print(f"\n{name} ({kind}; bare fdatasync {durable['floor_syncs_per_second']:,.0f}/s)")
    show("  ShareDB, in memory", other, other, kind)
    show("  Tutti, in memory", in_memory, other, kind)
    show("  Tutti, SQLite, durable", durable, other, kind)


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    build = pathlib.Path(sys.argv[1]).resolve()
    seconds = int(sys.argv[2]) if len(sys.argv) == 3 else 5
    print("{:<24} {:>12} {:>7} {:>9} {:>9} {:>6}".format(*COLUMNS))
    for name, load in LOADS.items():
        compare(build, seconds, name, load)


if __name__ == "__main__":
    main()
