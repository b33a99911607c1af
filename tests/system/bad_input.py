#!/usr/bin/env python3
"""bad_input - what no honest client sends, each with the answer that it has to get.

    bad_input.py TUTTID

All against one server, while another client keeps editing and must not notice. Prints TAP.
"""
import base64
import concurrent.futures
import os
import resource
import sys
import threading

from tuttid import BINARY, CLOSE, KEY, PING, TEXT, Client, Server
from tuttid import close_frame, frame, read_head, text, upgrade

LIMIT_HELLO_BYTES = 8 << 10
LIMIT_MESSAGE_BYTES = 1 << 20
LIMIT_HTTP_HEADER_BYTES = 32 << 10
DRIPS_MAX = 40  # seconds; the server has to cut after 10

KEY_OF_15_BYTES = base64.b64encode(b"x" * 15).decode()
TLS_GREETING = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\xaa" * 64
POST = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: "

# name, the bytes, the status of the answer (0: the connection just ends)
HANDSHAKES = [
    ("no key", upgrade(Sec_WebSocket_Key=None), 400),
    ("a key that is not base64", upgrade(Sec_WebSocket_Key="!" * 24), 400),
    ("a key of 15 bytes", upgrade(Sec_WebSocket_Key=KEY_OF_15_BYTES), 400),
    ("two keys", upgrade(Sec_WebSocket_Key=[KEY, KEY]), 400),
    ("no version", upgrade(Sec_WebSocket_Version=None), 426),
    ("an old version", upgrade(Sec_WebSocket_Version="8"), 426),
    ("two versions", upgrade(Sec_WebSocket_Version=["13", "13"]), 426),
    ("no Connection header", upgrade(Connection=None), 400),
    ("a Connection header that does not upgrade", upgrade(Connection="keep-alive"), 400),
    ("no host", upgrade(host=None), 400),
    ("an upgrade by POST", upgrade(line="POST / HTTP/1.1", Content_Length="0"), 400),
    ("an upgrade in HTTP/1.0", upgrade(line="GET / HTTP/1.0"), 400),
    ("an upgrade at another path", upgrade(line="GET /elsewhere HTTP/1.1"), 404),
    ("a foreign origin", upgrade(Origin="https://stranger.example"), 403),
    ("the origin of no page", upgrade(Origin="null"), 403),
    ("a strange name that points here", upgrade("evil.example", Origin="http://evil.example"), 403),
    ("an upgrade to something else", upgrade(Upgrade="h2c"), 200),
    ("a TLS greeting", TLS_GREETING + b"\r\n\r\n", 400),
    ("no request line", b"\r\n\r\n\r\n\r\n", 400),
    ("a line without an end", b"GET / HTTP/1.1" + b"x" * LIMIT_HTTP_HEADER_BYTES, 400),
    ("a header above the limit", upgrade(X="x" * LIMIT_HTTP_HEADER_BYTES), 400),
    ("a header without a colon", b"GET / HTTP/1.1\r\nHost: a\r\nnonsense\r\n\r\n", 400),
    ("an unknown method", b"BREW / HTTP/1.1\r\nHost: a\r\n\r\n", 501),
    ("a body above the limit", POST + b"99999999\r\n\r\n", 413),
    ("a negative length", POST + b"-1\r\n\r\n", 400),
    ("a wrong method", b"DELETE /livez HTTP/1.1\r\nHost: a\r\n\r\n", 405),
]


def pieces(*payloads, ends=True):
    """A text message in fragments; its beginning when it does not end."""
    last = len(payloads) - 1
    return b"".join(
        frame(TEXT if at == 0 else 0, payload, final=ends and at == last)
        for at, payload in enumerate(payloads)
    )


