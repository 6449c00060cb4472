"""The Ray engine on a two-node cluster on loopback gives the bytes that the local engine gives."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.runs import ROOT, built, dataset_digest, domain_copy

pytest.importorskip("ray", reason="the extra `ray` is not installed")

# 127.0.0.2 and not .1: Ray takes .1 for "this machine" and looks for the cluster at its outer address
TWO_NODES = """
import sys
from pathlib import Path
import ray
from ray.cluster_utils import Cluster
node = dict(num_cpus=1, object_store_memory=80 * 2**20, node_ip_address="127.0.0.2")
cluster = Cluster(initialize_head=True, head_node_args=dict(node, num_cpus=0, include_dashboard=False))
cluster.add_node(**node)
cluster.add_node(**node)
ray.init(address=cluster.address, _node_ip_address="127.0.0.2", log_to_driver=False)
assert sum(n["Alive"] and n["Resources"].get("CPU", 0) == 1 for n in ray.nodes()) == 2
from curate.runner import run
from curate.recipe import resolve
from tests.runs import Watch
config, folder = sys.argv[1:3]
sets = ("work.task_mb=0.01",)
report = run(resolve(Path(config), sets), Path(folder), engine="ray", workers=2, progress=Watch())
print(report.dataset)
ray.shutdown()
cluster.shutdown()
"""


def test_two_nodes_give_the_same_bytes(undisturbed: dict[str, Path], tmp_path: Path) -> None:
    folder = domain_copy("meteorology", tmp_path)
    env = {
        **os.environ,
        "RAY_AUTH_MODE": "disabled",
        "RAY_USAGE_STATS_ENABLED": "0",
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "ignore",
    }
    done = subprocess.run(
        [sys.executable, "-c", TWO_NODES, str(ROOT / "configs/meteorology.yaml"), str(folder)],
        env=env,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    assert dataset_digest(built(folder)) == dataset_digest(built(undisturbed["meteorology"]))
