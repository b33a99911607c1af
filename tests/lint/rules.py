"""The rules. Each is a function from a tree to its findings: (path, line number, what is wrong).

A rule's name is its function's; a bad sample for it lies in bad/NAME.WHAT/.
"""

import os
import re

import layers

FUNCTION_LINES_MAX = 70
COLUMNS_MAX = 100

TESTED_LAYERS = ("base/", "ot/", "protocol/", "server/collab/")

# Call -> what to use instead. `free` and the like stand in base/memory.c alone.
BANNED_CALLS = {
    "alloca": "memory_allocate()",
    "assert": "must()",
    "atoi": "json_read_integer(), or strtoll() with its checks",
    "calloc": "memory_zeroed()",
    "free": "memory_free()",
    "gets": "a span",
    "localtime": "gmtime_r()",
    "malloc": "memory_allocate()",
    "rand": "prng_next()",
    "random": "prng_next()",
    "realloc": "memory_resize()",
    "sprintf": "buffer_append_format()",
    "srand": "prng_init()",
    "strcat": "buffer_append()",
    "strcpy": "memcpy() with a size",
    "strdup": "memory_copy()",
    "strndup": "memory_copy()",
    "strtok": "a walk over a span",
    "vsprintf": "buffer_append_format()",
}
IMPURE_CALLS = [
    "clock", "clock_gettime", "fopen", "fprintf", "getenv", "getrandom", "gettimeofday", "printf",
    "puts", "time",
]  # fmt: skip
SLEEPS = ["nanosleep", "sleep", "usleep"]

# Spelled with a class of one letter, so that this file does not match itself.
MARKS = re.compile(r"\b(TOD[O]|FIXM[E]|XX[X]|HAC[K])\b")
WORKPLACE = re.compile(r"/(?:hom[e]|User[s]|roo[t]|wor[k]|far[m])/")
REGISTRY = re.compile(r"https?://(?:[a-z]+\.)?registr[y]\.|npmmirro[r]|pypi\.or[g]|crates\.i[o]")


def calls(source, names):
    """Calls of `names` (a regular expression) as functions of their own, not as members."""
    pattern = re.compile(r"(?<![\w.])(?<!->)(%s)\s*\(" % "|".join(names))
    for number, line in enumerate(source.code, 1):
        for match in pattern.finditer(line):
            yield number, match[1]


# ---- Includes ----


def layering(tree):
    """A folder includes only what the table in layers.py allows."""
    for source in tree.c_files():
        if layers.layer_of(source.path) is None:
            yield source.path, 1, "a C file outside of all layers"
            continue
        for number, header, quoted in source.includes:
            if header in tree.paths and not layers.may_include_ours(source.path, header):
                yield source.path, number, f'may not use "{header}"'
            if quoted:
                continue
            library = layers.library_of(header)
            if library and not layers.may_include_library(source.path, library):
                yield source.path, number, f"may not use {library} (<{header}>)"
            if not library and not layers.may_include_system(source.path, header):
                yield source.path, number, f"a pure layer may not use <{header}>"


def include_paths(tree):
    """Ours are included in quotes, by their path from the root."""
    for source in tree.c_files():
        for number, header, quoted in source.includes:
            if quoted and header not in tree.paths:
                yield source.path, number, f'"{header}" is no path from the root'


def include_order(tree):
    """One's own header first, then <system>, <library>, "ours", each group sorted."""
    for source in tree.c_files():
        own = source.path[:-2] + ".h"
        rest = source.includes
        if source.path.endswith(".c") and own in tree.paths:
            if not rest or rest[0][1] != own:
                yield source.path, 1, f'includes its own header "{own}" first'
                continue
        # Without one, the header that the file implements or tests may take its place.
        if source.path.endswith(".c") and rest and rest[0][2]:
            rest = rest[1:]
        ranked = []
        for number, header, quoted in rest:
            group = 2 if quoted else 1 if layers.library_of(header) in PACKAGED else 0
            ranked.append((group, header, number))
        for before, after in zip(ranked, ranked[1:]):
            between = source.code[before[2] : after[2] - 1]
            if any(line.strip() for line in between):
                continue  # what stands between prepares the next one
            if after[0] < before[0]:
                yield source.path, after[2], "stands after a later group of includes"
            elif after[0] == before[0] and after[1] < before[1]:
                yield source.path, after[2], "is not sorted into its group"
            elif after[0] > before[0] and "" not in between:
                yield source.path, after[2], "an empty line goes before the next group"


# What Debian packages as a library; sockets and threads are the system's.
PACKAGED = set(layers.LIBRARIES) - {"sockets", "threads"}


def header_guard(tree):
    """base/span.h is guarded by BASE_SPAN_H."""
    for source in tree.c_files():
        if not source.path.endswith(".h"):
            continue
        guard = re.sub(r"\W", "_", source.path).upper()
        directives = [line for line in source.code if line.startswith("#")]
        if directives[:2] != [f"#ifndef {guard}", f"#define {guard}"]:
            yield source.path, 1, f"is guarded by {guard}"


