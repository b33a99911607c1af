"""Which folder may include what: the table of ARCHITECTURE.md, for the machine.

`ours` are folders or single headers of the tree, `libraries` names of LIBRARIES below. The longest
folder that a file lies in decides. EXCEPTIONS gives single files one library more, with the reason.
"""

LIBRARIES = {
    "check": ["check.h"],
    "hiredis": ["hiredis/"],
    "inih": ["ini.h"],
    "jansson": ["jansson.h"],
    "libevent": ["event2/"],
    "libpq": ["libpq-fe.h", "postgresql/"],
    "liburing": ["liburing.h"],
    "jose": ["jose/"],
    "openssl": ["openssl/"],
    "sockets": ["arpa/", "netdb.h", "netinet/", "poll.h", "sys/epoll.h", "sys/socket.h"],
    "sqlite": ["sqlite3.h"],
    "threads": ["pthread.h", "semaphore.h", "threads.h"],
    "uthash": ["utarray.h", "uthash.h", "utlist.h", "utstring.h"],
    "zlib": ["zlib.h"],
}

# What C offers without the operating system: no files, clocks, sockets or threads.
PURE_HEADERS = {
    "errno.h", "float.h", "inttypes.h", "limits.h", "math.h", "stdalign.h", "stdarg.h",
    "stdbool.h", "stddef.h", "stdint.h", "stdlib.h", "string.h",
}  # fmt: skip

CORE = ["base", "ot", "protocol", "server/store/store.h", "server/bus/bus.h"]
SERVER = CORE + ["server/collab", "server/cluster", "server/auth"]
EVERYTHING = ["base", "ot", "protocol", "server", "tools", "tests"]

LAYERS = {
    # stdio.h for snprintf(); the others have buffer_append_format().
    "base": {"ours": [], "libraries": [], "pure": True, "system": ["stdio.h"]},
    "ot": {"ours": ["base"], "libraries": ["jansson"], "pure": True},
    "protocol": {"ours": ["base"], "libraries": ["jansson"], "pure": True},
    "server/collab": {"ours": CORE, "libraries": ["jansson"], "pure": True},
    "server/cluster": {"ours": CORE + ["server/collab"], "libraries": ["jansson"], "pure": True},
    "server/auth": {"ours": CORE, "libraries": ["jansson", "jose"], "pure": True},
    "server/net": {
        "ours": SERVER,
        "libraries": ["inih", "jansson", "libevent", "liburing", "sockets", "zlib"],
    },
    "server/store": {
        "ours": ["base", "server/store/store.h"],
        "libraries": ["libpq", "sqlite", "threads"],
    },
    "server/bus": {
        "ours": ["base", "server/bus/bus.h"],
        "libraries": ["hiredis", "libevent"],
    },
    # The program itself: it only puts the parts together.
    "server": {"ours": SERVER + ["server"], "libraries": ["libevent"]},
    "tools": {"ours": EVERYTHING, "libraries": sorted(set(LIBRARIES) - {"check", "uthash"})},
    "tests": {"ours": EVERYTHING, "libraries": sorted(set(LIBRARIES) - {"uthash"})},
}

EXCEPTIONS = {
    "base/hash.c": ("openssl", "digests are the one thing that base takes from a library"),
    "base/table.h": ("uthash", "everybody else gets it with our allocator, from here"),
    "server/bus/redis_link.c": ("sockets", "an option that libevent has no call for"),
    "server/net/tls.c": ("openssl", "the listener's TLS"),
}


def layer_of(path):
    """The name of the layer that `path` lies in, None outside of all."""
    inside = [name for name in LAYERS if path.startswith(name + "/")]
    return max(inside, key=len, default=None)


def library_of(header):
    """The library that <header> belongs to, None for a system header."""
    for library, prefixes in LIBRARIES.items():
        if any(header == prefix or (prefix.endswith("/") and header.startswith(prefix))
               for prefix in prefixes):
            return library
    return None


def may_include_ours(path, header):
    """May the file include "header" of the tree? One's own folder is always allowed."""
    name = layer_of(path)
    allowed = LAYERS[name]["ours"] + [path.rsplit("/", 1)[0]]
    return any(header == entry or header.startswith(entry + "/") for entry in allowed)


def may_include_library(path, library):
    if library in LAYERS[layer_of(path)]["libraries"]:
        return True
    return EXCEPTIONS.get(path, ("", ""))[0] == library


def may_include_system(path, header):
    layer = LAYERS[layer_of(path)]
    return not layer.get("pure") or header in PURE_HEADERS or header in layer.get("system", [])
