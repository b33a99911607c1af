#!/usr/bin/env python3
"""A cluster beside ShareDB's: one, two and three nodes on PostgreSQL and Redis, behind HAProxy.

    tools/bench/cluster.py BUILD [SECONDS]

BUILD is a release build. The same load by ShareDB's protocol goes to tuttid and to as many
processes of ShareDB with sharedb-postgres and sharedb-redis-pubsub, all on this machine, one after
the other: the ratio is what counts. PostgreSQL is the same for both, and waits for no disk. Needs
node, npm and what tools/check needs.
"""
import contextlib
import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "tests" / "cluster"))
from deployed import Balancer  # noqa: E402
from parts import Cluster, Process, free_port, listens, wait_for  # noqa: E402
from peer import PEERS, install  # noqa: E402

LOADS = {
    "one document, 2 writers, 1 node": (1, ["hot", "--writers", "2"]),
    "one document, 2 writers, 2 nodes": (2, ["hot", "--writers", "2"]),
    "one document, 2 writers, 3 nodes": (3, ["hot", "--writers", "2"]),
    "one document, 20 writers, 1 node": (1, ["hot", "--writers", "20"]),
    "one document, 20 writers, 2 nodes": (2, ["hot", "--writers", "20"]),
    "one document, 20 writers, 3 nodes": (3, ["hot", "--writers", "20"]),
    "300 documents, 1 writer, 3 nodes": (3, ["spread", "--documents", "300", "--writers", "1"]),
}


class Untapped(Cluster):
    tapped = False


class Peer(Process):
    """One process of ShareDB on the cluster's PostgreSQL and Redis."""

    def __init__(self, cluster, index):
        self.port = free_port()
        words = [self.port, cluster.postgres.url, cluster.redis.url]
        super().__init__(cluster.folder, f"peer{index}", ["node", PEERS / "sharedb.js", *words])

    def start(self):
        super().start()
        wait_for(lambda: listens(self.port), self.name)


def prepare_peers(cluster):
    install()
    cluster.postgres.query((PEERS / "node_modules/sharedb-postgres/structure.sql").read_text())


def bench(tutti, seconds, load, port, path):
    url = f"ws://127.0.0.1:{port}{path}"
    words = ["--dialect", "sharedb", "--seconds", str(seconds), "--json", "--url", url]
    run = subprocess.run([tutti, "bench", *load, *words], stdout=subprocess.PIPE, text=True,
                         check=True)  # fmt: skip
    return json.loads(run.stdout)


def measure_ours(build, seconds, nodes, load):
    with Untapped(build / "server/tuttid", build / "tools/tutti", nodes) as cluster:
        with Balancer(cluster.folder, cluster.nodes) as balancer:
            wait_for(balancer.is_ready, "haproxy finds the nodes")
            return bench(build / "tools/tutti", seconds, load, balancer.port, "/sharedb")


def measure_theirs(build, seconds, nodes, load):
    with contextlib.ExitStack() as stack:
        cluster = stack.enter_context(
            Untapped(build / "server/tuttid", build / "tools/tutti", nodes=0)
        )
        prepare_peers(cluster)
        peers = [Peer(cluster, index) for index in range(nodes)]
        for peer in peers:
            peer.start()
            stack.callback(peer.stop)
        balancer = stack.enter_context(Balancer(cluster.folder, peers, checked=False))
        load = [*load, "--unordered"]  # one of its clients would fetch what comes in no order
        return bench(build / "tools/tutti", seconds, load, balancer.port, "/")


def columns(figures):
    return f"{figures['operations_per_second']:>8,.0f} {figures['p99_ms']:>7.1f}"


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    build = pathlib.Path(sys.argv[1]).resolve()
    seconds = int(sys.argv[2]) if len(sys.argv) == 3 else 5
    os.environ["NODE_ENV"] = "production"
    heads = "{:<34} {:>8} {:>7} {:>8} {:>7} {:>6}"
    print(heads.format("operations/s", "Tutti", "p99 ms", "ShareDB", "p99 ms", "ratio"))
    for name, (nodes, load) in LOADS.items():
        ours = measure_ours(build, seconds, nodes, load)
        theirs = measure_theirs(build, seconds, nodes, load)
        ratio = ours["operations_per_second"] / theirs["operations_per_second"]
        print(f"{name:<34} {columns(ours)} {columns(theirs)} {ratio:>6.1f}", flush=True)


if __name__ == "__main__":
    main()
