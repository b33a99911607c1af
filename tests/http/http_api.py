#!/usr/bin/env python3
"""http_api - the HTTP API of a running server against its specification. Prints TAP.

    http_api.py TUTTID

Every path, method and status of protocol/openapi.json is exercised, and the answers are checked
against its schemas; what it does not name is refused. What is promised beside that has a test each:
exactly once over retries and crashes, events that go on where they were, restored versions.
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

from cases import CASES
from schema import Schemas

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "system"))
import tuttid  # noqa: E402

SPECIFICATION = json.loads((ROOT / "protocol" / "openapi.json").read_text(encoding="utf-8"))
SCHEMAS = Schemas(SPECIFICATION)
DOCUMENT = "/v1/documents/{collection}/{id}"
METHODS = ["GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "TRACE"]
JSON = {"Content-Type": "application/json"}


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.bytes = response.read()
        self.type = response.headers.get("Content-Type", "")

    def json(self):
        return json.loads(self.bytes)


class Api:
    """Requests to one server, each on a connection of its own."""

    def __init__(self, server):
        self.server = server

    def ask(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, tuttid.SECONDS_MAX)
        body = json.dumps(body) if isinstance(body, (dict, list)) else body
        headers = {**(JSON if body is not None else {}), **(headers or {})}
        try:
            connection.request(method, path, body, headers)
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def write(self, method, name, body, key, place=""):
        """A request with an idempotency key, which has to succeed; its JSON."""
        answer = self.ask(method, path_of(name, place), body, {"Idempotency-Key": key})
        said = f"{method} {name}{place}: {answer.status} {answer.bytes}"
        expect(answer.status in (200, 201), said)
        return answer.json()

    def data(self, name):
        return self.ask("GET", path_of(name)).json()["data"]


def path_of(name, place=""):
    collection, identity = name.split("/", 1)
    quote = lambda text: urllib.parse.quote(text, safe="")  # noqa: E731
    return f"/v1/documents/{quote(collection)}/{quote(identity)}{place}"


def expect(condition, text):
    if not condition:
        raise AssertionError(text)


# ---- Everything that is specified ----

def prepare(api):
    api.write("PUT", "api/text", {"type": "text", "data": "begun"}, "prepare text")
    for name in ("api/deleted", "api/to-delete", "api/retyped"):
        api.write("PUT", name, {"type": "text"}, "prepare")
    api.write("DELETE", "api/deleted", None, "delete")
    api.write("DELETE", "api/retyped", None, "delete")
    api.write("PUT", "api/retyped", {"type": "counter"}, "again")
    api.write("PUT", "api/motley", {"type": "text", "data": "a" * 33000}, "make")
    api.write("POST", "api/motley", {"operation": [1, "b"] * 33000}, "edit", "/operations")


def run_case(api, number, case):
    place, method, status, name, query, body, headers = case
    tag = api.ask("GET", path_of("api/text")).headers["ETag"]
    headers = {
        header: value.replace("KEY", f"case {number}").replace("TAG", tag)
        for header, value in headers.items()
    }
    answer = api.ask(method.upper(), path_of(name, place) + query, body, headers)
    said = f"{method} {name}{place}{query}: {answer.status} {answer.bytes}"
    expect(answer.status == status, said)
    specified = SPECIFICATION["paths"][DOCUMENT + place][method]["responses"][str(status)]
    if "content" not in specified:
        expect(answer.bytes == b"", f"{method} {place} {status} has a body")
        return
    (kind, media), = specified["content"].items()
    expect(answer.type == kind, f"{method} {place} {status}: {answer.type}")
    faults = SCHEMAS.faults(media["schema"], answer.json())
    expect(not faults, f"{method} {place} {status}: {faults}")


def every_status_is_answered_as_specified(api):
    prepare(api)
    for number, case in enumerate(CASES):
        run_case(api, number, case)


def every_specified_status_is_among_the_cases(api):
    exercised = {(DOCUMENT + place, method, str(status)) for place, method, status, *_ in CASES}
    exercised.add((DOCUMENT + "/events", "get", "200"))  # a test of its own
    specified = {
        (path, method, status)
        for path, place in SPECIFICATION["paths"].items()
        for method in place.keys() - {"parameters"}
        for status in place[method]["responses"].keys() - {"default"}
    }
    expect(exercised == specified, f"differ: {exercised ^ specified}")


def other_methods_are_refused_with_those_that_there_are(api):
    for path, place in SPECIFICATION["paths"].items():
        methods = {method.upper() for method in place if method != "parameters"}
        allowed = methods | ({"HEAD"} if "GET" in methods else set())
        for method in METHODS:
            if method in methods:
                continue
            answer = api.ask(method, path_of("api/text", path.removeprefix(DOCUMENT)))
            refusal = 204 if method == "OPTIONS" else 405
            expect(answer.status == refusal, f"{method} {path}: {answer.status}")
            allow = set(answer.headers["Allow"].split(", "))
            expect(allow == allowed, f"{method} {path}: {allow} are not {allowed}")


def other_paths_are_refused(api):
    text = "/v1/documents/api/text"
    below = [f"{text}/", f"{text}/x", f"{text}/history/1"]
    for path in ["/v1/", "/v1/users", "/v1/documents/api", *below]:
        answer = api.ask("GET", path)
        expect(answer.status == 404 and answer.json()["code"] == 223, f"{path}: {answer.status}")


def head_is_get_without_the_body(api):
    for place in ("", "/history", "/blame", "/versions"):
        get = api.ask("GET", path_of("api/text", place))
        head = api.ask("HEAD", path_of("api/text", place))
        expect(head.status == 200 and head.bytes == b"", f"{place}: {head.status} {head.bytes}")
        for header in ("Content-Length", "Content-Type", "ETag"):
            expect(head.headers[header] == get.headers[header], f"{place}: {header}")


def names_are_any_that_the_protocol_has(api):
    for name in ["api/a b", "api/ünï/côdé", "api/100%", "api/q?x=1#f", "a+b/c+d"]:
        receipt = api.write("PUT", name, {"type": "text", "data": name}, "make")
        expect(receipt["name"] == name and api.data(name) == name, f"{name}: {receipt}")
    for path in ["/v1/documents/api/%00", "/v1/documents/api/%FF", "/v1/documents/a%2Fb/c",
                 "/v1/documents/api/%zz", "/v1/documents/api/" + "x" * 257]:
        answer = api.ask("GET", path)
        expect(answer.status == 400 and answer.json()["code"] == 206, f"{path}: {answer.status}")


# ---- Exactly once ----


def a_key_is_one_operation_however_often_it_is_sent(api):
    api.write("PUT", "once/count", {"type": "counter"}, "make")
    first = api.write("POST", "once/count", {"operation": 7}, "seven", "/operations")
    for _ in range(3):
        again = api.write("POST", "once/count", {"operation": 7}, "seven", "/operations")
        expect(again == first, f"{again} is not {first}")
        api.server.crash()
    expect(api.data("once/count") == 7, f"{api.data('once/count')} is not 7")


def a_refusal_is_the_same_after_a_crash(api):
    api.write("PUT", "once/text", {"type": "text"}, "make")
    bad = {"operation": [3, "x"]}, {"Idempotency-Key": "bad"}
    first = api.ask("POST", path_of("once/text", "/operations"), *bad)
    expect(first.status == 422, f"{first.status}")
    api.write("POST", "once/text", {"operation": ["long enough"]}, "good", "/operations")
    api.server.crash()
    again = api.ask("POST", path_of("once/text", "/operations"), *bad)
    expect("it skips 3 code points" in first.json()["text"], f"{first.json()}")
    expect(again.status == first.status, f"{again.status}")
    expect(again.json()["code"] == first.json()["code"], f"{again.bytes}")


def a_retry_of_a_create_a_delete_and_a_restore_is_one_of_them(api):
    for _ in range(2):
        created = api.write("PUT", "once/all", {"type": "text", "data": "a"}, "create")
    edited = api.write("POST", "once/all", {"operation": ["b"]}, "edit", "/operations")
    for _ in range(2):
        restored = api.write("POST", "once/all", {"seq": 1}, "restore", "/restore")
    for _ in range(2):
        deleted = api.write("DELETE", "once/all", None, "delete")
    seqs = [receipt["seq"] for receipt in (created, edited, restored, deleted)]
    expect(seqs == [1, 2, 3, 4], f"{seqs}")


# ---- History ----


def a_document_is_what_it_was_at_each_seq_and_time(api):
    api.write("PUT", "past/text", {"type": "text"}, "make")
    for at in range(40):
        api.write("POST", "past/text", {"operation": [str(at % 10)]}, f"type {at}", "/operations")
    listed = []
    start = 1
    while start:
        page = api.ask("GET", path_of("past/text", f"/history?from={start}&to=41")).json()
        listed += page["operations"]
        start = page.get("next")
    expect([entry["seq"] for entry in listed] == list(range(1, 42)), f"{listed}")
    text = ""
    for entry in listed[1:]:
        text = entry["operation"][0] + text
        for query in (f"?seq={entry['seq']}",):
            state = api.ask("GET", path_of("past/text") + query).json()
            expect(state["data"] == text, f"{query}: {state}")
        state = api.ask("GET", path_of("past/text", f"?time={entry['time']}")).json()
        expect(state["time"] == entry["time"] and state["seq"] >= entry["seq"], f"{state}")


def a_text_is_told_by_who_wrote_it(api):
    api.write("PUT", "past/blame", {"type": "text", "data": "a\U0001F600"}, "make")
    api.write("POST", "past/blame", {"operation": [1, "bc"]}, "one", "/operations")
    api.write("POST", "past/blame", {"operation": [2, "\U0001F600"]}, "two", "/operations")
    told = {}
    for query in ("", "?seq=2", "?from=3"):
        answer = api.ask("GET", path_of("past/blame", "/blame" + query))
        told[query] = [(run["points"], run.get("seq")) for run in answer.json()["runs"]]
    expect(told[""] == [(1, 1), (1, 2), (1, 3), (1, 2), (1, 1)], f"{told}")
    expect(told["?seq=2"] == [(1, 1), (2, 2), (1, 1)], f"{told}")
    expect(told["?from=3"] == [(2, None), (1, 3), (2, None)], f"{told}")
    api.write("PUT", "past/number", {"type": "counter"}, "make")
    for name, query, status, code in (("past/number", "", 409, 210), ("past/none", "", 404, 211),
                                      ("past/blame", "?seq=9", 404, 221),
                                      ("past/blame", "?to=9", 400, 205)):
        answer = api.ask("GET", path_of(name, "/blame" + query))
        expect(answer.status == status and answer.json()["code"] == code, f"{name}{query}")


def a_version_is_restored_by_its_name(api):
    api.write("PUT", "past/named", {"type": "text", "data": "then"}, "make")
    named = api.ask("POST", path_of("past/named", "/versions"), {"version": "first"}).json()
    expect(named["seq"] == 1, f"{named}")
    api.write("POST", "past/named", {"operation": [{"d": 4}, "now"]}, "edit", "/operations")
    api.server.crash()
    listed = api.ask("GET", path_of("past/named", "/versions")).json()["versions"]
    expect(listed == [named], f"{listed}")
    api.write("POST", "past/named", {"version": "first"}, "restore", "/restore")
    expect(api.data("past/named") == "then", api.data("past/named"))
    expect(api.ask("GET", path_of("past/named", "?seq=2")).json()["data"] == "now", "rewritten")


# ---- Events ----


class Events:
    """A stream of events: each a dict of its fields."""

    def __init__(self, api, name, last=None):
        self.stream = api.server.connect()
        last = f"Last-Event-ID: {last}\r\n" if last else ""
        request = f"GET {path_of(name, '/events')} HTTP/1.1\r\nHost: localhost\r\n{last}\r\n"
        self.stream.sendall(request.encode())
        self.head, self.unread = tuttid.read_head(self.stream)

    def next(self):
        """None at the end of the stream."""
        while b"\n\n" not in self.unread:
            piece = self.stream.recv(65536)
            if not piece:
                return None
            self.unread += piece
        event, _, self.unread = self.unread.partition(b"\n\n")
        fields = dict(line.split(": ", 1) for line in event.decode().split("\n"))
        return {**fields, "data": json.loads(fields["data"])}

    def close(self):
        self.stream.close()


def events_are_the_document_and_what_is_done_to_it(api):
    api.write("PUT", "live/text", {"type": "text", "data": "a"}, "make")
    events = Events(api, "live/text")
    expect(events.head.startswith("HTTP/1.1 200 "), events.head)
    expect("Content-Type: text/event-stream" in events.head, events.head)
    snapshot = events.next()
    faults = SCHEMAS.faults({"$ref": "#/components/schemas/Document"}, snapshot["data"])
    expect(snapshot["event"] == "snapshot" and not faults, f"{snapshot} {faults}")
    api.write("POST", "live/text", {"operation": ["b"]}, "edit", "/operations")
    api.write("DELETE", "live/text", None, "delete")
    for seq in (2, 3):
        event = events.next()
        faults = SCHEMAS.faults({"$ref": "#/components/schemas/Entry"}, event["data"])
        expect(event["event"] == "operation" and not faults, f"{event} {faults}")
        expect(event["id"] == f"{snapshot['data']['epoch']}-{seq}", f"{event}")
    events.close()


def events_go_on_where_they_were_after_a_crash(api):
    api.write("PUT", "live/again", {"type": "text", "data": "a"}, "make")
    events = Events(api, "live/again")
    last = events.next()["id"]
    api.write("POST", "live/again", {"operation": ["b"]}, "edit", "/operations")
    api.server.crash()
    events.close()
    events = Events(api, "live/again", last)
    event = events.next()
    expect(event["event"] == "operation" and event["data"]["seq"] == 2, f"{event}")
    events.close()
    events = Events(api, "live/again", "1-1")  # the id of another history
    expect(events.next()["event"] == "snapshot", "no snapshot")
    events.close()


def events_of_nothing_end_with_why(api):
    events = Events(api, "live/nothing")
    event = events.next()
    faults = SCHEMAS.faults({"$ref": "#/components/schemas/Error"}, event["data"])
    expect(event["event"] == "closed" and event["data"]["code"] == 211 and not faults, f"{event}")
    expect(events.next() is None, "it goes on")
    events.close()


def a_client_of_the_socket_sees_what_is_submitted(api):
    api.write("PUT", "live/both", {"type": "text"}, "make")
    client = tuttid.Client(api.server)
    client.hello()
    client.open("live/both", "text")
    receipt = api.write("POST", "live/both", {"operation": ["x"]}, "edit", "/operations")
    message = client.read_until(lambda message: isinstance(message[0], int))
    expect(message[1:] == [receipt["seq"], receipt["who"], ["x"]], f"{message}")
    client.close()


# ---- The rest ----


def pages_of_an_allowed_origin_may_ask(api):
    own = f"http://127.0.0.1:{api.server.port}"
    answer = api.ask("GET", path_of("api/text"), headers={"Origin": own})
    expect(answer.status == 200, f"{answer.status}")
    expect(answer.headers["Access-Control-Allow-Origin"] == own, f"{answer.headers}")
    answer = api.ask("OPTIONS", path_of("api/text", "/operations"), headers={"Origin": own})
    expect(answer.headers["Access-Control-Allow-Methods"] == "POST", f"{answer.headers}")
    evil = {"Host": "evil.example"}
    for headers in (evil, {**evil, "Origin": "http://evil.example"}):
        answer = api.ask("GET", path_of("api/text"), headers=headers)
        expect(answer.status == 403 and answer.json()["code"] == 403, f"{headers}: {answer.status}")


def what_http_itself_refuses_is_json_too(api):
    requests = [
        (b"nonsense\r\n\r\n", 400),
        (b"BREW / HTTP/1.1\r\nHost: a\r\n\r\n", 501),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n", 413),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * (64 << 10) + b"\r\n\r\n", 400),
    ]
    for request, status in requests:
        stream = api.server.connect()
        stream.sendall(request)
        head, body = tuttid.read_head(stream)
        while piece := stream.recv(65536):
            body += piece
        stream.close()
        expect(head.startswith(f"HTTP/1.1 {status} "), f"{request[:20]}: {head}")
        faults = SCHEMAS.faults({"$ref": "#/components/schemas/Error"}, json.loads(body))
        expect("application/json" in head and not faults, f"{request[:20]}: {head} {body} {faults}")


def the_examples_of_the_readme_work(api):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    block = re.search(r"## Over HTTP\n.*?```sh\n(.*?)```", readme, re.DOTALL).group(1)
    script = block.replace("127.0.0.1:7400", f"127.0.0.1:{api.server.port}")
    script = script.replace("curl ", "curl --fail --silent --show-error --max-time 2 ")
    result = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    expect("Hello" in result.stdout and '"seq":2' in result.stdout, f"{result}")
    expect("event: snapshot" in result.stdout, f"{result}")
    # 28 is the end of the time for an endless stream.
    expect(not re.search(r"curl: \((?!28\))", result.stderr), result.stderr)


TESTS = [
    every_status_is_answered_as_specified,
    every_specified_status_is_among_the_cases,
    other_methods_are_refused_with_those_that_there_are,
    other_paths_are_refused,
    head_is_get_without_the_body,
    names_are_any_that_the_protocol_has,
    a_key_is_one_operation_however_often_it_is_sent,
    a_refusal_is_the_same_after_a_crash,
    a_retry_of_a_create_a_delete_and_a_restore_is_one_of_them,
    a_document_is_what_it_was_at_each_seq_and_time,
    a_text_is_told_by_who_wrote_it,
    a_version_is_restored_by_its_name,
    events_are_the_document_and_what_is_done_to_it,
    events_go_on_where_they_were_after_a_crash,
    events_of_nothing_end_with_why,
    a_client_of_the_socket_sees_what_is_submitted,
    pages_of_an_allowed_origin_may_ask,
    what_http_itself_refuses_is_json_too,
    the_examples_of_the_readme_work,
]


FAULTS = (AssertionError, EOFError, KeyError, OSError, ValueError, http.client.HTTPException)


def run(test, api):
    try:
        test(api)
    except FAULTS as fault:
        return f"{type(fault).__name__}: {fault}"
    return "" if api.server.running() else f"the server has ended: {api.server.log()}"


def a_server_that_forgets_keys_is_found_out(program):
    """The tests of keys can fail: with a server that sequences again what was sent again."""
    os.environ["TUTTI_MUTANT"] = "drop-dedupe"
    try:
        with tuttid.Server(program) as server:
            return run(a_key_is_one_operation_however_often_it_is_sent, Api(server)) != ""
    finally:
        del os.environ["TUTTI_MUTANT"]


def main(program):
    failed = 0
    with tuttid.Server(program) as server:
        for number, test in enumerate(TESTS, 1):
            fault = run(test, Api(server))
            failed += fault != ""
            name = test.__name__.replace("_", " ")
            print(f"{'not ok' if fault else 'ok'} {number} - {name}", flush=True)
            if fault:
                print(f"# {fault[:2000]}", flush=True)
        clean = server.stop() == 0 and "Sanitizer" not in server.log()
    print(f"{'ok' if clean else 'not ok'} {len(TESTS) + 1} - the server ends well")
    found = a_server_that_forgets_keys_is_found_out(program)
    name = a_server_that_forgets_keys_is_found_out.__name__.replace("_", " ")
    print(f"{'ok' if found else 'not ok'} {len(TESTS) + 2} - {name}")
    print(f"1..{len(TESTS) + 2}")
    return failed > 0 or not clean or not found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
