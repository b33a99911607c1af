"""Real processes: PostgreSQL, Redis and three nodes, and everything that happens to them while
clients type. After each scenario every acknowledged token is there exactly once, and all nodes and
the store agree (writers.py).

    cluster.py TUTTID TUTTI [SEED …]
"""
import os
import random
import signal
import sys
import time
import traceback

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
    return f"next acknowledged edit after {first:.2f} s"


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
    return f"shown after {shown:.2f} s"


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
    return f"longest gap of a client {max(gaps):.2f} s"


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
]


def run_scenario(cluster, scenario, seed):
    stage = Stage(cluster, f"{scenario.__name__}-{seed}", random.Random(seed))
    ports = [node.port for node in cluster.nodes]
    with Writers(stage.name, ports, WRITERS) as writers:
        writers.wait(2 * WRITERS)
        said = scenario(stage, writers)
        writers.finish()
    entries = cluster.entries(stage.name)
    check_tokens(writers, entries, cluster.texts(stage.name, len(entries)))
    return said, writers.acknowledged()


def main():
    program, tool, *words = sys.argv[1:]
    partitions = own_network()
    seeds = [int(word) for word in words] or [1]
    failed = 0
    number = 0
    with Cluster(program, tool, partitions=partitions) as cluster:
        for seed in seeds:
            for scenario, needs_partition in SCENARIOS:
                number += 1
                name = f"{scenario.__name__.replace('_', ' ')}, seed {seed}"
                if os.environ.get("ONLY") and os.environ["ONLY"] != scenario.__name__:
                    continue
                if needs_partition and not partitions:
                    print(f"ok {number} - {name} # SKIP no network namespace here")
                    continue
                began = time.monotonic()
                try:
                    said, tokens = run_scenario(cluster, scenario, seed)
                    print(f"ok {number} - {name}: {tokens} tokens, "
                          f"{time.monotonic() - began:.1f} s{', ' + said if said else ''}")
                except Exception:  # pylint: disable=broad-except
                    failed += 1
                    print(f"not ok {number} - {name}")
                    for line in traceback.format_exc().splitlines():
                        print(f"# {line}")
                    for node in cluster.nodes:
                        for line in node.log().splitlines()[-15:]:
                            print(f"# {node.name}: {line}")
                        if not node.running():
                            node.start()
                sys.stdout.flush()
    print(f"1..{number}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
