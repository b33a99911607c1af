"""Unmodified ShareDB clients at two nodes of a cluster, on PostgreSQL and Redis. What is shown at
one node is seen at the other, until that node is killed. Then they edit the same documents, the
node that owns one of them is killed, and its client goes on at the other: both end with the same,
each acknowledged edit is in it exactly once, and the store has it. Prints TAP.

    nodes.py TUTTID TUTTI
"""
import json
import pathlib
import signal
import subprocess
import sys
import threading

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "cluster"))
from parts import Cluster  # noqa: E402

SECONDS_MAX = 60
DOCUMENTS = {"number": "nodes/number", "text": "nodes/text"}


# What the client at the second node is told of those at the first.
SEEN = {
    "room": [["anna", {"x": 1}], ["anna", {"x": 2}], ["anna", None], ["anna", {"x": 3}],
             ["cleo", 1], ["cleo", None], ["anna", None]],
    "moving": [["dora", "here"], ["dora", "here"]],
    "later": [["anna", "here already"], ["anna", None]],
    "errors": [],
}  # fmt: skip


def play(cluster, script, ready, victim):
    """What the clients tell in the end. When they are ready, the victim is killed."""
    ports = [str(node.port) for node in cluster.nodes]
    command = ["node", str(HERE / script), *ports]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=HERE) as clients:
        patience = threading.Timer(SECONDS_MAX, clients.kill)
        patience.start()
        try:
            if clients.stdout.readline() != f"{ready}\n":
                raise RuntimeError("the clients came to nothing")
            victim().stop(signal.SIGKILL)
            said, _ = clients.communicate()
        finally:
            patience.cancel()
            clients.kill()
    return json.loads(said)


def stored(cluster, name):
    """At the node that lives."""
    node = next(node for node in cluster.nodes if node.running())
    status, body = node.get(f"/v1/documents/{name}")
    if status != 200:
        raise RuntimeError(f"{name}: {status} {body}")
    document = json.loads(body)
    return {"version": document["seq"], "data": document["data"]}


def main():
    program, tool = sys.argv[1:]
    with Cluster(program, tool, nodes=2) as cluster:
        seen = play(cluster, "presence.js", "shown", lambda: cluster.nodes[0])
        cluster.nodes[0].start()
        said = play(cluster, "nodes.js", "edited", lambda: cluster.owner(DOCUMENTS["text"]))
        kept = {id: stored(cluster, name) for id, name in DOCUMENTS.items()}
    text = said["text"][0]["data"]
    checks = {
        "presence at one node is seen at the other": seen == SEEN,
        "no client saw an error": said["errors"] == [],
        "both have the same": all(said[id][0] == said[id][1] for id in DOCUMENTS),
        "the store has it": all(said[id][0] == kept[id] for id in DOCUMENTS),
        "each number was added once": said["number"][0]["data"]["n"] == said["added"],
        "each word is there once": sorted(said["tokens"])
        == sorted(word + ">" for word in text.split(">")[:-1]),
    }
    for number, (name, holds) in enumerate(checks.items(), 1):
        print(f"{'ok' if holds else 'not ok'} {number} - {name}")
    if not all(checks.values()):
        print(f"# {json.dumps({**said, 'kept': kept, 'seen': seen})}")
    print(f"1..{len(checks)}")
    return 0 if all(checks.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
