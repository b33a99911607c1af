#!/usr/bin/env python3
"""debugging - docs/debugging.md, command by command, on the incident that it tells of. Prints TAP.

    debugging.py TUTTID TUTTI [PAGE]

Two people write at a server with a planted fault while it is captured. Each line "$ tutti …" of
the page is run on that, and what it prints has to be what the page says. With PAGE only the page
of `tutti replay --html` is made. Built with mutants.
"""
import pathlib
import re
import shlex
import subprocess
import sys

from tuttid import Client, Server

PLANTED = "delete-twice"  # base/mutant.h
DOCUMENT = "notes/dinner"
# Whom the page calls so; public ids are made of the store's secret, which is drawn.
NAMES = {"anna": "q7_tR0Ze", "ben": "Zk3-9QpA"}
PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "debugging.md"


class Person:
    """Types what it is told to, on the base it is told to, and waits for its number."""

    def __init__(self, server):
        self.client = Client(server)
        self.who = self.client.hello()[1]["who"]
        self.channel, _ = self.client.open(DOCUMENT, "text")
        self.serial = 0

    def type(self, base, *operation):
        self.serial += 1
        self.client.say(self.channel, self.serial, base, list(operation))
        self.client.read_until(lambda m: m[0] == self.channel and self.who in m[2::2])


def write(server):
    """What happened; the people's public ids."""
    ben, anna = sorted((Person(server), Person(server)), key=lambda person: person.who)
    anna.type(1, "Dinnner at six on Friday")
    ben.type(2, 11, {"d": 3}, "eight")
    anna.type(2, 14, " sharp")
    ben.type(4, 32, ", bring friends")
    anna.type(4, "Hi! ")
    ben.type(6, 6, {"d": 1})
    anna.type(6, 6, {"d": 1})
    ben.type(8, 49, "!")
    for person in (anna, ben):
        person.client.close()
    return {anna.who: NAMES["anna"], ben.who: NAMES["ben"]}


def stage(tuttid):
    """The incident, in a folder: `incident` is the capture, `data` the store."""
    server = Server(tuttid, environment={"TUTTI_MUTANT": PLANTED})
    folder = pathlib.Path(server.folder.name)
    server.stop()
    for path in (folder / "data").iterdir():
        path.unlink()
    server.command += ["--node", "n0", "--capture", str(folder / "incident")]
    server.process.stdout.close()
    server.start()
    whos = write(server)
    server.stop()
    return server, folder, whos


def commands():
    """(command, what the page says it prints) of each block that begins with a command."""
    for block in re.findall(r"(?m)^    \$ tutti .*\n(?:    .*\n|\n(?=    ))*", PAGE.read_text()):
        lines = [line[4:] for line in block.splitlines()]
        yield lines[0][2:], "\n".join(lines[1:]).strip()


def normal(text, whos):
    """Without what is another one in every run."""
    for who, name in whos.items():
        text = text.replace(who, name)
    text = re.sub(r"(?m)^\d+ records, \d+ writes of \d+ bytes", "N records, N writes", text)
    text = re.sub(r"\blink \d+", "link N", text)
    text = re.sub(r"(?m)^ +\d+  .*\n", "", text)  # records that led to a difference
    text = re.sub(r"(?m)^record \d+:", "record N:", text)
    text = re.sub(r"epoch \d+, [-0-9T:.]+Z", "epoch N, then", text)
    return text.strip()


def run(tutti, folder, command, planted):
    environment = {"PATH": "/usr/bin:/bin", **({"TUTTI_MUTANT": PLANTED} if planted else {})}
    words = shlex.split(command)
    done = subprocess.run(
        [tutti, *words[1:]],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.stdout


def main(tuttid, tutti, page=None):
    server, folder, whos = stage(tuttid)
    failed = 0
    with server:
        if page:
            print(run(tutti, folder, f"tutti replay incident {DOCUMENT} --html {page}", True))
            return 0
        for number, (command, said) in enumerate(commands(), 1):
            fixed = command.endswith("   # with the fault mended")
            printed = run(tutti, folder, command.split("   #")[0], not fixed)
            same = normal(printed, whos) == normal(said, whos)
            failed += not same
            print(f"{'ok' if same else 'not ok'} - {command}")
            if not same:
                print("".join(f"# {line}\n" for line in normal(printed, whos).splitlines()), end="")
    return failed > 0


sys.exit(main(*sys.argv[1:]))
