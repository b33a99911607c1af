#!/usr/bin/env python3
"""embed - turn files into C: a table of server/net/assets.h, or bytes of a name.

    embed.py NAME OUTPUT.c FILE...
    embed.py --as NAME HEADER OUTPUT.c FILE

NAME is the table's. A file is served under its own name; index.html is served under / as well.
With --as it becomes the bytes NAME and NAME_size that HEADER declares.
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


def array(name, content):
    lines = [f"const uint8_t {name}[] = {{"]
    for at in range(0, len(content), BYTES_A_LINE):
        lines.append("    " + ", ".join(map(str, content[at : at + BYTES_A_LINE])) + ",")
    return lines + ["    0};", ""]


def row(path, number, content):
    kind = TYPES.get(os.path.splitext(path)[1], "application/octet-stream")
    if path == "/":
        kind = TYPES[".html"]
    etag = hashlib.sha256(content).hexdigest()[:16]
    return f'    {{"{path}", "{kind}", "\\"{etag}\\"", bytes_{number}, {len(content)}}},'


def main(table, output, files):
    arrays, rows = [], []
    for number, name in enumerate(files):
        with open(name, "rb") as file:
            content = file.read()
        base = os.path.basename(name)
        lines = array(f"bytes_{number}", content)
        arrays += ["static " + lines[0], *lines[1:]]
        rows.append(row("/" + base, number, content))
        if base == "index.html":
            rows.append(row("/", number, content))
    lines = ['#include "server/net/assets.h"', "", *arrays, "static const struct asset list[] = {"]
    lines += [*rows, "};", f"const struct assets {table} = {{list, {len(rows)}}};", ""]
    with open(output, "w", encoding="ascii") as file:
        file.write("\n".join(lines))


def embed_as(name, header, output, path):
    with open(path, "rb") as file:
        content = file.read()
    lines = [f'#include "{header}"', "", *array(name, content)]
    lines += [f"const size_t {name}_size = {len(content)};", ""]
    with open(output, "w", encoding="ascii") as file:
        file.write("\n".join(lines))


if __name__ == "__main__":
    if sys.argv[1] == "--as":
        embed_as(*sys.argv[2:])
    else:
        main(sys.argv[1], sys.argv[2], sys.argv[3:])
