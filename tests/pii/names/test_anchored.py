from __future__ import annotations

import numpy as np
import pytest

from curate.pii.names.anchored import anchored

from .marked import marked

FOUND = [
    # what announces the name, and nothing from the network
    ("联系人：王芳 电话：见下", ["王芳"], "field, two characters, a space behind"),
    ("联系人:王芳电话:见下", ["王芳"], "field without a space: the next field's word ends the name"),
    ("经办人（签字）： 欧阳明月", ["欧阳明月"], "note in brackets, compound surname"),
    ("姓名：张　伟", ["张　伟"], "wide space inside a name of two characters, as forms have it"),
    ("经办人：赵六六、钱七七，孙八八", ["赵六六", "钱七七", "孙八八"], "several names behind one word"),
    ("主任：张伟，副主任：李强", ["张伟", "李强"], "a title is no second name"),
    ("姓名 李小明 性别 男", ["李小明"], "table row: a space instead of the colon"),
    ("法定代表人为张三丰。", ["张三丰"], "为 instead of the colon, and an end"),
    ("我叫王小二，你好", ["王小二"], "the writer's own name"),
    ("审判长 王建国", ["王建国"], "end of a judgment"),
    ("联系人：李宁", ["李宁"], "a brand elsewhere, a person in a field"),
    ("李宁先生", ["李宁"], "a brand elsewhere, a person before a title"),
    ("姓名：𠮷田㛃", ["𠮷田㛃"], "characters of extension B and A"),
    ("姓名：王𬸚", ["王𬸚"], "character of extension E in a given name"),
    ("姓名：李\U00030edd", ["李\U00030edd"], "character of extension G in a given name"),
    ("王先生和李小明女士", ["王", "李小明"], "courtesy titles: a bare surname and a whole name"),
    ("请欧阳老师来", ["欧阳"], "compound surname before a title"),
    ("被告人张某，周某某甲", ["张某", "周某某甲"], "名 hidden by 某, with a number of the ten stems"),
    ("李×× 电话", ["李××"], "hidden by crosses"),
    ("王**先生", ["王**"], "hidden by stars"),
    ("驾驶员王某驾驶", ["王某"], "a role in front, a verb behind"),
    ("李小明，男，汉族", ["李小明"], "the sex behind a name"),
    ("李小明（女，35岁）", ["李小明"], "the sex in brackets"),
    ("买买提·艾力来了", ["买买提·艾力"], "Uyghur name, a verb behind"),
    ("阿依古丽·买买提说", ["阿依古丽·买买提"], "Uyghur name of known parts"),
    ("姓名：买买提艾力", ["买买提艾力"], "Uyghur name without a dot, in a field"),
    ("姓名：扎西多吉 民族：藏", ["扎西多吉"], "Tibetan name of four characters, in a field"),
    ("卡尔·马克思说", ["卡尔·马克思"], "transliterated name"),
    ("乔治·W·布什", ["乔治·W·布什"], "initial between dots"),
    ("爱新觉罗·溥仪", ["爱新觉罗·溥仪"], "Manchu name, given name not transliterated"),
    ("昵称：小小丸子🌸", ["小小丸子🌸"], "nickname with an emoji"),
    ("网名“壮壮”的人", ["壮壮"], "nickname in quotes"),
    ("@壮壮麻麻 明天见", ["壮壮麻麻"], "handle in a post"),
    ("转发 @Xiaoyu_92 的帖子", ["Xiaoyu_92"], "handle in Latin letters inside a sentence"),
]

NOT_FOUND = [
    ("联系人：综合办公室", "an office is no person, though 综 could begin a word"),
    ("负责人：安全生产委员会", "安 is a surname, the rest a committee"),
    ("申请人：北京某某科技有限公司", "某某 without a surname before it"),
    ("负责人为单位主管", "单 is a surname, 单位 a word"),
    ("负责人：施工单位", "施 is a surname and no everyday word, the rest a unit"),
    ("实施某项措施", "施 ends a word, 某项 begins one"),
    ("**王**是粗体", "bold type around a surname"),
    ("@my_wrapper\ndef f(): ...", "decorator of one's own"),
    ("见 @acme/tools 包", "package with a scope"),
    ("记者：新华社记者", "an agency"),
    ("客户：中国银行", "a bank"),
    ("作者：佚名", "nobody"),
    ("位于某地，在某种情况下", "于某 and 在某 are no surnames with 某"),
    ("某某某某", "某 is no surname"),
    ("提高老师待遇", "高 ends a word"),
    ("女先生", "no surname before the title"),
    ("高×宽×高", "a product"),
    ("**负责人王**是粗体", "bold type of Markdown"),
    ("李工作很忙", "工 begins a word"),
    ("第一章·总则", "dot in a heading"),
    ("音乐·舞蹈", "dot between words"),
    ("请发至 zhangsan@example.com", "e-mail address"),
    ("    @staticmethod\n    def f(): ...", "decorator"),
    ("@Override\npublic", "annotation"),
    (" * @param name 名称", "tag of a comment"),
    ("npm i @vue/cli", "package"),
    ("昵称：\n", "empty field"),
    ("姓名：", "field at the end of the text"),
    ("不分男女，都要", "no name before the sex"),
    ("", "empty text"),
]


@pytest.mark.parametrize(("text", "names", "why"), FOUND, ids=[why for *_, why in FOUND])
def test_announced(text: str, names: list[str], why: str) -> None:
    spans = sorted({(a, b) for a, b, _ in anchored(text, np.zeros(len(text), np.float32))})
    assert [text[a:b] for a, b in spans] == names


@pytest.mark.parametrize(("text", "why"), NOT_FOUND, ids=[why for _, why in NOT_FOUND])
def test_not_announced(text: str, why: str) -> None:
    assert not anchored(text, np.zeros(len(text), np.float32))


HEARD = [
    ("请⟦王⟧总签字", ["王"], "总 behind a surname the network heard"),
    ("⟦马黑麻·苏丹⟧于当年", ["马黑麻·苏丹"], "于 could write a foreign name, and the network says where this one ends"),
    ("⟦程⟧老师", ["程"], "surname before a title"),
    ("王⟦×⟧明来过", [], "one sign between characters of a word"),
]


@pytest.mark.parametrize(("text", "names", "why"), HEARD, ids=[why for *_, why in HEARD])
def test_with_the_network(text: str, names: list[str], why: str) -> None:
    plain, per = marked(text)
    assert [plain[a:b] for a, b, _ in anchored(plain, per)] == names
