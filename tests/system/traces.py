#!/usr/bin/env python3
"""traces - recorded typing, typed again into a server by `tutti trace`. Prints TAP.

    traces.py TUTTID TUTTI     people's recordings, where they are; short benchmarks

SOAK=1 runs every recording in every way. TRACES is the folder of the recordings; without it, the
one beside the checkout.
"""
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

from report import exit_code, result
from tuttid import Server

ROOT = pathlib.Path(__file__).resolve().parents[2]
TRACES = pathlib.Path(os.environ.get("TRACES") or ROOT / ".." / "shared" / "traces")
FRIENDS = TRACES / "friendsforever.cs.jsonl.gz"
SOAK = bool(os.environ.get("SOAK"))

# recording, how it is typed, what the report has to say
REPLAYS = [
    ("friendsforever.cs.jsonl.gz", [], r"26078 edits"),
    ("friendsforever.cs.jsonl.gz", ["--each"], r"transformed 1165 operations, over 11703 others"),
    ("friendsforever.cs.jsonl.gz", ["--free"], r"all texts are equal\n"),
    ("rustcode.json.gz", [], r"36981 edits \(40173 patches\)"),
    ("sveltecomponent.json.gz", [], r"18335 edits \(19749 patches\)"),
    ("automerge-paper.json.gz", [], r"259778 edits"),
]
SOAK_REPLAYS = [
    ("friendsforever.cs.jsonl.gz", ["--free", "--each"], r"all texts are equal\n"),
    ("friendsforever_flat.json.gz", ["--each"], r"26078 edits"),
    ("rustcode.json.gz", ["--each"], r"36981 operations acknowledged"),
    ("sveltecomponent.json.gz", ["--each"], r"18335 operations acknowledged"),
    ("automerge-paper.json.gz", ["--each"], r"259778 operations acknowledged"),
]


def skip(name, why):
    print(f"ok - {name} # SKIP {why}", flush=True)


def run_tool(*arguments):
    return subprocess.run(
        arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )


def replay(server, tutti):
    for file, options, expected in REPLAYS + (SOAK_REPLAYS if SOAK else []):
        name = " ".join([file, *options])
        if not (TRACES / file).exists():
            skip(name, "no traces")
            continue
        url = f"ws://127.0.0.1:{server.port}/"
        run = run_tool(tutti, "trace", TRACES / file, "--url", url, *options)
        ok = run.returncode == 0 and re.search(expected, run.stdout) is not None
        result(name, ok, f"exit code {run.returncode}\n{run.stdout}")
    fails(server, tutti)
    bench(server, tutti)


def fails(server, tutti):
    """What the tool must not take for success."""
    url = f"ws://127.0.0.1:{server.port}/"
    recording = made_up_recording(random.Random(1))
    recording["endContent"] += "."
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        json.dump(recording, file)
        file.flush()
        cases = [
            ("another end", [file.name, "--url", url], "the text is not endContent"),
            ("no file", ["/nowhere", "--url", url], "/nowhere"),
            ("no URL", [file.name, "--url", "http://127.0.0.1/"], "is not ws://"),
            ("no server", [file.name, "--url", "ws://127.0.0.1:1/", "--patience", "0"], "too long"),
        ]
        for name, arguments, expected in cases:
            run = run_tool(tutti, "trace", *arguments)
            result(f"fails: {name}", run.returncode == 1 and expected in run.stdout, run.stdout)


def bench(server, tutti):
    """Each benchmark runs and counts; what the figures are is another question."""
    place = ["--url", f"ws://127.0.0.1:{server.port}/", "--seconds", "1", "--json"]
    place += ["--floor-folder", server.folder.name]
    for arguments, readers in [
        (["hot", "--writers", "5"], 5),
        (["fanout", "--readers", "20", "--in-flight", "4"], 20),
        (["spread", "--documents", "3"], 2),
    ]:
        run = run_tool(tutti, "bench", *arguments, *place)
        try:
            figures = json.loads(run.stdout)
        except ValueError:
            figures = {}
        operations = figures.get("operations", 0)
        # Some of the last operations have not reached everybody.
        ok = run.returncode == 0 and operations > 0 and figures["server_rss_mb"] > 0
        ok = ok and abs(figures["deliveries"] - operations * readers) <= 100 * readers
        result(f"bench {arguments[0]} counts", ok, f"exit code {run.returncode}\n{run.stdout}")


def made_up_recording(draw):
    """Edits at random places, for those who have no recordings."""
    letters = "abc äß雪😀"
    text = "the quick brown fox"
    recording = {"startContent": text, "txns": []}
    for _ in range(600):
        at = draw.randrange(len(text) + 1)
        deleted = min(draw.choice([0, 0, 0, 1, 3]), len(text) - at)
        inserted = "".join(draw.choice(letters) for _ in range(draw.choice([0, 1, 1, 1, 5])))
        text = text[:at] + inserted + text[at + deleted :]
        recording["txns"].append({"patches": [[at, deleted, inserted]]})
    recording["endContent"] = text
    return recording


def main(tuttid, tutti):
    with Server(tuttid) as server:
        replay(server, tutti)
        result("the server ends in order", server.stop() == 0, server.log())
        run = run_tool(tutti, "store", "check", f"{server.folder.name}/data")
        result("its store is whole", run.returncode == 0, run.stdout)
    return exit_code()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
