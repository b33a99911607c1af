#!/usr/bin/env python3
"""embed - turn files into the C table of server/net/assets.h.

    embed.py OUTPUT.c FILE...

A file is served under its own name; index.html is served under / as well.
"""
import hashlib
import os
import sys

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
BYTES_A_LINE = 20


def array(number, content):
    lines = [f"static const uint8_t bytes_{number}[] = {{"]
    for at in range(0, len(content), BYTES_A_LINE):
        lines.append("    " + ", ".join(map(str, content[at : at + BYTES_A_LINE])) + ",")
    return lines + ["    0};", ""]


def row(path, number, content):
    kind = TYPES.get(os.path.splitext(path)[1], "application/octet-stream")
    if path == "/":
        kind = TYPES[".html"]
    etag = hashlib.sha256(content).hexdigest()[:16]
    return f'    {{"{path}", "{kind}", "\\"{etag}\\"", bytes_{number}, {len(content)}}},'


def main(output, files):
    arrays, rows = [], []
    for number, name in enumerate(files):
        with open(name, "rb") as file:
            content = file.read()
        base = os.path.basename(name)
        arrays += array(number, content)
        rows.append(row("/" + base, number, content))
        if base == "index.html":
            rows.append(row("/", number, content))
    lines = ['#include "server/net/assets.h"', "", *arrays, "const struct asset assets[] = {"]
    lines += [*rows, "};", f"const size_t assets_count = {len(rows)};", ""]
    with open(output, "w", encoding="ascii") as file:
        file.write("\n".join(lines))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
