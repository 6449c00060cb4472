"""data-juicer: `document_minhash_deduplicator` by characters, 5 in a row, 128 permutations, one process, no cache."""

import json
import subprocess
import sys
from pathlib import Path

corpus, out, work = (Path(argument).absolute() for argument in sys.argv[1:])
recipe = {
    "project_name": "benchmark",
    "dataset_path": str(corpus),
    "export_path": str(work / "kept.jsonl"),
    "work_dir": str(work),
    "ds_cache_dir": str(work / "cache"),
    "np": 1,
    "text_keys": "text",
    "use_cache": False,
    "open_tracer": False,
    "process": [
        {
            "document_minhash_deduplicator": {
                "tokenization": "character",
                "window_size": 5,
                "lowercase": False,
                "num_permutations": 128,
                "jaccard_threshold": 0.8,
            }
        }
    ],
}
(work / "recipe.yaml").write_text(json.dumps(recipe))  # JSON is YAML
subprocess.run([Path(sys.executable).with_name("dj-process"), "--config", work / "recipe.yaml"], check=True)
with (work / "kept.jsonl").open("rb") as lines:
    out.write_text(json.dumps([json.loads(line)["id"] for line in lines]))
