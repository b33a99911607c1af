"""A cluster to look at, until it is interrupted.

    show.py TUTTID TUTTI
"""
import contextlib
import os
import signal
import sys
import time

from deployed import Balancer, DeployedCluster
from parts import wait_for


def main():
    program, tool = (os.path.abspath(word) for word in sys.argv[1:])
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt), DeployedCluster(
        program, tool
    ) as cluster, Balancer(cluster.folder, cluster.nodes) as balancer:
        wait_for(balancer.is_ready, "haproxy finds the nodes")
        for node in cluster.nodes:
            print(f"{node.name}     http://127.0.0.1:{node.port}/   process {node.process.pid}")
        print(f"redis  {cluster.redis.url}")
        print(f"store  {cluster.postgres.url}")
        print(f"logs   {cluster.folder}")
        print(f"any of them, by HAProxy: http://127.0.0.1:{balancer.port}/\nready", flush=True)
        while True:
            time.sleep(3600)


if __name__ == "__main__":
    sys.exit(main())
