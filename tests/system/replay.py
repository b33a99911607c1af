#!/usr/bin/env python3
"""replay - captures and stores of a real server, replayed, explained and reduced. Prints TAP.

    replay.py TUTTID TUTTI

Built with mutants. SOAK=1 reduces a capture of 30,000 operations instead of a short one.
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import time
import urllib.request

from report import exit_code, result
from tuttid import Client, Server

SOAK = bool(os.environ.get("SOAK"))
PLANTED = "delete-twice"  # base/mutant.h
OPERATIONS = 30000 if SOAK else 1500


def run(tutti, *arguments, mutant=None):
    environment = dict(os.environ)
    environment.pop("TUTTI_MUTANT", None)
    if mutant:
        environment["TUTTI_MUTANT"] = mutant
    return subprocess.run(
        [tutti, *map(str, arguments)], env=environment, capture_output=True, text=True, check=False
    )


def load(tutti, server, seconds, text=1024):
    """Several writers of one text of so many bytes, begun; its figures do not matter here."""
    place = ["--url", f"ws://127.0.0.1:{server.port}/", "--floor-folder", server.folder.name]
    return subprocess.Popen(
        [tutti, "bench", "hot", "--writers", "8", "--text", str(text), "--seconds", str(seconds)]
        + ["--json", *place],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def spoil(path, at):
    """A copy with one byte flipped, and one that ends right there."""
    content = bytearray(path.read_bytes())
    cut = path.with_suffix(".cut")
    cut.write_bytes(content[:at])
    content[at] ^= 1
    flipped = path.with_suffix(".flipped")
    flipped.write_bytes(content)
    return flipped, cut


def records_of(output):
    return int(re.search(r"^(\d+) records", output, re.MULTILINE).group(1))


def wait_for(path, size):
    """Until the capture holds so many bytes that are not zero."""
    for _ in range(600):
        if path.exists() and len(path.read_bytes().rstrip(b"\0")) > size:
            return
        time.sleep(0.1)


def call_api(server):
    """Calls that are answered are compared as well."""
    place = f"http://127.0.0.1:{server.port}/v1/documents/notes/by-http"
    headers = {"Idempotency-Key": "once", "Content-Type": "application/json"}
    made = urllib.request.Request(place, b'{"type":"text","data":"x"}', headers, method="PUT")
    for request in (made, place, place + "/history"):
        urllib.request.urlopen(request, timeout=10).close()


def say_too_much(server):
    """Of an edit above the limit the beginning is captured. It is refused, the next one taken."""
    with Client(server) as client:
        client.hello()
        channel, seq = client.open("notes/too-much", "text")
        for serial, letters in (1, 2 << 20), (2, 1):
            client.say(channel, serial, seq, ["x" * letters])
        answers = [client.read_message()[:2] for _ in range(2)]
        return answers == [["refused", channel], [channel, seq + 1]] or answers


def captures(tuttid, tutti, folder):
    first, second = folder / "first", folder / "second"
    with Server(tuttid, "--capture", str(first)) as server:
        process = load(tutti, server, 60)
        wait_for(first, 60000)
        server.command[-1] = str(second)
        server.crash()
        process.kill()
        process.communicate()
        call_api(server)
        load(tutti, server, 1).communicate()
        answers = say_too_much(server)
        result("an edit that is too large is refused under capture", answers is True, str(answers))
        result("the server ends in order", server.stop() == 0, server.log())
        replay = run(tutti, "replay", first)
        result(
            "a capture of a server that was killed runs again up to its end",
            replay.returncode == 0 and records_of(replay.stdout) > 100,
            replay.stdout + replay.stderr,
        )
        replay = run(tutti, "replay", second)
        result(
            "a whole capture runs again, byte for byte",
            replay.returncode == 0 and " 3 answers and messages compared: all " in replay.stdout,
            replay.stdout + replay.stderr,
        )
        mode = first.stat().st_mode & 0o777
        result("only its owner may read it", mode == 0o600, oct(mode))
        flips(tutti, second)
        store(tutti, pathlib.Path(server.folder.name) / "data")
        questions(tutti, second)


def flips(tutti, capture):
    size = capture.stat().st_size
    for at in (40, size // 3, size // 2, size - 10):
        flipped, cut = spoil(capture, at)
        before = records_of(run(tutti, "replay", cut).stdout)
        replay = run(tutti, "replay", flipped)
        place = re.search(r"(?m)^record (\d+) (is not what was written|is cut off)", replay.stdout)
        found = int(place.group(1)) if place else records_of(replay.stdout)
        result(
            f"byte {at} of {size} flipped is told at its record",
            found == before and (replay.returncode == 1 or "ends within" in replay.stdout),
            f"expected record {before}\n{replay.stdout}{replay.stderr}",
        )


def store(tutti, folder):
    replay = run(tutti, "replay", "--store", folder)
    result(
        "what is stored is what comes out",
        replay.returncode == 0 and ": 0 differences" in replay.stdout,
        replay.stdout + replay.stderr,
    )


    found = run(tutti, "bisect", "notes/by-http", "--store", folder, "--exec", "grep -q x")
    result("a program finds an operation", found.stdout.startswith("seq 1 is"), found.stdout)
    never = run(tutti, "bisect", "notes/by-http", "--store", folder, "--exec", "grep -q z")
    result("… or that there is none", never.returncode == 1, never.stdout + never.stderr)


def documents_of(tutti, capture, mutant=None):
    """In the order in which they were opened first."""
    output = run(tutti, "replay", capture, "--records", mutant=mutant).stdout
    return list(dict.fromkeys(re.findall(r'\["open","([^"]+)"', output)))


def questions(tutti, capture):
    document = documents_of(tutti, capture)[0]
    replay = run(tutti, "replay", capture, document, "--json")
    told = [json.loads(line) for line in replay.stdout.splitlines()]
    moved = [operation for operation in told if operation["passed"]]
    result("each operation is told as JSON", moved and told[-1]["seq"] == len(told), replay.stderr)
    for operation in moved[:1]:
        pair = f"{operation['passed'][-1]['seq']},{operation['seq']}"
        swapped = run(tutti, "what-if", capture, document, "--swap", pair)
        result(
            "another order of two edits is tried",
            swapped.returncode in (0, 1) and "operations become others" in swapped.stdout,
            swapped.stdout + swapped.stderr,
        )
    lines = run(tutti, "replay", capture, document, "--lines", "--from", moved[0]["seq"], "--until",
                moved[0]["seq"]).stdout
    result("… and in lines", f"over {moved[0]['passed'][0]['seq']}" in lines, lines)
    page = capture.with_suffix(".html")
    written = run(tutti, "replay", capture, document, "--html", page)
    content = page.read_text(encoding="utf-8")
    result("… and as a page", written.returncode == 0 and "</html>" in content, written.stderr)
    sound = run(tutti, "reduce", capture, document)
    result("where nobody differs nothing is reduced", sound.returncode == 1, sound.stderr)


def planted(tuttid, tutti, folder):
    """A server whose transform is wrong: its capture is reduced to what is needed for it."""
    capture = folder / "planted"
    os.environ["TUTTI_MUTANT"] = PLANTED
    with Server(tuttid, "--capture", str(capture)) as server:
        del os.environ["TUTTI_MUTANT"]
        operations, seconds = 0, 5 if SOAK else 1
        while operations < OPERATIONS:  # in one document: each load has its own
            # In a short text two people delete the same often, which is where it is wrong.
            output = load(tutti, server, seconds, text=100).communicate()[0]
            operations = json.loads(output)["operations"]
            seconds *= 2
        server.stop()
    again = run(tutti, "replay", capture, mutant=PLANTED)
    result("the same build does the same again", again.returncode == 0, again.stdout)
    other = run(tutti, "replay", capture)
    result(
        "a build without the fault does something else, and that is told",
        other.returncode == 1 and "not like the first" in other.stdout,
        other.stdout,
    )
    document = documents_of(tutti, capture, PLANTED)[-1]
    reduced = run(tutti, "reduce", capture, document, mutant=PLANTED)
    print("".join(f"# {line}\n" for line in reduced.stderr.splitlines()), end="")
    count = re.search(r"(\d+) operations reduced to (\d+),", reduced.stderr)
    result(
        f"of {OPERATIONS} operations or more at most 10 are left",
        count and int(count.group(1)) >= OPERATIONS and int(count.group(2)) <= 10,
        reduced.stdout + reduced.stderr,
    )
    printed = reduced.stdout
    result("… and printed as a test", "START_TEST(found_by_reduce)" in printed, printed)


def main(tuttid, tutti):
    with Server(tuttid) as server: # its folder is ours
        folder = pathlib.Path(server.folder.name)
        server.stop()
        captures(tuttid, tutti, folder)
        planted(tuttid, tutti, folder)
    return exit_code()


sys.exit(main(*sys.argv[1:]))
