"""Real processes: PostgreSQL, Redis, three nodes and HAProxy before them, and everything that
happens to them while clients type. After each scenario every acknowledged token is there exactly
once, all nodes and the store agree (writers.py), and the store is sound (tutti store check).
Clients come by HAProxy; where a node is cut off from something, they are connected to the nodes,
two to each.

    cluster.py TUTTID TUTTI [SEED …]
"""
import os
import random
import signal
import statistics
import sys
import time
import traceback

from deployed import Balancer
from parts import Cluster, own_network, tuttid, wait_for
from writers import Writers, check_tokens

WRITERS = 6


class Stage:
    """One scenario on a document of its own."""

    def __init__(self, cluster, name, chance):
        self.cluster, self.name, self.chance = cluster, f"stage/{name}", chance

    def owner(self):
        wait_for(lambda: self.cluster.owner(self.name), "an owner")
        return self.cluster.owner(self.name)

    def others(self):
        owner = self.owner()
        return [node for node in self.cluster.nodes if node is not owner]

    def pause(self):
        time.sleep(self.chance.uniform(0.1, 0.5))


def kill_owner(stage, writers):
    owner = stage.owner()
    began = time.monotonic()
    owner.stop(signal.SIGKILL)
    first = writers.first_after(began)
    writers.wait(3 * WRITERS)
    owner.start()
    return "next acknowledged edit after", first


def stop_owner(stage, writers):
    owner = stage.owner()
    owner.send(signal.SIGSTOP)
    time.sleep(10 if os.environ.get("SOAK") else 5)
    writers.wait(WRITERS)
    if stage.owner() is owner:
        raise AssertionError("nobody took over")
    owner.send(signal.SIGCONT)
    writers.wait(3 * WRITERS)
    return None


