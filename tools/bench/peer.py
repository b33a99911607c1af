"""peer - another server beside Tutti: its process, a load on either, and the table of both."""
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
PEERS = HERE / "peers"
sys.path.insert(0, str(HERE.parents[1] / "tests" / "system"))
import tuttid  # noqa: E402

ROW = "{:<24} {:>12} {:>7} {:>9} {:>9} {:>6}"


def install():
    """The packages of the peers, unless they are there as the lock file has them: npm keeps a copy
    of it in what it installed."""
    lock, installed = PEERS / "package-lock.json", PEERS / "node_modules" / ".package-lock.json"
    if installed.exists() and installed.stat().st_mtime > lock.stat().st_mtime:
        return
    command = ["npm", "ci", "--ignore-scripts", "--silent", "--no-audit", "--no-fund"]
    subprocess.run(command, cwd=PEERS, check=True)
    installed.touch()


class Peer:
    """A server of the folder peers/, in a process of its own. It ends with its standard input, and
    may have something to say then."""

    def __init__(self, script):
        self.script = script

    def __enter__(self):
        install()
        self.process = subprocess.Popen(
            ["node", self.script],
            cwd=PEERS,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={"PATH": "/usr/local/bin:/usr/bin:/bin", "NODE_ENV": "production"},
        )
        self.url = f"ws://127.0.0.1:{int(self.process.stdout.readline())}/"
        return self

    def last_words(self):
        """What it says at its end."""
        self.process.stdin.close()
        return self.process.stdout.read()

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(tuttid.SECONDS_MAX)


def bench(build, seconds, load, url, *more):
    """The figures of each server that was measured."""
    common = ["--seconds", str(seconds), "--json", "--url", url]
    run = subprocess.run(
        [build / "tools" / "tutti", "bench", *load, *common, *more],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return [json.loads(line) for line in run.stdout.splitlines()]


def show_heads():
    print(ROW.format("", "operations/s", "ratio", "p99 ms", "CPU us", "MB"))


def show(name, load, rows):
    """`rows` are pairs of a name and its figures: the peer's, Tutti's in memory, and Tutti's with
    SQLite, in whose time the disk was measured. Ratios are to the peer."""
    kind = "deliveries" if load[0] == "fanout" else "operations"
    (_, peer), *_, (_, durable) = rows
    print(f"\n{name} ({kind}; bare fdatasync {durable['floor_syncs_per_second']:,.0f}/s)")
    for who, figures in rows:
        rate = figures[f"{kind}_per_second"]
        cpu_us = figures["server_cpu_seconds"] * 1e6 / max(figures[kind], 1)
        values = (
            f"  {who}",
            f"{rate:,.0f}",
            f"{rate / peer[f'{kind}_per_second']:.1f}",
            f"{figures['p99_ms']:.2f}",
            f"{cpu_us:.1f}",
            f"{figures['server_rss_mb']:.0f}",
        )
        print(ROW.format(*values), flush=True)


def main(manual, loads, compare):
    """BUILD [SECONDS]: a table of all loads."""
    if len(sys.argv) not in (2, 3):
        sys.exit(manual)
    build = pathlib.Path(sys.argv[1]).resolve()
    seconds = int(sys.argv[2]) if len(sys.argv) == 3 else 5
    show_heads()
    for name, load in loads.items():
        show(name, load, compare(build, seconds, load))