LARGE = b"x" * (LIMIT_MESSAGE_BYTES // 4)

# name, the bytes after `hello`, the code of the close frame
FRAMES = [
    ("a frame without a mask", frame(TEXT, b"[]", mask=None), 1002),
    ("the first reserved bit", frame(TEXT, b"[]", reserved=4), 1002),
    ("the second reserved bit", frame(TEXT, b"[]", reserved=2), 1002),
    ("the third reserved bit", frame(TEXT, b"[]", reserved=1), 1002),
    ("a reserved data frame", frame(3), 1002),
    ("a reserved control frame", frame(11), 1002),
    ("a binary message", frame(BINARY, b"[]"), 1003),
    ("a continuation of nothing", frame(0, b"[]"), 1002),
    ("a message inside a message", frame(TEXT, b"[", final=False) + text("]"), 1002),
    ("a ping in fragments", frame(PING, b"x", final=False), 1002),
    ("a ping of 126 bytes", frame(PING, b"x" * 126), 1002),
    ("a close frame of one byte", frame(CLOSE, b"\x03"), 1002),
    ("close code 1005", close_frame(1005), 1002),
    ("close code 1006", close_frame(1006), 1002),
    ("close code 999", close_frame(999), 1002),
    ("close code 5000", close_frame(5000), 1002),
    ("a close reason that is not UTF-8", close_frame(1000, b"\xff"), 1007),
    ("a length of 2 in 16 bits", frame(TEXT, b"[]", length=(126, b"\x00\x02")), 1002),
    ("a length of 2 in 64 bits", frame(TEXT, b"[]", length=(127, b"\x00" * 7 + b"\x02")), 1002),
    ("a negative length", frame(TEXT, b"", length=(127, b"\x80" + b"\x00" * 7)), 1002),
    ("a message of 2^62 bytes", frame(TEXT, b"", length=(127, b"\x40" + b"\x00" * 7)), 1009),
    ("a message of 64 MiB and 1", frame(TEXT, b"", length=(127, b"\0\0\0\0\4\0\0\1")), 1009),
    ("a message above the limit", frame(TEXT, b"x" * (LIMIT_MESSAGE_BYTES + 1)), 1009),
    ("fragments above the limit", pieces(*[LARGE] * 4, b"x"), 1009),
    ("bad UTF-8 in what is too large", pieces(*[LARGE] * 5, b"\xff"), 1007),
    ("a message inside one that is too large", pieces(*[LARGE] * 5, ends=False) + text("[]"), 1002),
    ("a byte that is no UTF-8", text(b'["\xff"]'), 1007),
    ("an overlong code point", text(b'["\xc0\xaf"]'), 1007),
    ("half a surrogate pair", text(b'["\xed\xa0\x80"]'), 1007),
    ("a code point above the last", text(b'["\xf4\x90\x80\x80"]'), 1007),
    ("a code point that is cut at the end", text(b'["\xe2\x82'), 1007),
    ("bad UTF-8 in the first fragment", pieces(b'["\xff', b'"]'), 1007),
]


HASH = '"0123456789abcdef"'
DEEP = "[" * 65 + "]" * 65
WIDE = "[" + "0," * 100000 + "0]"
SECRET = '{"resume":"AAAAAAAAAAAAAAAAAAAAAA"}'

# name, the first message, the code of the close frame: 4000 and the status
STRANGERS = [
    ("nothing", "", 4200),
    ("no JSON", "hello", 4200),
    ("no array", "{}", 4205),
    ("an edit", '[1,1,0,["x"]]', 4402),
    ("an open", '["open","notes/1",{"type":"text"}]', 4402),
    ("a heartbeat", "[]", 4402),
    ("a hello without a secret", '["hello",{}]', 4205),
    ("a hello with a short secret", '["hello",{"resume":"AAAA"}]', 4205),
    (
        "a hello with a secret that is no base64",
        '["hello",{"resume":"!!!!!!!!!!!!!!!!!!!!!!"}]',
        4205,
    ),
    ("a message above the limit of strangers", '["hello"' + " " * LIMIT_HELLO_BYTES + "]", 1009),
]

# name, a message after `open` (CH is the channel, SEQ the head), the answer without its words
MESSAGES = [
    ("no JSON", "[1", ["close", 4200]),
    ("something behind the JSON", "[] []", ["close", 4200]),
    ("a lone half of a surrogate pair", '["\\ud800"]', ["close", 4201]),
    ("no array", '"hello"', ["close", 4205]),
    ("an unknown word", '["sing","notes/1"]', ["close", 4205]),
    ("a word without its arguments", '["open"]', ["close", 4205]),
    ("deep nesting", f'["open","notes/1",{{"type":{DEEP}}}]', ["close", 4203]),
    ("too many values", f'["open","notes/1",{{"type":{WIDE}}}]', ["close", 4204]),
    ("a second hello", f'["hello",{SECRET}]', ["close", 4402]),
    ("a name without a slash", '["open","notes",{"type":"text"}]', ["close", 4206]),
    ("a name with a control", '["open","notes/\\u0001",{"type":"text"}]', ["close", 4206]),
    ("a name that is too long", f'["open","{"n" * 65}/1",{{"type":"text"}}]', ["close", 4206]),
    ("an unknown type", '["open","notes/1",{"type":"poem","create":true}]', ["closed", 209]),
    ("no such document", '["open","notes/missing",{}]', ["closed", 211]),
    ("another type", '["open","notes/undisturbed",{"type":"counter"}]', ["closed", 210]),
    ("a document that is open already", '["open","notes/bad",{"type":"text"}]', ["closed", 220]),
    ("an edit of a document that is not open", '[999999,1,0,["x"]]', ["closed", 214]),
    ("presence in a document that is not open", '["here",999999,1,{}]', ["closed", 214]),
    ("presence without a seq", '["here",CH,{}]', ["close", 4205, "here: "]),
    ("presence with a seq that is no number", '["here",CH,"SEQ",{}]', ["close", 4205]),
    ("presence in a document by its name", '["here","notes/bad",SEQ,{}]', ["close", 4205]),
    ("presence that repeats a name", '["here",CH,SEQ,{"a":1,"a":2}]', ["close", 4205]),
    ("presence that is too large", f'["here",CH,SEQ,"{"x" * 1023}"]', ["close", 4202]),
    ("presence that is nested deep", f'["here",CH,SEQ,{DEEP}]', ["close", 4203]),
    ("a signal in a document that is not open", '["say",999999,1]', ["closed", 214]),
    ("a signal without its event", '["say",CH]', ["close", 4205]),
    ("a signal to a number", '["say",CH,1,2]', ["close", 4205]),
    ("a signal that is too large", f'["say",CH,"{"x" * (16 << 10)}"]', ["close", 4202]),
    ("a check of a document that is not open", f'["check",999999,1024,{HASH}]', ["closed", 214]),
    ("a check of seq 0", f'["check",CH,0,{HASH}]', ["close", 4205]),
    ("a check with a short hash", '["check",CH,1024,"abcdef"]', ["close", 4205]),
    ("a check with a hash in capitals", f'["check",CH,1024,{HASH.upper()}]', ["close", 4205]),
    ("an edit without its operation", "[CH,1,SEQ]", ["refused", 205]),
    ("an operation that is none", "[CH,1,SEQ,{}]", ["refused", 207, "is an array"]),
    ("an operation that deletes nothing", '[CH,1,SEQ,[{"d":-1}]]', ["refused", 207]),
    ("an operation beyond the end", '[CH,1,SEQ,[10000,"x"]]', ["refused", 208, "it skips 10000"]),
    ("an operation that is nested deep", f"[CH,1,SEQ,{DEEP}]", ["refused", 203]),
    ("an operation of too many values", f"[CH,1,SEQ,{WIDE}]", ["refused", 204]),
    ("an operation from the future", '[CH,1,SEQ9,["x"]]', ["refused", 215]),
    ("a serial that was left out", '[CH,2,SEQ,["x"]]', ["close", 4401]),
    ("a serial that is no number", '[CH,"1",SEQ,["x"]]', ["closed", 205]),
]


# name, a message that has no answer
IGNORED = [
    ("a signal to nobody", '["say",CH,1,"nobody--"]'),
    ("a signal to a name that is none", '["say",CH,1,"\\u0000"]'),
    ("presence of a seq that will never be", '["here",CH,9007199254740991,{"cursor":[1]}]'),
    ("presence before the document was made", '["here",CH,0,{"cursor":[1]}]'),
    ("presence behind every end", '["here",CH,SEQ,{"cursor":[9007199254740991]}]'),
    ("presence with a cursor that is none", '["here",CH,SEQ,{"cursor":[-1,"x",{}]}]'),
    ("a check of a seq that will never be", f'["check",CH,9007199254740991,{HASH}]'),
    ("a check of a seq without a hash", f'["check",CH,1,{HASH}]'),
]


HALF = LARGE * 2

# name, an edit too large to be kept, as the payloads of its frames
OVERSIZED = [
    ("in one frame", [HALF * 2]),
    ("in three", [HALF, HALF, b"xxx"]),
    ("with its numbers alone in the first", [b"", HALF, HALF]),
    ("eight times as large", [HALF] * 16),
]


class Editor(threading.Thread):
    """Types into a document, one edit after the other's acknowledgement."""

    def __init__(self, server):
        super().__init__()
        self.client = Client(server)
        self.client.hello()
        self.channel, self.seq = self.client.open("notes/undisturbed", "text")
        self.serial = 0
        self.problem = None
        self.progress = threading.Condition()
        self.leaving = False

    def run(self):
        try:
            while not self.leaving:
                self.edit()
        except Exception as problem:  # told to the test, which fails by it
            with self.progress:
                self.problem = problem
                self.progress.notify_all()

    def edit(self):
        self.client.say(self.channel, self.serial + 1, self.seq, ["x"])
        message = self.client.read_message()
        if message[:2] != [self.channel, self.seq + 1]:
            raise RuntimeError(f"not an acknowledgement: {message}")
        with self.progress:
            self.serial += 1
            self.seq += 1
            self.progress.notify_all()

    def went_on(self):
        """Wait until two more edits are acknowledged: the second was sent after the call."""
        with self.progress:
            goal = self.serial + 2
            return self.progress.wait_for(lambda: self.problem or self.serial >= goal, 60) and (
                self.problem is None
            )


class Report:
    def __init__(self):
        self.count = 0
        self.failed = 0

    def tell(self, name, problem):
        self.count += 1
        self.failed += problem is not None
        print(f"{'ok' if problem is None else 'not ok'} {self.count} - {name}", flush=True)
        if problem is not None:
            print(f"# {problem}", flush=True)


def answer_to(server, request):
    """The status of the answer to raw bytes; 0 when there was none."""
    with server.connect() as stream:
        stream.sendall(request)
        head, _ = read_head(stream)
        return int(head.split(" ", 2)[1]) if head else 0


def greeted(server):
    client = Client(server)
    welcome = client.hello()
    if welcome[0] != "welcome":
        raise RuntimeError(f"no welcome: {welcome}")
    return client


def end_after(server, data, client=None):
    with client or greeted(server) as client:
        client.send(data)
        return client.read_end()


def end_of_stranger(server, message):
    with Client(server) as client:
        client.send(text(message))
        return client.read_end()


def answer_of_guest(server, *messages):
    """The first answer to some messages: its word, its code and its text."""
    with greeted(server) as client:
        channel, seq = client.open("notes/bad", "text")
        for message in messages:
            client.send(text(message.replace("CH", str(channel)).replace("SEQ", str(seq))))
        answer = client.read_until(lambda message: message[0] in ("close", "closed", "refused"))
        code_at = {"close": 1, "closed": 2, "refused": 3}[answer[0]]
        return [answer[0], answer[code_at], answer[code_at + 1]]


def answer_behind(server, message):
    """The answer to a message and to `close` behind it: its word and its code."""
    return answer_of_guest(server, message, '["close",CH]')[:2]


def goes_on_after(server, payloads):
    """An edit that is too large is refused, as often as it comes, and the next one goes through."""
    with greeted(server) as client:
        channel, seq = client.open("notes/bad", "text")
        first, *rest = payloads
        head = b'[%d,1,%d,["' % (channel, seq) + first
        for _ in range(2):
            client.send(pieces(head, *rest))
        client.say(channel, 2, seq, ["y"])
        size = len(head) + sum(len(payload) for payload in rest)
        words = f"a message of {size} bytes is above the limit of {LIMIT_MESSAGE_BYTES}"
        answers = [client.read_message() for _ in range(3)]
        refused = ["refused", channel, 1, 202, words, {}]
        return answers[:2] == [refused] * 2 and answers[2][:2] == [channel, seq + 1] or answers


def fits(expected, actual):
    """The same; of an answer's text, only what is expected of it has to be there."""
    if not isinstance(expected, list) or not isinstance(actual, list):
        return actual == expected
    return actual[:2] == expected[:2] and all(part in actual[2] for part in expected[2:])


def compare(expected, function, *arguments):
    try:
        actual = function(*arguments)
    except Exception as problem:
        return f"{type(problem).__name__}: {problem}"
    return None if fits(expected, actual) else f"expected {expected}, got {actual}"


# ---- Clients that say nothing ----


def drip(server):
    """One byte of a request a second, for as long as it is let."""
    with server.connect() as stream:
        stream.settimeout(1)
        for byte in upgrade(X="x" * 1000)[:DRIPS_MAX]:
            try:
                stream.sendall(bytes([byte]))
                if not stream.recv(1):
                    return "ended"
            except TimeoutError:
                continue
            except (ConnectionResetError, BrokenPipeError):
                return "ended"
    return "served"


def say_nothing(server):
    with server.connect() as stream:
        return "ended" if not stream.recv(1) else "answered"


def only_upgrade(server):
    with Client(server) as client:
        return client.read_end()


# ---- A crowd ----


def crowd(server):
    """More connections than the server has descriptors for; afterwards it serves again."""
    before = resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE)
    used = len(os.listdir(f"/proc/{server.process.pid}/fd"))
    resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (used + 10, before[1]))
    streams = [server.connect() for _ in range(30)]
    yield
    for stream in streams:
        stream.close()
    resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, before)
    yield answer_to(server, b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n")


def main(program):
    report = Report()
    with Server(program) as server, concurrent.futures.ThreadPoolExecutor() as pool:
        editor = Editor(server)
        editor.start()
        slow = [
            ("a request that drips is cut", "ended", pool.submit(drip, server)),
            ("a connection without a request is cut", "ended", pool.submit(say_nothing, server)),
            ("an upgrade without hello is closed", 1001, pool.submit(only_upgrade, server)),
        ]
        run_cases(report, server, editor)
        for name, expected, future in slow:
            report.tell(name, compare(expected, future.result))
        editor.leaving = True
        editor.join()
        guest = greeted(server)
        report.tell("the server is still there and leaves in order", compare(0, server.stop))
        report.tell("whoever is connected then is told 1001", compare(1001, guest.read_end))
    print(f"1..{report.count}")
    return 1 if report.failed else 0


def run_cases(report, server, editor):
    def check(name, expected, function, *arguments):
        problem = compare(expected, function, server, *arguments)
        if problem is None and not editor.went_on():
            problem = f"the other client was disturbed: {editor.problem}"
        report.tell(name, problem)

    for name, request, status in HANDSHAKES:
        check(f"handshake: {name} is answered {status}", status, answer_to, request)
    away = crowd(server)
    check("a crowd: the other client goes on", None, lambda _: next(away))
    check("a crowd: when it has gone, the server answers again", 200, lambda _: next(away))
    for name, message, code in STRANGERS:
        check(f"before hello: {name} is closed with {code}", code, end_of_stranger, message)
    for name, message, answer in MESSAGES:
        check(f"message: {name} is {answer[0]} with {answer[1]}", answer, answer_of_guest, message)
    for name, message in IGNORED:
        check(f"message: {name} is not answered", ["closed", 0], answer_behind, message)
    for name, payloads in OVERSIZED:
        check(f"an edit above the limit {name} is refused alone", True, goes_on_after, payloads)
    for name, data, code in FRAMES:
        check(f"frame: {name} is closed with {code}", code, end_after, data)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
