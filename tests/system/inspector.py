#!/usr/bin/env python3
"""inspector - the listener of a running server that shows what it does. Prints TAP.

    inspector.py TUTTID TUTTI

Figures move with what clients do; the log of a document comes live, with what each operation was
moved over; strangers and bad requests get nothing; a capture that was taken meanwhile runs again;
each node of a cluster shows its own.
"""
import http.client
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "cluster"))
from parts import Cluster, wait_for  # noqa: E402
from report import exit_code, result  # noqa: E402
from tuttid import SECONDS_MAX, Client, Server, read_head  # noqa: E402

ADMIN = ["--admin", "127.0.0.1:0"]
STRANGERS = [
    {"Host": "evil.example"},
    {"Host": "evil.example:7401", "Origin": "http://evil.example:7401"},
    {"Origin": "http://evil.example"},
    {"Origin": "null"},
]
# Bytes, and the status that they get.
BAD = [
    (b"\x00\x01\x02\r\n\r\n", 400),
    (b"GET\r\n\r\n", 400),
    (b"GET /api/server HTTP/9.9\r\nHost: localhost\r\n\r\n", 400),
    (b"PROPFIND /api/server HTTP/1.1\r\nHost: localhost\r\n\r\n", 501),
    (b"PATCH /api/server HTTP/1.1\r\nHost: localhost\r\n\r\n", 405),
    (b"OPTIONS /api/server HTTP/1.1\r\nHost: localhost\r\n\r\n", 405),
    (b"GET /api/server?x=1 HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    (b"GET /api/documents?prefix=%zz HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    (b"GET /api/documents/notes/%FF HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    (b"GET /api/documents/notes/none/log HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
    (b"GET /api/documents/notes/none/log?from=-1 HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    (b"GET /../server HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
    (b"GET /%2e%2e/etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
    (b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 100000 + b"\r\n\r\n", 400),
    (b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\n\r\n", 413),
]


def find_port(banner):
    return int(re.search(r"inspect  http://127\.0\.0\.1:(\d+)/", banner).group(1))


class Inspector:
    def __init__(self, banner):
        self.port = find_port(banner)

    def ask(self, path, method="GET", **headers):
        """The status and the body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, SECONDS_MAX)
        try:
            connection.request(method, path, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def json(self, path):
        status, body = self.ask(path)
        if status != 200:
            raise RuntimeError(f"{path}: {status} {body}")
        return json.loads(body)

    def send(self, data):
        """The status that any bytes get; 0 when the connection just ends."""
        with socket.create_connection(("127.0.0.1", self.port), SECONDS_MAX) as stream:
            stream.sendall(data)
            head, _ = read_head(stream)
        return int(head.split()[1]) if head else 0


class Log:
    """The events of a document's log: (kind, data)."""

    def __init__(self, inspector, name, query=""):
        collection, identity = name.split("/", 1)
        path = f"/api/documents/{collection}/{urllib.parse.quote(identity, safe='')}/log{query}"
        self.connection = http.client.HTTPConnection("127.0.0.1", inspector.port, SECONDS_MAX)
        self.connection.request("GET", path)
        self.stream = self.connection.getresponse()
        if self.stream.status != 200:
            raise RuntimeError(f"{path}: {self.stream.status}")

    def next(self):
        fields = {}
        while line := self.stream.readline().decode().rstrip("\n"):
            name, _, value = line.partition(": ")
            fields[name] = value
        return (fields["event"], json.loads(fields["data"])) if "event" in fields else self.next()

    def operations(self, count):
        events = [self.next() for _ in range(count)]
        if any(kind != "operation" for kind, _ in events):
            raise RuntimeError(f"not only operations: {events}")
        return [data for _, data in events]

    def close(self):
        self.connection.close()


def edit(client, channel, serial, base, operation):
    """Send it and wait until it is durable; its seq."""
    client.say(channel, serial, base, operation)
    message = client.read_until(lambda message: message[0] == channel and client.who in message[2:])
    return message[1]


def join(server, name):
    """A client with the document open; its channel is `channel`."""
    client = Client(server)
    client.who = client.hello()[1]["who"]
    client.channel, client.seq = client.open(name, "text")
    return client


# ---- What is shown ----


def figures(inspector, server):
    before = inspector.json("/api/server")
    result("a node tells its kind of store", before["store"] == "sqlite", before)
    result("… and that it is ready and alone", before["ready"] and before["cluster"] is None)
    with join(server, "notes/a/b") as anna:
        edit(anna, anna.channel, 1, 1, ["x"])
        after = inspector.json("/api/server")
        counts = {name: after[name] for name in ("connections", "sessions", "documents", "readers")}
        result("who is there is counted", set(counts.values()) == {1}, counts)
        grown = {name: after["totals"][name] - before["totals"][name] for name in after["totals"]}
        result(
            "what was done is counted",
            grown["submitted"] == 1 and grown["committed"] == 2 and grown["batches"] >= 2
            and grown["bytes_in"] > 0 and grown["bytes_out"] > 0,
            grown,
        )  # fmt: skip
        documents(inspector, anna)
    wait_for(lambda: inspector.json("/api/server")["connections"] == 0, "the client to be gone")


def documents(inspector, anna):
    listed = inspector.json("/api/documents?prefix=notes%2F")
    document = listed["documents"][0]
    result("a document is listed", (document["collection"], document["id"]) == ("notes", "a/b"))
    facts = (document["state"], document["role"], document["committed"], listed["left_off"])
    result("… as it is", facts == ("owned", "owner", 2, 0), listed)
    one = inspector.json("/api/documents/notes/a%2Fb")
    sessions = one.pop("sessions")
    one.pop("sessions_left_off")
    result("… and shown by itself as in the list", one == document, f"{one}\n{document}")
    result("its session is shown by its public id", [s["who"] for s in sessions] == [anna.who])
    session = sessions[0]
    facts = (session["cursor"], session["behind"], session["serial"])
    result("… with its cursor and its last serial", facts == (2, 0, 1), session)
    result("what is not loaded is not there", inspector.ask("/api/documents/notes/none")[0] == 404)
    result("… and not loaded by that", inspector.json("/api/server")["documents"] == 1)


def live_log(inspector, server):
    with join(server, "notes/live") as anna, join(server, "notes/live") as ben:
        log = Log(inspector, "notes/live")
        (creation,) = log.operations(1)
        result("a log begins with what is in memory", creation["kind"] == "create", creation)
        first = edit(anna, anna.channel, 1, 1, ["anna"])
        second = edit(ben, ben.channel, 1, 1, ["ben"])
        one, two = log.operations(2)
        came = (one["seq"], one["who"], one["operation"], two["seq"])
        expected = (first, anna.who, ["anna"], second)
        result("an operation comes as it becomes durable", came == expected, one)
        passed = two["path"] == [{"seq": first, "who": anna.who}] and two["base"] == 1
        result("… with what it was moved over", passed, two)
        log.close()
        again = Log(inspector, "notes/live", f"?from={second}")
        result("a log begins where it is asked to", again.operations(1)[0]["seq"] == second)
        again.close()


# ---- Who does not see it ----


def strangers(inspector, server):
    for headers in STRANGERS:
        status, body = inspector.ask("/api/server", **headers)
        result(f"{headers} sees nothing", status == 403 and "node" not in json.loads(body), body)
    host = f"127.0.0.1:{inspector.port}"
    status, _ = inspector.ask("/api/server", Host=host, Origin=f"http://{host}")
    result("its own page sees it", status == 200, status)
    with server.connect() as stream:
        stream.sendall(b"GET /api/server HTTP/1.1\r\nHost: localhost\r\n\r\n")
        result("there is none on the clients' port", " 404 " in read_head(stream)[0])
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"}
    status, _ = inspector.ask("/", **upgrade, **{"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="})
    result("no client connects here", status == 200, status)
    result("there is no API here", inspector.ask("/v1/documents/notes/live")[0] == 404)


def bad_requests(inspector, server):
    wrong = []
    for data, status in BAD:
        got = inspector.send(data)
        if got != status:
            wrong.append(f"{data[:60]}: {got}, not {status}")
    result("bad requests are answered as such", not wrong, "\n".join(wrong))
    result("… and the server goes on", server.running() and inspector.json("/api/server")["ready"])


# ---- A server ----


def looked_at(program, tool):
    with Server(program, *ADMIN) as server:
        capture = pathlib.Path(server.folder.name) / "capture"
        server.stop()
        server.command += ["--capture", str(capture)]
        server.start()
        inspector = Inspector(server.banner)
        result("the page is served", "<!doctype html>" in inspector.ask("/")[1])
        figures(inspector, server)
        live_log(inspector, server)
        strangers(inspector, server)
        bad_requests(inspector, server)
        with join(server, "notes/live"):
            watcher = Log(inspector, "notes/live")
            watcher.next()
            code = server.stop()
        clean = code == 0 and "Sanitizer" not in server.log()
        result("the server ends well while somebody watches", clean, server.log())
        watcher.close()
        command = [tool, "replay", capture]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        said = done.stdout + done.stderr
        result("what was captured meanwhile runs again, byte for byte", done.returncode == 0, said)


def not_asked_for(program):
    with Server(program) as server:
        result("there is none unless it is asked for", "inspect" not in server.banner)
        result("… and no word of it", "inspector" not in server.log(), server.log())


def beyond_the_machine(program):
    with Server(program, "--admin", "0.0.0.0:0") as server:
        result("its own address may be any", Inspector(server.banner).json("/api/server")["ready"])
        warned = "the inspector has no authentication" in server.log()
        result("… and whoever binds it beyond the machine is warned", warned, server.log())


def taken_port(program):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        place = f"127.0.0.1:{taken.getsockname()[1]}"
        done = subprocess.run(
            [program, "--store", "memory", "--listen", "127.0.0.1:0", "--admin", place],
            capture_output=True, text=True, check=False, timeout=SECONDS_MAX,
        )  # fmt: skip
    told = done.returncode == 1 and place in done.stderr
    result("a port that is taken is told", told, done.stderr)


def members(inspector):
    return inspector.json("/api/server")["cluster"]["members"]


def in_a_cluster(program, tool):
    os.environ["TUTTI_ADMIN"] = "127.0.0.1:0"
    with Cluster(program, tool, nodes=2) as cluster:
        for node in cluster.nodes:
            wait_for(lambda node=node: "\nready\n" in node.log(), f"{node.name} to be ready")
        seen = [Inspector(node.log()) for node in cluster.nodes]
        for one in seen:
            wait_for(lambda one=one: len(members(one)) == 2, "both to be members")
        with join(cluster.nodes[0], "notes/1") as anna, join(cluster.nodes[1], "notes/1") as ben:
            log = Log(seen[1], "notes/1")
            edit(anna, anna.channel, 1, 1, ["x"])
            ben.read_until(lambda message: message[0] == ben.channel)
            shown = [one.json("/api/documents/notes/1") for one in seen]
            roles = {document["role"] for document in shown}
            owners = {document["owner"] for document in shown}
            agree = roles == {"owner", "replica"} and len(owners) == 1
            result("one node owns a document and the other says who", agree, shown)
            whos = [[session["who"] for session in document["sessions"]] for document in shown]
            result("each shows its own sessions", whos == [[anna.who], [ben.who]], shown)
            result("the log comes at either", log.operations(2)[1]["who"] == anna.who)
            log.close()


def main(program, tool):
    not_asked_for(program)
    looked_at(program, tool)
    beyond_the_machine(program)
    taken_port(program)
    in_a_cluster(program, tool)
    return exit_code()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
