"""crashes - a server that is killed at random moments while people type. Prints TAP.

    SEEDS=A-B crashes.py TUTTID TUTTI CROWD

Eight clients (crowd.c) type tokens into one document. In the end each token is there once, those of
each client were sequenced in the order in which it typed them, and the store has the text that all
clients have. Every tenth seed has recorded typing besides.
"""
import contextlib
import gzip
import json
import os
import pathlib
import random
import re
import sqlite3
import subprocess
import sys
import tempfile
import time

from report import exit_code, result
from traces import FRIENDS, made_up_recording, run_tool
from tuttid import Client, Server

KILLS = 4
ANSWERS = 150  # at most, from one kill to the next
TOKEN = re.compile(r"\[c(\d+):(\d+)\]")
BROKEN = "ack-before-commit"  # what must be noticed …
BROKEN_SEEDS_MAX = 20  # … by one of so many seeds


# ---- Tokens ----


def kill(server, draw):
    """At a moment that no answer leads up to; one in three times again while it starts."""
    time.sleep(draw.random() * 0.01)
    server.kill()
    if draw.randrange(3) == 0:
        server.launch()
        time.sleep(draw.random() * 0.3)
        server.kill()
    server.start()


def run_crowd(server, crowd, name, seed):
    """What went wrong, the acknowledged tokens of each client, and the text that all have."""
    draw = random.Random(seed)
    process = subprocess.Popen(
        [crowd, f"ws://127.0.0.1:{server.port}/", name, str(seed)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    acknowledged = {}
    text = None
    wrong = []
    kills = 0
    left = draw.randrange(1, ANSWERS)
    for line in process.stdout:
        words = line.split(maxsplit=2)
        if words[0] == "text":
            text = json.loads(line.split(maxsplit=1)[1])
        elif words[0] == "acknowledged":
            acknowledged[int(words[1])] = int(words[2])
        else:
            wrong.append(line)
        left -= 1
        if left == 0 and kills < KILLS and text is None:
            kill(server, draw)
            kills += 1
            left = draw.randrange(1, ANSWERS)
    process.stdout.close()
    if process.wait() != 0 or text is None:
        wrong.append(f"crowd ended with {process.returncode}")
    print(f"# {kills} kills, {sum(acknowledged.values())} tokens", flush=True)
    return wrong, acknowledged, text


def read_log(server, name):
    """The tokens of each operation, in the order of the history."""
    path = pathlib.Path(server.folder.name) / "data" / "tutti.db"
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        rows = database.execute(
            "SELECT arrived FROM entry JOIN document ON document.id = entry.document"
            " WHERE name = ? ORDER BY seq",
            (name,),
        )
        return [tokens_of(row.decode()) for (row,) in rows]


def read_document(server, name):
    with Client(server) as client:
        client.hello()
        client.say("open", name, {})
        opened = client.read_until(lambda message: message[0] in ("opened", "closed"))
        return opened[4]["snapshot"] if opened[0] == "opened" else opened


def tokens_of(text):
    """(client, number) of each."""
    return [tuple(map(int, token)) for token in TOKEN.findall(text)]


def compare(acknowledged, text, log):
    """The promises that were broken."""
    wrong = []
    last = dict.fromkeys(acknowledged, 0)
    # One operation has what was typed while the one before it was on its way, by place.
    for tokens in log:
        for client, number in sorted(tokens):
            if number != last[client] + 1:
                wrong.append(f"in the history [c{client}:{number}] follows {last[client]}")
            last[client] = number
    if last != acknowledged:
        wrong.append(f"the history has {last}, acknowledged was {acknowledged}")
    if sorted(tokens_of(text)) != sorted(token for tokens in log for token in tokens):
        wrong.append("the text has other tokens than the history")
    return wrong


def type_tokens(server, crowd, seed):
    """The promises that were broken with this seed."""
    name = f"crash/{seed}"
    wrong, acknowledged, text = run_crowd(server, crowd, name, seed)
    if not wrong:
        wrong = compare(acknowledged, text, read_log(server, name))
        if read_document(server, name) != text:
            wrong.append("the store has another text than the clients")
    return wrong


def notice(tuttid, crowd):
    """What is done above can fail: it does when a server acknowledges what is not durable yet."""
    with Server(tuttid, environment={"TUTTI_MUTANT": BROKEN}) as server:
        seeds = range(1, BROKEN_SEEDS_MAX + 1)
        seed = next((seed for seed in seeds if type_tokens(server, crowd, seed)), None)
    result(f"{BROKEN} is noticed", seed is not None, "by no seed")


# ---- Recorded typing ----


def crash_while_typing(server, tutti, path, options, draw, progress):
    """Kill the server three times, each time after some more operations."""
    url = f"ws://127.0.0.1:{server.port}/"
    process = subprocess.Popen(
        [tutti, "trace", path, "--url", url, "--progress", "1", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    output = []
    crashes = 0
    left = draw.randrange(1, progress)
    for line in process.stdout:
        if "so far" not in line:
            output.append(line)
            continue
        left -= 1
        if left == 0 and crashes < 3:
            server.crash()
            crashes += 1
            left = draw.randrange(1, progress)
    process.stdout.close()
    return process.wait(), crashes, "".join(output)


def type_recordings(server, tutti, seed):
    draw = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="tutti-") as folder:
        path = pathlib.Path(folder) / "recording.json.gz"
        with gzip.open(path, "wt", encoding="utf-8") as file:
            json.dump(made_up_recording(draw), file)
        kinds = [("made up", path, ["--commit", "3"], 60)]
        if FRIENDS.exists():
            kinds.append(("friendsforever", FRIENDS, [], 900))
        for kind, recording, options, progress in kinds:
            code, crashes, output = crash_while_typing(
                server, tutti, recording, options, draw, progress
            )
            result(
                f"{kind}: every edit is there once after {crashes} kills, seed {seed}",
                code == 0 and crashes > 0 and "equal to endContent" in output,
                f"exit code {code}\n{output}",
            )


def main(tuttid, tutti, crowd):
    first, last = map(int, os.environ["SEEDS"].split("-"))
    with Server(tuttid) as server:
        for seed in range(first, last + 1):
            wrong = type_tokens(server, crowd, seed)
            result(f"every token is there once, in order, seed {seed}", not wrong, "\n".join(wrong))
            if seed % 10 == 1:
                type_recordings(server, tutti, seed)
        result("the server ends in order", server.stop() == 0, server.log())
        run = run_tool(tutti, "store", "check", f"{server.folder.name}/data")
        result("its store is whole", run.returncode == 0, run.stdout)
    notice(tuttid, crowd)
    return exit_code()


sys.exit(main(*sys.argv[1:]))
