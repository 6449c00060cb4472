"""What stands in a dataset beside its shards: the card, the statistics, and what `load_from_disk` reads."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from .records import RECORD
from .summary import confusion

__all__ = ["card", "features_of", "hf_disk_files", "stats"]

DTYPES = {
    pa.string(): "string",
    pa.int32(): "int32",
    pa.int64(): "int64",
    pa.float32(): "float32",
    pa.float64(): "float64",
    pa.bool_(): "bool",
}


def features_of(schema: pa.Schema) -> dict[str, Any]:
    """The `features` of an Arrow schema as the datasets library writes them."""
    return {field.name: _feature(field.type) for field in schema}


def _feature(kind: pa.DataType) -> Any:
    if pa.types.is_struct(kind):
        return {field.name: _feature(field.type) for field in kind}
    if pa.types.is_list(kind):
        return {"feature": _feature(kind.value_type), "_type": "List"}
    return {"dtype": DTYPES[kind], "_type": "Value"}


def hf_disk_files(subsets: Mapping[str, Mapping[str, Sequence[str]]]) -> dict[str, bytes]:
    """Files below `hf_disk/<subset>/` that make `load_from_disk` read the shards where they are.

    `subsets` gives the shards of each split of each subset, as paths in the dataset's folder.
    """
    files: dict[str, bytes] = {}
    for subset, splits in subsets.items():
        base = f"hf_disk/{subset}"
        files[f"{base}/dataset_dict.json"] = _json({"splits": list(splits)})
        for split, shards in splits.items():
            files[f"{base}/{split}/dataset_info.json"] = _json({"features": features_of(RECORD)})
            files[f"{base}/{split}/state.json"] = _json(
                {
                    "_data_files": [{"filename": f"../../../{shard}"} for shard in shards],
                    "_fingerprint": f"{subset}-{split}",
                    "_format_columns": None,
                    "_format_kwargs": {},
                    "_format_type": None,
                    "_output_all_columns": False,
                    "_split": split,
                }
            )
    return files


def stats(manifest: Mapping[str, Any], summary: Mapping[str, Any]) -> bytes:
    """`stats.json`: totals only, a projection of what the manifest and the records say."""
    told = {name: manifest[name] for name in ("counts", "stages", "splits", "subsets")}
    return _json({**told, "records": summary})


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True).encode() + b"\n"


def card(manifest: Mapping[str, Any], summary: Mapping[str, Any]) -> bytes:
    """The data card, Chinese and English, with the YAML that `load_dataset` reads."""
    config = manifest["config"]
    name, industry = config["name"], config["industry"]
    subsets = manifest["subsets"]
    licences = sorted({s["licence"] for s in manifest["inputs"]["sources"]})
    lines = [
        "---",
        f"pretty_name: {json.dumps(industry['title'] + ' ' + name, ensure_ascii=False)}",
        "language:",
        *[f"- {lang}" for lang in sorted(summary["lang"]) if lang != "und"],
        f"license_name: {json.dumps(', '.join(licences), ensure_ascii=False)}",
        "license: other",
        "configs:",
    ]
    for subset, splits in subsets.items():
        lines += [f"- config_name: {subset}", *(["  default: true"] if len(subsets) == 1 else []), "  data_files:"]
        for split in splits:
            lines += [f"  - split: {split}", f"    path: data/{subset}/{split}-*.arrow"]
    lines += ["---", "", f"# {industry['title']} · {name} {manifest['version']}", ""]
    lines += _body(manifest, summary, licences)
    return ("\n".join(lines) + "\n").encode()


def _body(
    manifest: Mapping[str, Any],
    summary: Mapping[str, Any],
    licences: Sequence[str],
) -> list[str]:
    counts, subsets = manifest["counts"], manifest["subsets"]
    scenes = "、".join(manifest["config"]["industry"]["scenes"]) or "—"
    lines = [
        f"行业 Industry: {manifest['config']['industry']['title']} · 场景 Scenes: {scenes}",
        "",
        f"输入 {counts['in']:,} 条 = 保留 {counts['kept']:,} + 剔除 {counts['dropped']:,} + 隔离 {counts['quarantined']:,}。",
        f"{counts['in']:,} records in = {counts['kept']:,} kept + {counts['dropped']:,} dropped + {counts['quarantined']:,} quarantined.",
        "",
        "| 子集 subset | 划分 split | 记录 records | 字符 characters | 分片 shards |",
        "|---|---|--:|--:|--:|",
        *[
            f"| {subset} | {s} | {v['rows']:,} | {v['chars']:,} | {v['shards']} |"
            for subset, splits in subsets.items()
            for s, v in splits.items()
        ],
        "",
        "## 加载 Loading",
        "",
        "```python",
        "from datasets import load_dataset, load_from_disk",
        "",
        *[
            f"dataset = load_{how}"
            for subset in subsets
            for how in (
                f'dataset("path/to/this/folder", "{subset}")',
                f'from_disk("path/to/this/folder/hf_disk/{subset}")',
            )
        ],
        "```",
        "",
        "## 来源 Sources",
        "",
        "| 编号 id | 名称 title | 持有者 holder | 许可 licence | 分级 grade | 文件 files | 记录 records kept |",
        "|---|---|---|---|---|--:|--:|",
    ]
    for s in manifest["inputs"]["sources"]:
        kept = summary["source"].get(s["id"], 0)
        lines.append(
            f"| {s['id']} | {s['title']} | {s['holder']} | {s['licence']} | {s['grade']} | {s['files']} | {kept:,} |"
        )
    lines += ["", "## 处理 Processing", "", "| 步骤 stage | 输入 in | 保留 kept | 剔除 dropped |", "|---|--:|--:|---|"]
    for s in manifest["stages"]:
        why = "，".join(f"{reason} {n:,}" for reason, n in s["dropped"].items()) or "—"
        lines.append(f"| {s['kind']} | {s['in']:,} | {s['kept']:,} | {why} |")
    for s in manifest["stages"]:
        if s["kind"] == "relevance":
            first, *rows = confusion(s["tally"])
            lines += [
                "",
                "## 行业 Industries",
                "",
                "行为目录所称，列为判定。Rows: said by the catalog; columns: found.",
                "",
            ]
            lines += [f"| {' | '.join(map(str, first))} |", "|---" + "|--:" * (len(first) - 1) + "|"]
            lines += [f"| {row[0]} | {' | '.join(f'{n:,}' for n in row[1:])} |" for row in rows]
    lines += ["", "## 个人信息 Personal data", ""]
    if summary["pii"]:
        lines += ["| 实体 entity | 处理 operator | 处数 spans |", "|---|---|--:|"]
        for at, n in summary["pii"].items():
            entity, _, operator = at.partition("/")
            lines.append(f"| {entity} | {operator} | {n:,} |")
    else:
        lines.append("未发现 none found")
    deid = manifest["deidentification"]
    lines += [
        "",
        f"去标识化效果 De-identification (GB/T 42460-2023): {deid['level']} 级 level {deid['level']} · {deid['law']}（自评 self-assessed）",
        *(f"- {reason}" for reason in deid["reasons"]),
    ]
    if deid["residual"] is not None:
        left = "，".join(f"{entity} {n:,}" for entity, n in deid["residual"].items()) or "0"
        lines += ["", f"复检仍见 Found again by a second detector: {left}"]
    if deid["classes"]:
        lines += [
            "",
            "| 来源 source | 记录 records | 等价类 classes | k | 唯一 unique | 超阈值 at risk | l |",
            "|---|--:|--:|--:|--:|--:|---|",
        ]
        for name, c in deid["classes"].items():
            least = "，".join(f"{field} {n:,}" for field, n in c["diversity"].items()) or "—"
            lines.append(
                f"| {name} | {c['rows']:,} | {c['classes']:,} | {c['k']:,} | {c['unique']:,} | {c['at_risk']:,} | {least} |"
            )
    lines += [
        "",
        "检测会有遗漏，用 `curate pii evaluate` 可实测。 No detector finds everything; `curate pii evaluate` measures how much.",
        "",
        f"许可 Licences: {', '.join(licences)}。每条记录的去向见 `ledger/`，可用 `curate trace` 查询；完整性用 `curate verify` 校验。",
        "The fate of every record is in `ledger/` (`curate trace`); integrity is checked with `curate verify`.",
    ]
    return lines