# ---- C ----


def function_length(tree):
    """A function fits a screen."""
    for source in tree.c_files():
        begin = None
        for number, line in enumerate(source.lines, 1):
            if line.startswith("{"):
                begin = number
                while begin > 1 and re.match(r"[\w ]", source.lines[begin - 2]):
                    begin -= 1
            elif line.startswith("}") and begin is not None:
                size = number - begin + 1
                if size > FUNCTION_LINES_MAX:
                    yield source.path, begin, f"{size} lines; {FUNCTION_LINES_MAX} are the most"
                begin = None


def banned_calls(tree):
    """Allocation goes through base/memory.h, our own faults through must()."""
    for source in tree.c_files():
        if source.path == "base/memory.c":
            continue
        for number, call in calls(source, BANNED_CALLS):
            yield source.path, number, f"{call}(): use {BANNED_CALLS[call]}"


def purity(tree):
    """Pure layers read no clock, draw no number and print nothing."""
    for source in tree.c_files():
        layer = layers.LAYERS.get(layers.layer_of(source.path), {})
        if layer.get("pure") and source.path != "base/must.c":
            for number, call in calls(source, IMPURE_CALLS):
                yield source.path, number, f"{call}() in a pure layer"


def no_sleeps(tree):
    """Tests wait for what they want to see, never for time to pass."""
    for source in tree.c_files():
        if source.path.startswith("tests/"):
            for number, call in calls(source, SLEEPS):
                yield source.path, number, f"{call}() in a test"


def struct_typedef(tree):
    """A struct is called a struct."""
    for source in tree.c_files():
        for number, line in enumerate(source.code, 1):
            if re.search(r"\btypedef\s+(struct|union)\b", line):
                yield source.path, number, "a typedef of a struct"


def entries_captured(tree):
    """What calls into the pure core is recorded by hub_enter(), so that it can be run again."""
    for source in tree.c_files():
        if source.path not in ENTRANCES:
            continue
        folder = os.path.dirname(source.path)
        text = "\n".join(source.code)
        for name in re.findall(r"(\w+)\(struct (?:hub|link|call|cluster) \*", text):
            if name in NOT_CAPTURED:
                continue
            for other in tree.c_files():
                if other.path.startswith(folder) and other.path.endswith(".c"):
                    for number, body in definitions(other, name):
                        if not re.search(r"\b(hub|follow)_enter\(", body):
                            yield other.path, number, f"{name}() is not recorded by hub_enter()"


ENTRANCES = {"server/collab/hub.h", "server/collab/call.h", "server/cluster/cluster.h"}
NOT_CAPTURED = {
    "link_output",  # a look; link_written() records what came of it
    "cluster_destroy", "cluster_peers", "cluster_attach",  # go with the hub's beginning and end
}  # fmt: skip


def definitions(source, name):
    """The line and the text of each function of that name."""
    for number, line in enumerate(source.code, 1):
        if re.match(rf"\w[\w *]*\b{name}\(", line) and not line.endswith(";"):
            end = next(i for i in range(number, len(source.code)) if source.code[i] == "}")
            yield number, "\n".join(source.code[number:end])


def module_tested(tree):
    """Each module of the pure layers has a test named after it, or stands in untested.txt."""
    allowed = untested(tree)
    for path in sorted(tree.paths):
        if path.startswith(TESTED_LAYERS) and path.endswith(".c"):
            folder, name = path.split("/")[-2:]
            test = f"tests/{folder}/test_{name}"
            tested = test in tree.paths
            if not tested and path not in allowed:
                yield path, 1, f"has no {test}"
            if tested and path in allowed:
                yield UNTESTED, 1, f"{path} has a test now: take it out"
    for path in allowed - tree.paths:
        yield UNTESTED, 1, f"{path} is gone: take it out"


UNTESTED = "tests/lint/untested.txt"


def untested(tree):
    """The modules that are excused; each line of the file is a path and the reason."""
    for source in tree.sources:
        if source.path == UNTESTED:
            return {line.split()[0] for line in source.lines if line and not line.startswith("#")}
    return set()


# ---- The build ----


def source_lists(tree):
    """In meson.build, lists of sources are sorted, and no C file is left out."""
    builds = [source for source in tree.sources if source.name == "meson.build"]
    for build in builds:
        before = ""
        for number, line in enumerate(build.lines, 1):
            match = re.match(r"\s+'([^']+\.c)',$", line)
            if match and before and match[1] < before:
                yield build.path, number, f"{match[1]} goes before {before}"
            before = match[1] if match else ""
    text = "\n".join(build.text for build in builds)
    for source in tree.c_files():
        stem = source.name[:-2]
        if source.path.endswith(".c") and not re.search(rf"\b{re.escape(stem)}\b", text):
            if not stem.startswith("fuzz_") or f"'{stem[5:]}'" not in text:
                yield source.path, 1, "is built by no meson.build"


