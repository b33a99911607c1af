#!/usr/bin/env python3
"""What a capture costs: the server's CPU for an operation of the hot document, with and without.

    tools/bench/capture.py BUILD [PAIRS [SECONDS [WRITERS]]]

BUILD is a build folder with server/tuttid and tools/tutti in it, as it is shipped. WRITERS (2) type
into one text for SECONDS (10), once at a server that is captured and once at one that is not, in
turn, PAIRS times (5); which one is first changes from pair to pair. The median of the ratios is
what counts: a noisy machine is noisy to both. Exits with 1 when it is above 1.10.
"""
import json
import pathlib
import statistics
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "tests" / "system"))
import tuttid  # noqa: E402

RATIO_MAX = 1.10


def measure(build, load, captured):
    """Microseconds of CPU for an operation, and the bytes of capture for one."""
    with tuttid.Server(build / "server" / "tuttid") as server:
        capture = pathlib.Path(server.folder.name) / "capture"
        if captured:
            server.stop()
            server.process.stdout.close()
            server.command += ["--capture", str(capture)]
            server.start()
        done = subprocess.run(
            [build / "tools" / "tutti", "bench", "hot", "--json", *load]
            + ["--url", f"ws://127.0.0.1:{server.port}/", "--floor-folder", server.folder.name],
            check=True,
            stdout=subprocess.PIPE,
        )
        figures = json.loads(done.stdout)
        server.stop()
        size = capture.stat().st_size if captured else 0
    operations = figures["operations"]
    return figures["server_cpu_seconds"] * 1e6 / operations, size / operations


def main(build, pairs=5, seconds=10, writers=2):
    build = pathlib.Path(build).resolve()
    load = ["--seconds", str(seconds), "--writers", str(writers)]
    ratios = []
    for number in range(int(pairs)):
        cpu, size = {}, {}
        for captured in (number % 2 == 0, number % 2 != 0):
            cpu[captured], size[captured] = measure(build, load, captured)
        ratios.append(cpu[True] / cpu[False])
        print(
            f"pair {number + 1}: {cpu[False]:.1f} us an operation, {cpu[True]:.1f} us captured"
            f" ({size[True]:.0f} bytes each): {ratios[-1]:.3f}",
            flush=True,
        )
    median = statistics.median(ratios)
    print(f"median ratio {median:.3f}, at most {RATIO_MAX:.2f}")
    return median > RATIO_MAX


sys.exit(main(*sys.argv[1:]))
