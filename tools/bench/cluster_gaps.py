#!/usr/bin/env python3
"""How long people wait when a node of a cluster is drained, and when one is killed.

    tools/bench/cluster_gaps.py BUILD [ROUNDS [DOCUMENTS]]

BUILD is a release build. Three nodes on PostgreSQL and Redis, HAProxy before them by the file in
deploy/; people type by the real client, three in each of DOCUMENTS (20 if not given). In each of
ROUNDS (15) the next node is drained and started again; then in each of as many the next one is
killed -9. For each client the longest that one of its edits waited counts, and after a kill, for
each document that the node had, how soon the first edit that was made since was durable. Needs
node and what tools/check needs.
"""
import json
import pathlib
import signal
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "tests" / "cluster"))
from deployed import Balancer, DeployedCluster  # noqa: E402
from parts import wait_for  # noqa: E402

# A document goes back to the node that ranks first for it ten seconds after that is up.
SETTLED_SECONDS = 13
KILLED_SECONDS = 6


class Typists:
    def __init__(self, url, documents):
        self.process = subprocess.Popen(
            ["node", HERE / "typists.js", url, str(3 * documents), str(documents)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        if self.process.stdout.readline() != "ready\n":
            raise RuntimeError("the typists did not begin")

    def say(self, word):
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()

    def begin(self):
        self.say("begin")

    def end(self):
        """What they saw since begin(), as typists.js tells it."""
        self.say("end")
        return json.loads(self.process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def owned_by(cluster, node):
    rows = cluster.postgres.query(
        "SELECT convert_from(name, 'UTF8') FROM document"
        f" WHERE convert_from(owner, 'UTF8') = '{node.name}'"
    )
    return [name for (name,) in rows]


def drain(typists, node):
    """What they saw of it: those that stayed where they were, and those that were asked to go."""
    node.send(signal.SIGTERM)
    typists.begin()
    code = node.process.wait()
    if code != 0:
        raise RuntimeError(f"{node.name} ended with {code}: {node.log()[-1000:]}")
    time.sleep(1)
    waits = typists.end()["waits"]
    return [wait for wait, gone in waits if not gone], [wait for wait, gone in waits if gone]


def kill(cluster, typists, node):
    """What its clients saw, and when the first edit that was made since was durable in each of its
    documents."""
    names = owned_by(cluster, node)
    node.send(signal.SIGKILL)
    typists.begin()
    time.sleep(KILLED_SECONDS)
    told = typists.end()
    firsts = [told["firsts"].get(name, 1000 * KILLED_SECONDS) for name in names]
    return [wait for wait, gone in told["waits"] if gone], firsts


def start_again(typists, node):
    typists.begin()
    node.start()
    time.sleep(SETTLED_SECONDS)
    return [wait for wait, _ in typists.end()["waits"]]


def print_row(name, values):
    values = sorted(values)
    at = [values[min(int(len(values) * part), len(values) - 1)] for part in (0.5, 0.9, 0.99)]
    cells = [f"{value / 1000:>8.2f}" for value in (*at, values[-1])]
    print(f"{name:<44} {len(values):>6} {' '.join(cells)}", flush=True)


def measure(cluster, typists, rounds):
    drained, moved, returned, killed, firsts = [], [], [], [], []
    turns = [cluster.nodes[at % len(cluster.nodes)] for at in range(rounds)]
    for node in turns:
        for values, more in zip((drained, moved), drain(typists, node)):
            values += more
        returned += start_again(typists, node)
    for node in turns:
        for values, more in zip((killed, firsts), kill(cluster, typists, node)):
            values += more
        start_again(typists, node)
    print_row("drain: clients of the other nodes", drained)
    print_row("drain: clients that were asked to go", moved)
    print_row("start: all, until documents have gone back", returned)
    print_row("kill -9: clients of the node", killed)
    print_row("kill -9: documents of the node, next edit", firsts)


def main():
    if len(sys.argv) not in (2, 3, 4):
        sys.exit(__doc__)
    build = pathlib.Path(sys.argv[1]).resolve()
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 15
    documents = int(sys.argv[3]) if len(sys.argv) > 3 else 20
    program, tool = build / "server/tuttid", build / "tools/tutti"
    heads = f"{'count':>6} {'median':>8} {'p90':>8} {'p99':>8} {'most':>8}"
    with DeployedCluster(program, tool) as cluster, Balancer(
        cluster.folder, cluster.nodes
    ) as balancer:
        wait_for(balancer.is_ready, "haproxy finds the nodes")
        with Typists(f"ws://127.0.0.1:{balancer.port}/", documents) as typists:
            time.sleep(SETTLED_SECONDS)
            print(f"{'longest wait of an edit, in seconds':<44} {heads}", flush=True)
            measure(cluster, typists, rounds)


if __name__ == "__main__":
    main()