def suites_run(tree):
    """Each tests/…/run_NAME is in the table of tools/check, by that name."""
    table = next((source.text for source in tree.sources if source.path == "tools/check"), "")
    for path in sorted(tree.paths):
        if match := re.match(r"tests/(?:\w+/)?run_(\w+)$", path):
            name = match[1].replace("_", "-")
            if not re.search(rf"^{name} +{re.escape(path)}$", table, re.MULTILINE):
                yield path, 1, f"is not the suite {name} of tools/check"
    for path in re.findall(r"^[\w-]+ +(tests/\S+)$", table, re.MULTILINE):
        if path not in tree.paths:
            yield "tools/check", 1, f"{path} does not exist"


# ---- What stands in two places ----


def status_codes(tree):
    """The codes in PROTOCOL.md and in the JavaScript client are those of base/status.h."""
    text = {source.path: source.text for source in tree.sources}
    in_code = set()
    for name, kind, code, words in STATUS_ROW.findall(text.get("base/status.h", "")):
        if kind != "STATUS_CLASS_INNER":
            in_code.add((code, name, kind[len("STATUS_") :].lower(), words))
    documented = set(DOCUMENTED_ROW.findall(text.get("protocol/PROTOCOL.md", "")))
    for row in sorted(in_code - documented):
        yield "protocol/PROTOCOL.md", 1, f"lacks | {' | '.join(row)} |"
    for row in sorted(documented - in_code):
        yield "protocol/PROTOCOL.md", 1, f"has | {' | '.join(row)} |, which is not in base/status.h"
    known = {(name, code) for code, name, _, _ in in_code}
    for name, code in CLIENT_ROW.findall(text.get("client/src/status.js", "")):
        if (name, code) not in known:
            yield "client/src/status.js", 1, f"{name}: {code} is not in base/status.h"


CLIENT_ROW = re.compile(r"^ +([A-Z_]+): (\d+),$", re.MULTILINE)
STATUS_ROW = re.compile(r'^ +X\((\w+), (\w+), (\d+),\s+(?:\\\n\s*)?"([^"]*)"\)', re.MULTILINE)
DOCUMENTED_ROW = re.compile(r"^\| (\d{3}) \| (\w+)(?: †)? \| (\w+) \| ([^|]*?) \|", re.MULTILINE)


def module_listed(tree):
    """ARCHITECTURE.md has each module in the table of its folder, and no other."""
    text = {source.path: source.text for source in tree.sources}.get("ARCHITECTURE.md", "")
    listed = {}
    for folder, table in re.findall(r"(?ms)^### `([\w/]+)/`\n(.*?)(?=^#|\Z)", text):
        cells = re.findall(r"^\|([^|]*)\|", table, re.MULTILINE)
        listed[folder] = {name for cell in cells for name in re.findall(r"`([\w/.]+)`", cell)}
    for folder, names in listed.items():
        for name in sorted(names):
            if not any(f"{folder}/{name}{end}" in tree.paths for end in ("", ".c", ".h")):
                yield "ARCHITECTURE.md", 1, f"{folder}/{name} does not exist"
    for path in sorted(tree.paths):
        folder, name = os.path.split(path)
        # The parts of a module bear its name: json0_decode belongs to json0.
        stems = {"_".join(name[:-2].split("_")[:count]) for count in range(1, 4)}
        if path.endswith(".h") and folder in listed and not stems & listed[folder]:
            yield "ARCHITECTURE.md", 1, f"says nothing of {path}"


# ---- Every text file ----


def layout(tree):
    """Lines end without spaces and files with one line end; code has no tabs and 100 columns."""
    for source in tree.sources:
        code = source.path.endswith((".c", ".h", ".py", ".js", ".ts", ".build"))
        if source.text and not (source.text.endswith("\n") and not source.text.endswith("\n\n")):
            yield source.path, len(source.lines), "ends with exactly one line end"
        for number, line in enumerate(source.lines, 1):
            if line != line.rstrip():
                yield source.path, number, "spaces at the end of a line"
            if code and "\t" in line:
                yield source.path, number, "a tab"
            if code and len(line) > COLUMNS_MAX:
                yield source.path, number, f"{len(line)} columns; {COLUMNS_MAX} are the most"


def marks(tree):
    """Nothing is left for later."""
    for source in tree.sources:
        for number, line in enumerate(source.lines, 1):
            match = MARKS.search(line)
            # Prose may name the marks; there a colon makes one.
            if match and (not source.path.endswith(".md") or line[match.end() :].startswith(":")):
                yield source.path, number, match[1]


def workplace(tree):
    """No file knows where it was written."""
    for source in tree.sources:
        for number, line in enumerate(source.lines, 1):
            if match := WORKPLACE.search(line) or REGISTRY.search(line):
                yield source.path, number, f"names {match[0]}"


RULES = [
    layering,
    include_paths,
    include_order,
    header_guard,
    function_length,
    banned_calls,
    purity,
    no_sleeps,
    struct_typedef,
    entries_captured,
    module_tested,
    source_lists,
    suites_run,
    status_codes,
    module_listed,
    layout,
    marks,
    workplace,
]
