"""parts - the processes of a cluster for a test: Redis, PostgreSQL, nodes, and what cuts them off.

Everything listens on 127.0.0.1 at free ports, in folders of its own, and is ended by its id.
"""
import contextlib
import glob
import json
import os
import pathlib
import pwd

import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "system"))
import tuttid  # noqa: E402
from tap import Tap  # noqa: E402

SECONDS_MAX = 60
FIRST_USER = 61001  # nodes run as users of their own, by which the packet filter knows them


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(true, what, seconds=SECONDS_MAX):
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        time.sleep(0.02)


def listens(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def become(user):
    """For a child: drop to a user that is not root, where the test is root."""
    if os.getuid() != 0:
        return None

    def drop():
        os.setgroups([])
        os.setgid(user)
        os.setuid(user)

    return drop


class Process:
    """One program with its log; ended by its id."""

    def __init__(self, folder, name, command, user=None):
        self.name, self.command, self.user = name, [str(part) for part in command], user
        self.log_path = pathlib.Path(folder) / f"{name}.log"
        self.process = None

    def start(self):
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=become(self.user) if self.user else None,
                cwd="/",
            )

    def running(self):
        return self.process is not None and self.process.poll() is None

    def send(self, number):
        self.process.send_signal(number)

    def stop(self, number=signal.SIGTERM):
        """The exit code."""
        if self.process is None:
            return None
        if self.running():
            self.process.send_signal(signal.SIGCONT)
            self.process.send_signal(number)
        try:
            return self.process.wait(SECONDS_MAX)
        finally:
            if self.running():
                self.process.kill()

    def log(self):
        return self.log_path.read_text(encoding="utf-8", errors="replace")


class Redis(Process):
    def __init__(self, folder):
        self.port = free_port()
        command = ["redis-server", "--bind", "127.0.0.1", "--port", self.port, "--save", ""]
        super().__init__(folder, "redis", [*command, "--appendonly", "no"])
        self.url = f"redis://127.0.0.1:{self.port}"

    def start(self):
        super().start()
        wait_for(lambda: listens(self.port), "redis")

    def command_line(self, *words):
        """One command, by its plain form; the answer's bytes."""
        with socket.create_connection(("127.0.0.1", self.port), 5) as stream:
            stream.sendall((" ".join(words) + "\r\n").encode())
            return stream.recv(65536)


