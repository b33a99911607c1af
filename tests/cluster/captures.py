"""captures - a cluster under load, each node captured; one is killed and one drained. Then every
capture is run again, and the store derived again. Prints TAP.

    captures.py TUTTID TUTTI
"""
import re
import signal
import subprocess
import sys

from parts import Cluster, wait_for
from report import exit_code, result
from writers import Writers

DOCUMENT = "stage/captured"
WRITERS = 6


def owner(cluster):
    wait_for(lambda: cluster.owner(DOCUMENT), "an owner")
    return cluster.owner(DOCUMENT)


def live(cluster):
    """Load, a kill -9 of the owner under it, the dead one comes back, another one is drained."""
    with Writers(DOCUMENT, [node.port for node in cluster.nodes], WRITERS) as writers:
        writers.wait(20 * WRITERS)
        killed = owner(cluster)
        killed.stop(signal.SIGKILL)
        writers.wait(10 * WRITERS)
        killed.start()
        drained = owner(cluster)
        code = drained.stop(signal.SIGTERM)
        result("a drained node ends in order", code == 0, drained.log())
        writers.wait(10 * WRITERS)
        writers.finish()
    for node in cluster.nodes:
        node.stop(signal.SIGTERM)
    return killed


def run(tool, *arguments):
    done = subprocess.run([tool, *map(str, arguments)], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def replay_captures(tool, cluster, killed):
    for node in cluster.nodes:
        for capture in node.captures:
            code, said = run(tool, "replay", capture)
            what = "that was killed " if capture == killed.captures[0] else ""
            count = re.search(r"^(\d+) records, .* (\d+) answers and messages", said, re.MULTILINE)
            result(
                f"the capture of node {capture.name} {what}runs again, byte for byte",
                code == 0 and count is not None and int(count.group(2)) > 5,
                said,
            )
            if count:
                print(f"# {count.group(1)} records, {count.group(2)} answers and messages")


def look_at_store(tool, url):
    code, said = run(tool, "replay", "--store", url)
    result("PostgreSQL holds what comes out", code == 0 and ": 0 differences" in said, said)
    found = re.search(r"(\d+) operations, (\d+) of them moved", said)
    result("… and some of it was moved", found is not None and int(found.group(2)) > 0, said)
    code, said = run(tool, "bisect", DOCUMENT, "--store", url, "--contains", "[c0:5]")
    first = re.search(r"^seq (\d+) is the first", said)
    result("an operation is found in PostgreSQL", code == 0 and first is not None, said)
    if first:
        code, said = run(tool, "explain", DOCUMENT, first.group(1), "--store", url)
        result("… and explained", code == 0 and 'arrived    ["[c0:5]"]' in said, said)


def main(program, tool):
    with Cluster(program, tool, captured=True) as cluster:
        killed = live(cluster)
        replay_captures(tool, cluster, killed)
        look_at_store(tool, cluster.postgres.url)
    return exit_code()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
