"""The files of deploy/: each is read by the program that it is for, and a cluster runs behind that
HAProxy, with that ACL of Redis and those roles of PostgreSQL, while its nodes come and go.

    deploy.py TUTTID TUTTI
"""
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import traceback

import yaml

HERE = pathlib.Path(__file__).resolve().parent
DEPLOY = HERE.parent.parent / "deploy"
sys.path.insert(0, str(HERE.parent / "cluster"))
from deployed import ACL, Balancer, DeployedCluster  # noqa: E402
from parts import wait_for  # noqa: E402
from writers import Writers, check_tokens  # noqa: E402

WRITERS = 6


def run(*words):
    """What it prints; an error when it fails."""
    done = subprocess.run([str(word) for word in words], check=False, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)  # fmt: skip
    if done.returncode != 0:
        raise AssertionError(f"{words[0]} ended with {done.returncode}: {done.stdout}")
    return done.stdout


def haproxy_reads_its_file():
    run("haproxy", "-c", "-f", DEPLOY / "haproxy.cfg")


def nginx_reads_its_file():
    with tempfile.TemporaryDirectory() as folder:
        run("nginx", "-t", "-p", folder, "-c", DEPLOY / "nginx.conf", "-e", "stderr")


def systemd_reads_its_file_and_finds_it_hardened():
    with tempfile.TemporaryDirectory() as folder:
        unit = pathlib.Path(folder) / "tutti.service"
        text = (DEPLOY / "tutti.service").read_text()
        unit.write_text(text.replace("/usr/bin/tuttid", sys.argv[1]))
        said = run("systemd-analyze", "verify", unit)
        if "tutti.service" in said:
            raise AssertionError(said)
        run("systemd-analyze", "security", "--offline=true", "--threshold=15", unit)


def compose_fits_the_other_files():
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    nodes = {name for name in services if re.fullmatch(r"n\d", name)}
    balanced = set(re.findall(r"server (n\d) ", (DEPLOY / "haproxy.cfg").read_text()))
    if nodes != balanced:
        raise AssertionError(f"{nodes} are run, {balanced} are balanced")
    for name in nodes:
        if services[name]["environment"]["TUTTI_NODE"] != name:
            raise AssertionError(f"{name} has another name")
        if "tutti_node:" not in services[name]["environment"]["TUTTI_STORE"]:
            raise AssertionError(f"{name} does not log in as a node")
        if "ports" in services[name] or "TUTTI_ADMIN" in services[name]["environment"]:
            raise AssertionError(f"{name} can be reached, or looked into, from outside")
    for name, service in services.items():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith(".") and not (DEPLOY / source).exists():
                raise AssertionError(f"{name} wants {source}, which is not there")
        for other in service.get("depends_on", []):
            if other not in services:
                raise AssertionError(f"{name} depends on {other}, which is not there")


# ---- A cluster with all of it ----


def come_and_go(cluster, writers):
    """Each node is drained and started again, then one is killed."""
    for node in cluster.nodes:
        code = node.stop(signal.SIGTERM)
        if code != 0:
            raise AssertionError(f"{node.name} ended with {code}: {node.log()[-1000:]}")
        node.start()
        writers.wait(WRITERS)
    cluster.owner("deploy/notes").stop(signal.SIGKILL)
    writers.wait(3 * WRITERS, 20)


def writers_lose_nothing_behind_haproxy(cluster, balancer):
    with Writers("deploy/notes", [balancer.port], WRITERS) as writers:
        writers.wait(2 * WRITERS)
        come_and_go(cluster, writers)
        writers.finish()
    living = [node for node in cluster.nodes if node.running()]
    entries = cluster.entries("deploy/notes")
    check_tokens(writers, entries, cluster.texts("deploy/notes", len(entries), living))


def redis_refused_nothing_and_allows_nothing_more(cluster, _):
    """What was refused is in Redis' log; all that is allowed was used, but what needs more time."""
    redis = cluster.redis
    refused = redis.ask("ACL", "LOG")
    if refused.strip() not in ("*0", ""):
        raise AssertionError(f"Redis refused: {refused}")
    for channel in ("tutti:d/document", "tutti:n/node", "tutti:r/room"):
        if "NOPERM" in redis.ask("PUBLISH", channel, "-", user="tutti"):
            raise AssertionError(f"a node may say nothing on {channel}")
    allowed = set(re.findall(r"\+(\w+)", ACL.read_text()))
    used = set(re.findall(r"cmdstat_(\w+)", redis.ask("INFO", "commandstats")))
    idle = allowed - used - {"ping", "unsubscribe"}
    if idle:
        raise AssertionError(f"nobody has used {idle}")
    for words in (["FLUSHALL"], ["SUBSCRIBE", "other:d/x"], ["ZRANGE", "other", "0", "1"]):
        if "NOPERM" not in redis.ask(*words, user="tutti"):
            raise AssertionError(f"a node may {words}")


def a_node_may_not_change_tables(cluster, _):
    for statement in ("DROP TABLE entry", "TRUNCATE entry", "CREATE TABLE mine (a INT)",
                      "ALTER TABLE entry DROP COLUMN arrived"):  # fmt: skip
        try:
            cluster.postgres.query(statement, cluster.postgres.node_url)
        except subprocess.CalledProcessError:
            continue
        raise AssertionError(f"a node may {statement}")


def the_store_is_checked_by_who_may_only_read(cluster, _):
    postgres = cluster.postgres
    postgres.query("CREATE ROLE reader LOGIN; GRANT USAGE ON SCHEMA public TO reader;"
                   " GRANT SELECT ON tutti, document, entry, session, snapshot, version TO reader")
    cluster.check_store(postgres.url.replace("tutti@", "reader@"))
    cluster.check_store()


ALONE = [
    haproxy_reads_its_file,
    nginx_reads_its_file,
    systemd_reads_its_file_and_finds_it_hardened,
    compose_fits_the_other_files,
]
TOGETHER = [
    writers_lose_nothing_behind_haproxy,
    redis_refused_nothing_and_allows_nothing_more,
    a_node_may_not_change_tables,
    the_store_is_checked_by_who_may_only_read,
]


def run_test(number, test, *arguments):
    name = test.__name__.replace("_", " ")
    try:
        test(*arguments)
        print(f"ok {number} - {name}", flush=True)
        return True
    except Exception:  # pylint: disable=broad-except
        print(f"not ok {number} - {name}")
        print(re.sub("^", "# ", traceback.format_exc(), flags=re.MULTILINE), flush=True)
        return False


def main():
    program, tool = sys.argv[1:]
    good = [run_test(number, test) for number, test in enumerate(ALONE, 1)]
    with DeployedCluster(program, tool) as cluster:
        with Balancer(cluster.folder, cluster.nodes) as balancer:
            wait_for(balancer.is_ready, "haproxy finds the nodes")
            for number, test in enumerate(TOGETHER, len(ALONE) + 1):
                good.append(run_test(number, test, cluster, balancer))
    print(f"1..{len(good)}")
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
