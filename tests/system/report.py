"""report - what a suite has to say, one line a result, as the Test Anything Protocol has it."""
WHY_LINES_MAX = 100

failed = 0


def result(name, ok, why=""):
    """`why`, or its end, is printed when it is not well."""
    global failed
    failed += not ok
    print(f"{'ok' if ok else 'not ok'} - {name}", flush=True)
    if not ok:
        lines = str(why).splitlines()[-WHY_LINES_MAX:]
        print("".join(f"# {line}\n" for line in lines), end="", flush=True)


def exit_code():
    return int(failed > 0)
