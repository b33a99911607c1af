"""A server whose disk fails to sync while people edit.

    disk.py TUTTID TUTTI FAILING_DISK_SO
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

from report import exit_code, result
from tuttid import SECONDS_MAX, Client, Server

DOCUMENT = "notes/1"


def type_until_the_end(client, channel, base):
    """One letter an edit: the text of those that were acknowledged, until the connection ends."""
    acknowledged = ""
    serial = 0
    try:
        while True:
            serial += 1
            letter = chr(ord("a") + serial % 26)
            client.say(channel, serial, base, [letter])
            heard = client.read_until(lambda message: message[0] in (channel, "close"))
            if heard[0] == "close":
                return
            base = heard[1]
            acknowledged = letter + acknowledged
            yield acknowledged
    except (EOFError, ConnectionError):
        return


def read_document(server):
    with Client(server) as client:
        client.hello()
        client.say("open", DOCUMENT, {})
        opened = client.read_until(lambda message: message[0] in ("opened", "closed"))
        return opened[4]["snapshot"] if opened[0] == "opened" else opened


def fail_while_typing(tuttid, tutti, preload, trigger):
    options = os.environ.get("ASAN_OPTIONS", "")
    environment = {
        "LD_PRELOAD": preload,
        "FAILING_DISK": str(trigger),
        "ASAN_OPTIONS": f"{options}:verify_asan_link_order=0",
    }
    with Server(tuttid, environment=environment) as server:
        acknowledged = ""
        with Client(server) as client:
            client.hello()
            channel, seq = client.open(DOCUMENT, "text")
            for acknowledged in type_until_the_end(client, channel, seq):
                if len(acknowledged) == 20:
                    trigger.touch()
        told = len(acknowledged)
        result("edits are acknowledged until the disk fails, and none after", told == 20, told)
        code = server.process.wait(SECONDS_MAX)
        result("the server ends by itself, and not in order", code not in (0, None), code)
        log = server.log()
        why = re.search(r'error "the store failed" reason=".*disk I/O error', log)
        result("the log says why", why is not None, log)
        told = log.count("the store cannot be trusted any more")
        result("it says once that the store cannot be trusted", told == 1, log)

        trigger.unlink()
        server.process.stdout.close()
        server.start()
        text = read_document(server)
        # The edit in flight had no answer: it may be there or not.
        result("all that was acknowledged is there when it is started again",
               isinstance(text, str) and text[-20:] == acknowledged and len(text) <= 21, text)
        result("and then it leaves in order", server.stop() == 0, server.log())
        check = subprocess.run(
            [tutti, "store", "check", f"{server.folder.name}/data"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        result("its store is whole", check.returncode == 0, check.stdout)


def main(tuttid, tutti, preload):
    with tempfile.TemporaryDirectory(prefix="tutti-") as folder:
        fail_while_typing(tuttid, tutti, preload, pathlib.Path(folder) / "failing")
    return exit_code()


sys.exit(main(*sys.argv[1:]))