class Postgres(Process):
    def __init__(self, folder):
        self.port = free_port()
        self.data = pathlib.Path(folder) / "postgres"
        self.binaries = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]
        user = pwd.getpwnam("nobody").pw_uid
        self.data.mkdir()
        if os.getuid() == 0:
            os.chown(self.data, user, -1)
        subprocess.run(
            [f"{self.binaries}/initdb", "-D", self.data, "-U", "tutti", "-A", "trust", "-N",
             "--no-locale", "-E", "UTF8"],
            check=True, stdout=subprocess.DEVNULL, preexec_fn=become(user), cwd="/",
        )  # fmt: skip
        command = [f"{self.binaries}/postgres", "-D", self.data, "-p", self.port, "-c",
                   "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c",
                   "fsync=off"]  # fmt: skip
        super().__init__(folder, "postgres", command, user)
        self.url = f"postgres://tutti@127.0.0.1:{self.port}/postgres"
        self.owner_url = self.node_url = self.url

    def start(self):
        super().start()
        ready = [f"{self.binaries}/pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        wait_for(lambda: subprocess.run(ready, check=False).returncode == 0, "postgres")

    def query(self, sql, url=None):
        """Rows of tab-separated columns."""
        command = [f"{self.binaries}/psql", "-XAtq", "-F", "\t", url or self.url, "-c", sql]
        done = subprocess.run(command, check=True, capture_output=True, text=True, cwd="/")
        return [line.split("\t") for line in done.stdout.splitlines()]


class Node(Process):
    def __init__(self, cluster, index):
        self.port = free_port()
        self.tap = Tap(cluster.redis.port) if cluster.tapped else None
        bus = cluster.redis.url
        if self.tap:
            bus = bus.replace(f":{cluster.redis.port}", f":{self.tap.port}")
        command = [cluster.program, "--node", f"n{index}", "--listen", f"127.0.0.1:{self.port}",
                   "--store", cluster.postgres.node_url, "--bus", bus]  # fmt: skip
        super().__init__(cluster.folder, f"n{index}", command, FIRST_USER + index)
        self.plain = self.command
        self.captures = []  # one for each start
        self.capture_folder = cluster.capture_folder

    def start(self):
        if self.capture_folder:
            self.captures.append(self.capture_folder / f"{self.name}-{len(self.captures)}")
            self.command = [*self.plain, "--capture", str(self.captures[-1])]
        super().start()
        wait_for(lambda: listens(self.port) or not self.running(), self.name)
        if not self.running():
            raise RuntimeError(f"{self.name} did not start: {self.log()[-2000:]}")

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), 10)

    def text(self, name):
        """The head of a document here, and its text."""
        with tuttid.Client(self) as client:
            client.hello()
            client.say("open", name, {})
            opened = client.read_until(lambda message: message[0] in ("opened", "closed"))
            return opened[3], opened[4]["snapshot"]

    def get(self, path):
        """The status and the body of an HTTP answer."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()


class Filter:
    """Cut nodes off from a port: every packet of those connections is dropped, both ways. Only in a
    network namespace of the test's own."""

    def __init__(self):
        self.marks = {}
        for line in (
            "add table inet tutti",
            "add chain inet tutti out { type filter hook output priority 0; }",
        ):
            self.run(line)

    @staticmethod
    def run(line):
        subprocess.run(["nft", line], check=True)

    def watch(self, node, port):
        """Before the node connects to the port."""
        mark = self.marks.setdefault((node.name, port), len(self.marks) + 1)
        self.run(f"add rule inet tutti out meta skuid {node.user} tcp dport {port} "
                 f"ct mark set {mark}")  # fmt: skip

    def cut(self, node, port):
        mark = self.marks[node.name, port]
        done = subprocess.run(
            ["nft", "-j", "-e", "-a", f"add rule inet tutti out ct mark {mark} drop"],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        for item in json.loads(done.stdout)["nftables"]:
            if "add" in item:
                return item["add"]["rule"]["handle"]
        raise RuntimeError(done.stdout)

    def heal(self, handle):
        self.run(f"delete rule inet tutti out handle {handle}")


class Cluster:
    """Redis, PostgreSQL and nodes, started; a filter if this is a namespace of our own."""

    redis_class, postgres_class = Redis, Postgres
    tapped = True  # what the nodes tell each other can be cut off, and taken away

    def __init__(self, program, tool, nodes=3, partitions=False, captured=False):
        self.program, self.tool = program, tool
        self.folder = tempfile.mkdtemp(prefix="tutti-cluster-")
        os.chmod(self.folder, 0o755)
        self.capture_folder = pathlib.Path(self.folder) / "captures" if captured else None
        if captured:
            self.capture_folder.mkdir()
            os.chmod(self.capture_folder, 0o777)  # nodes run as users of their own
        self.nodes = []
        self.redis = self.redis_class(self.folder)
        self.postgres = self.postgres_class(self.folder)
        self.redis.start()
        self.postgres.start()
        subprocess.run([tool, "store", "migrate", self.postgres.owner_url], check=True,
                       stdout=subprocess.DEVNULL)  # fmt: skip
        self.nodes = [Node(self, index) for index in range(nodes)]
        self.filter = Filter() if partitions else None
        for node in self.nodes:
            if self.filter:
                self.filter.watch(node, node.tap.port)
                self.filter.watch(node, self.postgres.port)
            node.start()

    def owner(self, name):
        """The node that the document's row names; None when nobody is."""
        rows = self.postgres.query(
            f"SELECT convert_from(owner, 'UTF8') FROM document WHERE name = '{name}'::bytea"
        )
        owners = [node for node in self.nodes if rows and node.name == rows[0][0]]
        return owners[0] if owners else None

    def entries(self, name):
        """(seq, session, serial, sequenced) of every entry, in order."""
        return [
            (int(seq), session, int(serial), bytes.fromhex(operation).decode())
            for seq, session, serial, operation in self.postgres.query(
                "SELECT e.seq, encode(e.session, 'hex'), e.serial, encode(e.arrived, 'hex')"
                " FROM entry e JOIN document d ON d.id = e.document"
                f" WHERE d.name = '{name}'::bytea ORDER BY e.seq"
            )
        ]

    def check_store(self, url=None):
        """All that PostgreSQL holds, as it is now; what the check says when nothing is wrong."""
        command = [self.tool, "store", "check", url or self.postgres.node_url]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode != 0 or not done.stdout.endswith(": 0 problems\n"):
            raise AssertionError(f"exit {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout

    def texts(self, name, head, nodes=None):
        """The text at every node, once each has come to the head."""
        texts = []
        for node in nodes or self.nodes:
            wait_for(lambda node=node: node.text(name)[0] == head, f"{node.name} at {head}", 20)
            texts.append(node.text(name)[1])
        return texts

    def close(self):
        for node in self.nodes:
            if node.running():
                node.send(signal.SIGCONT)
                node.stop(signal.SIGKILL)
        self.postgres.stop(signal.SIGQUIT)
        self.redis.stop(signal.SIGKILL)
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def own_network():
    """Run this program again in a network namespace of its own, if that is allowed. True inside."""
    if os.environ.get("TUTTI_NAMESPACE") == "own":
        return True
    if os.getuid() != 0 or shutil.which("nft") is None or shutil.which("ip") is None:
        return False
    probe = ["unshare", "--net", "sh", "-c", "ip link set lo up && nft add table inet probe"]
    if subprocess.run(probe, check=False, capture_output=True).returncode != 0:
        return False
    os.environ["TUTTI_NAMESPACE"] = "own"
    os.execvp("unshare", ["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$0" "$@"',
                          sys.executable, "-B", *sys.argv])  # fmt: skip


__all__ = ["Cluster", "own_network", "tuttid", "wait_for"]
