"""The files of a tree as the rules want them: text, lines, and C without comments and strings."""

import functools
import os
import re
import shutil
import subprocess

SKIPPED_FOLDERS = {".git", "node_modules", "__pycache__"}
COMMENT_OR_STRING = re.compile(
    r"""/\*.*?\*/ | //[^\n]* | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*'""", re.DOTALL | re.VERBOSE
)


class Source:
    """One text file; `path` is relative to the root, with slashes."""

    def __init__(self, root, path, text):
        self.root = root
        self.path = path
        self.text = text
        self.lines = text.split("\n")

    @property
    def folder(self):
        return os.path.dirname(self.path)

    @property
    def name(self):
        return os.path.basename(self.path)

    @property
    def is_c(self):
        return self.path.endswith((".c", ".h"))

    @functools.cached_property
    def code(self):
        """The lines of a C file; comments are blank and string literals empty."""

        def blank(match):
            text = match[0]
            if text.startswith("/"):
                return "\n" * text.count("\n") or " "
            return text[0] * 2

        return COMMENT_OR_STRING.sub(blank, self.text).split("\n")

    @functools.cached_property
    def includes(self):
        """(line number, header, is it in quotes) of each #include."""
        found = []
        for number, line in enumerate(self.lines, 1):
            if match := re.match(r'#include ([<"])([^>"]+)[>"]', line):
                found.append((number, match[2], match[1] == '"'))
        return found


class Tree:
    """All text files below `root`, without what is not ours to write."""

    def __init__(self, root, without=()):
        self.root = root
        self.sources = []
        for path in sorted(paths_below(root)):
            if any(path.startswith(prefix) for prefix in without):
                continue
            try:
                with open(os.path.join(root, path), encoding="utf-8", newline="") as file:
                    self.sources.append(Source(root, path, file.read()))
            except (UnicodeDecodeError, FileNotFoundError):
                continue  # binary, or a file deleted and not yet committed
        self.paths = {source.path for source in self.sources}

    def c_files(self):
        return [source for source in self.sources if source.is_c]


def paths_below(root):
    """What git knows or would add; without git, or outside of a checkout, the folder is walked."""
    if os.path.exists(os.path.join(root, ".git")) and shutil.which("git"):
        command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listing = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
        if listing.returncode == 0:
            return [path for path in listing.stdout.split("\0") if path]
    found = []
    for folder, folders, files in os.walk(root):
        folders[:] = [
            name for name in folders if name not in SKIPPED_FOLDERS and not name.startswith("build")
        ]
        found += [os.path.relpath(os.path.join(folder, name), root) for name in files]
    return found