def cut(stage, writers, node, port, seconds):
    handle = stage.cluster.filter.cut(node, port)
    try:
        time.sleep(seconds)
        writers.wait(WRITERS // 2, 30)
    finally:
        stage.cluster.filter.heal(handle)
    writers.wait(2 * WRITERS)


def cut_owner_from_store(stage, writers):
    cut(stage, writers, stage.owner(), stage.cluster.postgres.port, 4)


def cut_owner_from_redis(stage, writers):
    owner = stage.owner()
    cut(stage, writers, owner, owner.tap.port, 4)


def cut_replica_from_redis(stage, writers):
    replica = stage.chance.choice(stage.others())
    cut(stage, writers, replica, replica.tap.port, 4)


def lose_last_publish(stage, writers):
    """Nothing follows that would show the gap; the head that is told now and then does."""
    writers.finish()
    owner, replica = stage.owner(), stage.chance.choice(stage.others())
    head = len(stage.cluster.entries(stage.name))
    with tuttid.Client(replica) as reader, tuttid.Client(owner) as author:
        reader.hello()
        author.hello()
        channel, _ = reader.open(stage.name, "text")
        own, _ = author.open(stage.name, "text")
        owner.tap.take_next(stage.name)
        author.say(own, 1, head, ["!"])
        author.read_until(lambda message: message[:2] == [own, head + 1])
        began = time.monotonic()
        reader.read_until(lambda message: message[:2] == [channel, head + 1])
        shown = time.monotonic() - began
    if not owner.tap.taken.is_set():
        raise AssertionError("no message was taken away")
    return "shown after", shown


def shake_redis(stage, writers):
    redis = stage.cluster.redis
    redis.command_line("FLUSHALL")
    writers.wait(WRITERS)
    redis.command_line("CLIENT", "KILL", "TYPE", "normal")
    redis.command_line("CLIENT", "KILL", "TYPE", "pubsub")
    writers.wait(WRITERS)
    redis.stop(signal.SIGKILL)
    stage.pause()
    redis.start()
    writers.wait(2 * WRITERS)


def shake_postgres(stage, writers):
    postgres = stage.cluster.postgres
    for _ in range(3):
        postgres.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                       " WHERE application_name = 'tuttid'")  # fmt: skip
        writers.wait(WRITERS // 2)
    postgres.stop(signal.SIGINT)
    stage.pause()
    postgres.start()
    writers.wait(2 * WRITERS)


def roll(stage, writers):
    """Each node is drained and started again, under load."""
    gaps = []
    for node in stage.cluster.nodes:
        began = time.monotonic()
        code = node.stop(signal.SIGTERM)
        if code != 0:
            raise AssertionError(f"{node.name} ended with {code}: {node.log()[-1000:]}")
        gaps += writers.gaps(began)
        node.start()
        writers.wait(WRITERS)
    return "longest gap of a client", max(gaps)


def check_store(stage, writers):
    """Again and again while everybody types, and while the document changes its owner."""
    rounds = 30 if os.environ.get("SOAK") else 6
    said = set()
    for at in range(rounds):
        if at == rounds // 2:
            owner = stage.owner()
            owner.stop(signal.SIGKILL)
            owner.start()
        said.add(stage.cluster.check_store())
        writers.wait(1)
    if len(said) < rounds:
        raise AssertionError("nobody wrote between two checks")


SCENARIOS = [
    (kill_owner, False),
    (stop_owner, False),
    (cut_owner_from_store, True),
    (cut_owner_from_redis, True),
    (cut_replica_from_redis, True),
    (lose_last_publish, False),
    (shake_redis, False),
    (shake_postgres, False),
    (roll, False),
    (check_store, False),
]


def run_scenario(cluster, scenario, seed, ports):
    """What it has measured, and how many tokens were acknowledged."""
    stage = Stage(cluster, f"{scenario.__name__}-{seed}", random.Random(seed))
    with Writers(stage.name, ports, WRITERS) as writers:
        writers.wait_for_each()
        measured = scenario(stage, writers)
        writers.finish()
    entries = cluster.entries(stage.name)
    check_tokens(writers, entries, cluster.texts(stage.name, len(entries)))
    cluster.check_store()
    return measured, writers.acknowledged()


def explain(cluster):
    for line in traceback.format_exc().splitlines():
        print(f"# {line}")
    for node in cluster.nodes:
        for line in node.log().splitlines()[-15:]:
            print(f"# {node.name}: {line}")
        if not node.running():
            node.start()


class Suite:
    def __init__(self, cluster, balancer, partitions):
        self.cluster, self.balancer, self.partitions = cluster, balancer, partitions
        self.number = self.failed = 0
        self.measured = {}

    def ports(self, needs_partition):
        if needs_partition:
            return [node.port for node in self.cluster.nodes]
        wait_for(self.balancer.is_ready, "haproxy finds the nodes")
        return [self.balancer.port]

    def run(self, scenario, needs_partition, seed):
        self.number += 1
        name = f"{self.number} - {scenario.__name__.replace('_', ' ')}, seed {seed}"
        if needs_partition and not self.partitions:
            print(f"ok {name} # SKIP no network namespace here")
            return
        began = time.monotonic()
        try:
            ports = self.ports(needs_partition)
            measured, tokens = run_scenario(self.cluster, scenario, seed, ports)
        except Exception:  # pylint: disable=broad-except
            self.failed += 1
            print(f"not ok {name}")
            explain(self.cluster)
            return
        said = f"{tokens} tokens, {time.monotonic() - began:.1f} s"
        if measured:
            what, seconds = measured
            self.measured.setdefault(what, []).append(seconds)
            said += f", {what} {seconds:.2f} s"
        print(f"ok {name}: {said}")

    def summarize(self):
        for what, seconds in self.measured.items():
            print(f"# {what}: median {statistics.median(seconds):.2f} s, "
                  f"most {max(seconds):.2f} s of {len(seconds)}")
        print(f"1..{self.number}")


def main():
    program, tool, *words = sys.argv[1:]
    partitions = own_network()
    only = os.environ.get("ONLY")
    with Cluster(program, tool, partitions=partitions) as cluster, Balancer(
        cluster.folder, cluster.nodes
    ) as balancer:
        suite = Suite(cluster, balancer, partitions)
        for seed in [int(word) for word in words] or [1]:
            for scenario, needs_partition in SCENARIOS:
                if only in (None, scenario.__name__):
                    suite.run(scenario, needs_partition, seed)
                    sys.stdout.flush()
        suite.summarize()
    return 1 if suite.failed else 0


if __name__ == "__main__":
    sys.exit(main())
