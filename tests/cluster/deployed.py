"""deployed - a cluster's parts as the files of deploy/ say: Redis with its ACL, PostgreSQL with its
roles, HAProxy before the nodes."""
import pathlib
import re
import socket
import subprocess
import urllib.error
import urllib.request

from parts import Cluster, Postgres, Process, Redis, free_port, listens, wait_for

DEPLOY = pathlib.Path(__file__).resolve().parents[2] / "deploy"
ACL = DEPLOY / "redis" / "users.acl"
PASSWORD = "secret"


class DeployedRedis(Redis):
    """Nodes log in as `tutti`, the test as `admin`."""

    def __init__(self, folder):
        super().__init__(folder)
        users = pathlib.Path(folder) / "users.acl"
        admin = f"user admin on >{PASSWORD} ~* &* +@all\n"
        users.write_text(ACL.read_text().replace("PASSWORD", PASSWORD) + admin)
        self.command += ["--aclfile", str(users)]
        self.url = f"redis://tutti:{PASSWORD}@127.0.0.1:{self.port}"

    def ask(self, *words, user="admin"):
        """One command; the whole answer as Redis spells it."""
        lines = (f"AUTH {user} {PASSWORD}", " ".join(words), "QUIT")
        with socket.create_connection(("127.0.0.1", self.port), 5) as stream:
            stream.sendall("".join(line + "\r\n" for line in lines).encode())
            answer = b"".join(iter(lambda: stream.recv(65536), b"")).decode()
        return answer.removeprefix("+OK\r\n").removesuffix("+OK\r\n")


class DeployedPostgres(Postgres):
    """Nodes log in as `tutti_node`, migrations as `tutti_owner`, the test as the superuser."""

    def __init__(self, folder):
        super().__init__(folder)
        at = f"127.0.0.1:{self.port}/postgres"
        self.owner_url = f"postgres://tutti_owner@{at}"
        self.node_url = f"postgres://tutti_node@{at}"

    def start(self):
        super().start()
        subprocess.run(
            [f"{self.binaries}/psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-v",
             f"password={PASSWORD}", "-f", DEPLOY / "postgres" / "roles.sql", self.url],
            check=True, cwd="/",
        )  # fmt: skip


class DeployedCluster(Cluster):
    redis_class, postgres_class = DeployedRedis, DeployedPostgres
    tapped = False


class Balancer(Process):
    """HAProxy by its file, with the addresses of these nodes. It asks them how they are if they are
    nodes of Tutti (`checked`)."""

    def __init__(self, folder, nodes, checked=True):
        self.port = free_port()
        path = pathlib.Path(folder) / "haproxy.cfg"
        text = (DEPLOY / "haproxy.cfg").read_text()
        text = text.replace("bind :7400", f"bind 127.0.0.1:{self.port}")
        for index, node in enumerate(nodes):
            text = re.sub(rf"(server n{index}) \S+", rf"\1 127.0.0.1:{node.port}", text)
        text = re.sub(r" *server n\d 10\..*\n", "", text)
        if not checked:
            text = text.replace("default-server check ", "default-server ")
        path.write_text(text)
        super().__init__(folder, "haproxy", ["haproxy", "-db", "-f", path])

    def is_ready(self):
        try:
            url = f"http://127.0.0.1:{self.port}/readyz"
            with urllib.request.urlopen(url, timeout=5) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def __enter__(self):
        self.start()
        wait_for(lambda: listens(self.port), "haproxy")
        return self

    def __exit__(self, *_):
        self.stop()
