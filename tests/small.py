"""A domain of a dozen documents that meets every fate: kept, dropped by each stage, quarantined."""

from __future__ import annotations

import json
from pathlib import Path

from curate.recipe import resolve
from curate.runner import run
from tests.runs import Watch

CONFIG = """\
recipe: pretrain
name: small
industry: {name: baijiu, title: 酱酒}
quality: {chars: {least: 30}}
splits: {train: 0.5, validation: 0.25, test: 0.25, seed: 6}
"""

DOMAIN = "name: small\nholder: 示例酒业\npolicy: {max_quarantined: 0.5}\n"

CATALOG = """\
sources:
  - id: notes
    title: 车间笔记
    paths: [raw/notes/*]
    industry: baijiu
    holder: 生产部
    licence: internal
    grade: 一般2
    obtained: {on: 2026-03-01, how: 拷贝}
  - id: tickets
    title: 工单
    paths: [raw/tickets.csv, raw/tickets.jsonl]
    industry: baijiu
    holder: 客服部
    licence: CC-BY-4.0
    grade: 一般4
    obtained: {on: 2026-03-02, how: 导出}
    text: 内容
    record_id: 编号
    personal: {姓名: PERSON, 电话: CN_MOBILE}
"""

STEAMING = (
    "本轮次高粱浸润时间为二十四小时，蒸粮时先铺一层稻壳，再把粮醅均匀撒入甑内，见汽压醅，轻撒匀铺。"
    "上甑历时四十分钟，蒸汽压力保持稳定，出甑后摊晾至适宜温度再加曲粉，翻拌三遍后起堆，堆心温度每两小时记录一次。"
    "当班人员交接时应写明堆温变化、加曲数量和天气情况，并在记录本上签名，以便下一班核对后继续作业。"
)
BOILER = (
    "锅炉房早班检查发现二号给水泵轴承有轻微异响，振动值比上周略高，已安排加注润滑脂并缩短巡检间隔。"
    "水位计冲洗正常，安全阀手动试验动作灵活，排污两次，炉水碱度在规定范围之内。"
    "中班请继续留意该泵温度，如果超过七十五度应切换到备用泵，同时通知维修班组带备件到场处理，不得带病运行。"
)
CELLAR = (
    "窖池封泥每日上午巡查一遍，发现裂缝立即用熟泥抹平，雨后加查一次，防止空气进入影响发酵。"
    "三号窖东北角出现一道细缝，长约十厘米，抹平后用薄膜覆盖，次日复查无渗漏。"
    "窖温计读数与上周相比下降一度，属正常范围，记录员已把曲线画入台账，并提醒开窖前先测定窖内气体再下人。"
)
TICKET = (
    "客户反映收到的一箱酒外包装有挤压痕迹，其中两瓶瓶盖松动，瓶口有少量渗漏，要求更换并说明运输环节的责任。"
    "客服已登记照片和快递单号，当天联系物流核查，第二天给客户寄出新酒，并请客户把原箱退回以便分析包装强度。"
)


def make_domain(folder: Path) -> Path:
    """The domain in a new folder, with its config."""
    notes = folder / "raw" / "notes"
    notes.mkdir(parents=True)
    (folder / "domain.yaml").write_text(DOMAIN, "utf-8")
    (folder / "catalog.yaml").write_text(CATALOG, "utf-8")
    (folder / "config.yaml").write_text(CONFIG, "utf-8")
    (notes / "steaming.txt").write_text(STEAMING, "utf-8")
    (notes / "steaming-revised.txt").write_text(STEAMING.replace("二十四", "二十六") + "本条已修订。", "utf-8")
    (notes / "boiler.txt").write_bytes(BOILER.encode("gb18030"))
    (notes / "boiler-copy.md").write_text(BOILER, "utf-8")
    (notes / "cellar.txt").write_text(CELLAR + "值班电话１３９１２３４５６７８。", "utf-8")
    (notes / "short.txt").write_text("今日无事。", "utf-8")
    (notes / "english.txt").write_text("The boiler was inspected this morning and no defect was found. " * 5, "utf-8")
    (notes / "empty.txt").write_bytes(b"")
    (notes / "dump.bin").write_bytes(bytes(range(256)) * 8)
    rows = [
        ("T1", TICKET, "王小明", "13912345678"),
        ("T2", TICKET.replace("两瓶", "三瓶").replace("一箱", "半箱"), "李四", "13812345678"),
    ]
    table = "编号,内容,姓名,电话\n" + "".join(",".join(row) + "\n" for row in rows)
    (folder / "raw" / "tickets.csv").write_text(table, "utf-8")
    other = (
        CELLAR.replace("窖池", "酒库陶坛")
        + "此单来自酒库管理员的口头报告，原件未见。坛口棉纸每季更换，换下的旧纸集中处理，不得留在库内。"
    )
    lines = [json.dumps({"编号": "J1", "内容": other, "姓名": "赵五"}, ensure_ascii=False), "{broken"]
    (folder / "raw" / "tickets.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    return folder


def build(folder: Path) -> Path:
    """Run it, and give the dataset's folder."""
    return run(resolve(folder / "config.yaml"), folder, workers=1, progress=Watch()).dataset
