"""A table for each entity that a word announces, each code, network address and coordinate: what is found, what is not, why."""

from __future__ import annotations

import pytest

from curate.pii.recogniser import ChineseRecognizer

from .values import card, hk_id_card, id_card, org_code, tw_id_card, vin, wide

HK, HK_TWO = hk_id_card("A000001"), hk_id_card("XB670895")
TW = tw_id_card("A10000000")
ORG, ORG_NEW = org_code("00000012"), org_code("MA6ABCDE")
VIN = vin("LAAAA00A000000001")
IMEI = card("35000000000000")
ICCID = card("8986000000000000001")
FOREIGN = "USA110085060701"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl0123456789"
PEM = "-----BEGIN PRIVATE KEY-----\nMIIBVAIBADANBgkq\nhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----"
MAC = "02:00:5E:10:00:01"


def wrong(number: str) -> str:
    """The number with another last digit, where it is one."""
    at = next(i for i in range(len(number) - 1, -1, -1) if number[i].isdigit())
    return f"{number[:at]}{(int(number[at]) + 1) % 10}{number[at + 1 :]}"


CASES: dict[str, list[tuple[str, str | None, str]]] = {
    "CN_HK_MACAU_PERMIT": [
        ("港澳居民来往内地通行证：H00000001", "H00000001", "the full name"),
        ("回乡证M0000000101", "M0000000101", "with the number of times issued"),
        ("通行证号 H00000001，", "H00000001", "short name, a space"),
        ("回乡证号码为H00000001", "H00000001", "为 between"),
        (wide("通行证:H00000001"), wide("H00000001"), "full width"),
        ("零件H00000001", None, "a part"),
        ("通行证办理指南2024", None, "no number of that form"),
        ("通行证：H0000001", None, "a digit short"),
        ("通行证：A00000001", None, "neither H nor M"),
        ("通行证：H00000001A", None, "part of a longer code"),
    ],
    "CN_TAIWAN_PERMIT": [
        ("台胞证：00000001", "00000001", "short name"),
        ("台湾居民来往大陆通行证号码：00000001", "00000001", "the full name"),
        ("台胞证 0000000101", "0000000101", "old form"),
        ("台胞证号0000000101(A)", "0000000101(A)", "old form with its letter"),
        ("通行证：00000001", None, "another permit begins with a letter"),
        ("台胞证签发于20240101", None, "another word between"),
        ("编号00000001", None, "no word"),
        ("台胞证：000000012", None, "nine digits"),
    ],
    "HK_ID_CARD": [
        (f"香港身份证：{HK}", HK, "behind its word"),
        (f"客户{HK}来访", HK, "brackets and check digit need no word"),
        (HK.replace("(", "（").replace(")", "）"), HK.replace("(", "（").replace(")", "）"), "full-width brackets"),
        (f"HKID: {HK_TWO}", HK_TWO, "two letters, which are those of a kind of standard"),
        ("香港身份证" + HK.replace("(", "").replace(")", ""), HK.replace("(", "").replace(")", ""), "no brackets, a word"),
        (f"型号{HK}", None, "a model"),
        (f"香港身份证：{wrong(HK)}", None, "wrong check digit"),
        (HK.replace("(", "").replace(")", ""), None, "no brackets, no word"),
        (f"a{HK}", None, "part of a longer code"),
        ("见表A000001(续)", None, "no check digit"),
    ],
    "TW_ID_CARD": [
        (f"台湾身份证字号{TW}", TW, "behind its word"),
        (f"国民身份证统一编号：{TW}", TW, "another word"),
        (f"证件{TW}。", TW, "check digit alone"),
        (wide(TW), wide(TW), "full width"),
        (f"货号{TW}", None, "goods"),
        (f"批号：{TW}", None, "a batch"),
        (wrong(TW), None, "wrong check digit"),
        ("A300000000", None, "no third sex"),
        (f"{TW}1", None, "part of a longer code"),
    ],
    "CN_PERMANENT_RESIDENCE": [
        (f"永久居留证：{FOREIGN}", FOREIGN, "behind its word"),
        (f"永居证号码 {FOREIGN}", FOREIGN, "short name"),
        (f"持{FOREIGN}入住", FOREIGN, "place and date suffice"),
        (wide(FOREIGN), wide(FOREIGN), "full width"),
        (f"编号{FOREIGN}", None, "a number of something"),
        ("USA110085130701", None, "no thirteenth month"),
        ("USA990085060701", None, "no such province"),
        ("追溯码USA11008506070112", None, "longer"),
        ("US110085060701", None, "two letters"),
    ],
    "CN_PASSPORT": [
        ("护照号：E00000001", "E00000001", "the common series"),
        ("护照EA0000001", "EA0000001", "electronic, two letters"),
        ("Passport No. G00000001", "G00000001", "English words"),
        ("护照证件号：P00000001", "P00000001", "on official business"),
        ("护照：141234567", "141234567", "old, digits only"),
        (f"护照：{wide('D00000001')}", wide("D00000001"), "full width"),
        ("旅客E00000001登机", "E00000001", "the common series without a word"),
        ("旅客G00000001登机", None, "other series without a word"),
        ("型号E00000001", None, "a model"),
        ("批号：E00000001", None, "a batch"),
        ("护照：E0000001", None, "a digit short"),
        ("护照办理须知2024年12月", None, "no number"),
        ("E00000001-2", None, "part of a longer number"),
    ],
    "CN_ORG_CODE": [
        (f"组织机构代码：{ORG}", ORG, "behind its word"),
        (f"组织机构代码证号 {ORG_NEW}", ORG_NEW, "letters"),
        ("机构代码" + ORG_NEW.replace("-", ""), ORG_NEW.replace("-", ""), "no hyphen"),
        (f"组织机构代码：{wide(ORG)}", wide(ORG), "full width"),
        (f"组织机构代码：{wrong(ORG)}", None, "wrong check character"),
        (f"序列{ORG}", None, "a tenth of all numbers pass: no word, none found"),
        ("机构代码：20240101-1", None, "a date, wrong check digit"),
        (f"机构代码：A{ORG}", None, "part of a longer code"),
    ],
    "VIN": [
        (f"车架号：{VIN}", VIN, "behind its word"),
        (f"车辆识别代号{VIN}。", VIN, "the standard's word"),
        (f"一台{VIN}已出库", VIN, "check character alone"),
        (f"VIN: {VIN.lower()}", VIN.lower(), "small letters behind the word"),
        ("车架号：WBA00000000000001", "WBA00000000000001", "an imported car has no check character"),
        (f"车架号：{wide(VIN)}", wide(VIN), "full width"),
        (wrong(VIN), None, "wrong check character, no word"),
        ("车架号：LAAAA00A00000000I", None, "there is no I"),
        (f"{VIN}0", None, "18 characters"),
        ("追溯码ABC00000000000001", None, "letters in front only are no description"),
        ("车架号：12345678901234567", None, "no letter"),
    ],
    "CN_DRIVER_FILE": [
        ("驾驶证档案编号：520100000001", "520100000001", "behind its words"),
        ("行驶证档案号 520100000001", "520100000001", "of the vehicle"),
        ("机动车档案编号520100000001", "520100000001", "nothing between"),
        (f"驾驶证档案编号：{wide('520100000001')}", wide("520100000001"), "full width"),
        ("档案编号：520100000001", None, "any archive"),
        ("驾驶证520100000001", None, "a licence's number is an identity number"),
        ("驾驶证档案编号：52010000000", None, "11 digits"),
        ("驾驶证档案编号：5201000000012", None, "13 digits"),
    ],
    "IP_ADDRESS": [
        ("登录IP：203.0.113.7", "203.0.113.7", "behind its word"),
        ("从198.51.100.25登录", "198.51.100.25", "large figures need no word"),
        ("来源IP为8.8.4.4", "8.8.4.4", "small figures behind the word"),
        ("客户端2001:db8::1:25", "2001:db8::1:25", "version 6, short"),
        ("IP：2001:db8:0:1:2:3:4:5", "2001:db8:0:1:2:3:4:5", "version 6 behind a colon"),
        (f"IP：{wide('203.0.113.7')}", wide("203.0.113.7"), "full width"),
        ("2001:db8::192.0.2.33", "2001:db8::192.0.2.33", "version 4 inside version 6"),
        ("服务器192.168.1.10", None, "private"),
        ("本机127.0.0.1", None, "loopback"),
        ("掩码255.255.255.0", None, "a mask"),
        ("版本1.2.3.4", None, "a version"),
        ("软件版本120.10.10.10", None, "a version with large figures"),
        ("按第4.1.12.3条", None, "a clause"),
        ("IP：300.1.1.1", None, "no such figure"),
        ("1.2.3.4.5", None, "five figures"),
        ("12:30:45", None, "a time"),
        ("01:12:36:08", None, "a time code"),
        ("std::vector", None, "C++"),
        ("IP：fe80::1:2", None, "link-local"),
        ("::1", None, "loopback"),
        ("a::b", None, "two groups"),
    ],
    "MAC_ADDRESS": [
        (f"MAC地址：{MAC}", MAC, "behind its word, which ends like hexadecimal digits"),
        (f"MAC:{MAC}", MAC, "right behind the word"),
        (f"终端{MAC}上线", MAC, "form alone"),
        (MAC.replace(":", "-").lower(), MAC.replace(":", "-").lower(), "hyphens, small letters"),
        ("MAC 02005e100001", "02005e100001", "nothing between, behind the word"),
        ("MAC: 0200.5e10.0001", "0200.5e10.0001", "in threes, behind the word"),
        (wide(MAC), wide(MAC), "full width"),
        ("FF:FF:FF:FF:FF:FF", None, "broadcast"),
        ("00:59:59:24:12:30:45", None, "seven groups"),
        (f"{MAC}:00", None, "eight bytes"),
        ("02:00-5E:10:00:01", None, "mixed signs"),
        ("02005e100001", None, "no word"),
    ],
    "WECHAT": [
        ("微信：zhang_san99", "zhang_san99", "behind its word"),
        ("微信号abc-12345。", "abc-12345", "nothing between"),
        ("加微信wxid_abc1234567", "wxid_abc1234567", "as given out"),
        ("wxid_abc1234567", "wxid_abc1234567", "as given out, no word needed"),
        ("vx：zhangsan", "zhangsan", "letters alone behind a colon"),
        ("WeChat: zhang_san99", "zhang_san99", "English"),
        ("微信ID=zhang_san99", "zhang_san99", "ID and ="),
        ('"wechat":"zhang_san99"', "zhang_san99", "JSON"),
        ("微信公众号：shancheng2024", None, "a public account"),
        ("微信小程序“山城”", None, "a program"),
        ("微信 Android 版本", None, "words"),
        ("微信：ab12", None, "too short"),
        ("微信：zhang_san99@example.com", None, "an address"),
        ("zhang_san99", None, "no word"),
        ("下载微信apk12345.com", None, "a host"),
    ],
    "QQ": [
        ("QQ：10000001", "10000001", "behind its word"),
        ("加qq 10001", "10001", "five digits, small letters"),
        ("扣扣是10000001", "10000001", "in Han"),
        ("QQ号码：12345678901", "12345678901", "eleven digits"),
        (f"ＱＱ：{wide('10000001')}", wide("10000001"), "full width, the word too"),
        ("QQ群：10000001", None, "a group"),
        ("QQ：1000", None, "four digits"),
        ("QQ：01000001", None, "begins with 0"),
        ("QQ：10000001@qq.example", None, "an address"),
        ("AQQ10000001", None, "part of a code"),
        ("QQ：123456789012", None, "twelve digits"),
    ],
    "WEIBO": [
        ("微博：wang_wu88", "wang_wu88", "behind its word"),
        ("新浪微博@wang_wu88", "@wang_wu88", "with its sign"),
        ("微博UID：1000000001", "1000000001", "number"),
        ("weibo: wang_wu88", "wang_wu88", "English"),
        ("微博热搜2024", None, "no name"),
        ("微博 Weibo", None, "a word"),
        ("微博：100000001", None, "nine digits"),
        ("wang_wu88", None, "no word"),
    ],
    "CN_POSTCODE": [
        ("邮编：550000", "550000", "behind its word"),
        ("邮政编码550000", "550000", "nothing between"),
        ("Postcode: 010020", "010020", "English, begins with 0"),
        (f"邮编：{wide('550000')}", wide("550000"), "full width"),
        ("邮编：\n550000", "550000", "a line end behind the colon"),
        ("550000元", None, "no word"),
        ("邮编：900000", None, "no such province"),
        ("邮编：5500001", None, "seven digits"),
        ("邮政编码规则GB/T 35434", None, "no number"),
    ],
    "MEDICAL_RECORD": [
        ("住院号：00000001", "00000001", "behind its word"),
        ("病历号ZY00000001", "ZY00000001", "letters"),
        ("门诊号 2024-00001", "2024-00001", "with hyphen"),
        ("病案号：20240101", "20240101", "looks like a date"),
        ("就诊卡号：A0000001", "A0000001", "card"),
        (f"住院号：{wide('00000001')}", wide("00000001"), "full width"),
        ("住院号：无", None, "none"),
        ("住院3天", None, "no word"),
        ("病历号abcdef", None, "no digit"),
        ("00000001", None, "alone"),
        ("住院号：123", None, "too short"),
    ],
    "CN_SOCIAL_SECURITY": [
        ("社保卡号：A00000001", "A00000001", "letter and digits"),
        ("个人社保号1000000001", "1000000001", "digits"),
        ("医保卡号 1000000001", "1000000001", "medical insurance"),
        ("社会保障卡号：A00000001", "A00000001", "the full name"),
        (f"医疗保险号：{wide('1000000001')}", wide("1000000001"), "full width"),
        ("社保缴费100000000元", None, "money"),
        ("医保100000000元", None, "money right behind"),
        ("社会保险法2018年", None, "a statute"),
        ("社保：12345678", None, "eight digits"),
        ("A00000001", None, "no word"),
    ],
    "CN_HOUSING_FUND": [
        ("公积金账号：100000000001", "100000000001", "behind its word"),
        ("住房公积金个人账户100000001", "100000001", "nine digits"),
        ("公积金号 13800000000", "13800000000", "looks like a mobile number"),
        (f"公积金账号：{wide('100000000001')}", wide("100000000001"), "full width"),
        ("公积金100000000元", None, "money"),
        ("公积金账号：1234567", None, "too short"),
        ("公积金账号：1234567890123", None, "too long"),
        ("账号100000000001", None, "another account"),
    ],
    "CN_OFFICER_CARD": [
        ("军官证：军字第0000001号", "军字第0000001号", "behind its word"),
        ("证件：士字第000001号", "士字第000001号", "says itself"),
        ("文职干部证 文字第00000001号", "文字第00000001号", "civil cadre"),
        ("警号：000001", "000001", "police"),
        ("军官证0000001", "0000001", "digits alone behind the word"),
        (f"武字第{wide('0000001')}号", f"武字第{wide('0000001')}号", "full width"),
        ("政发字第20240012号", None, "a document"),
        ("府办文字第202400号", None, "a document"),
        ("军字第001号", None, "too short"),
        ("军官证办理2024年", None, "no number"),
    ],
    "BIRTH_DATE": [
        ("出生日期：1985年6月7日", "1985年6月7日", "behind its word"),
        ("出生于1985-06-07", "1985-06-07", "hyphens"),
        ("生日：1985.6.7", "1985.6.7", "dots"),
        ("出生年月：1985年06月", "1985年06月", "no day"),
        ("DOB: 1985/06/07", "1985/06/07", "English"),
        ("出生日期19850607", "19850607", "digits"),
        ("生于一九八五年六月七日", "一九八五年六月七日", "Han figures"),
        ("出生日期：二〇〇〇年十二月三十一日", "二〇〇〇年十二月三十一日", "Han figures, two of them"),
        ("1985年6月7日出生", "1985年6月7日", "the word behind"),
        ("男，1985年6月7日生，", "1985年6月7日", "a short word behind"),
        (f"出生日期：{wide('1985')}年{wide('6')}月{wide('7')}日", f"{wide('1985')}年{wide('6')}月{wide('7')}日", "full width"),
        ("本法自1985年6月7日起施行", None, "no word"),
        ("发生于1985年6月7日", None, "an event"),
        ("出生日期：1985年2月30日", None, "no such day"),
        ("出生日期：1785年6月7日", None, "too long ago"),
        ("出生医学证明编号1985-06-078", None, "another word between"),
        ("1985年6月7日以后出生", None, "another word between"),
        ("出生率为1985", None, "no date"),
    ],
    "GPS": [
        ("定位：26.600000,106.600000", "26.600000,106.600000", "latitude first"),
        ("住址坐标106.600000，26.600000", "106.600000，26.600000", "longitude first"),
        ("本人位置：东经106°36′0″，北纬26°36′0″", "东经106°36′0″，北纬26°36′0″", "degrees"),
        ("签到位置：东经106.600000°，北纬26.600000°", "东经106.600000°，北纬26.600000°", "figures with signs"),
        ("手机定位在26度36分、106度36分", "26度36分、106度36分", "degrees in Han"),
        (f"定位：{wide('26.600000,106.600000')}", wide("26.600000,106.600000"), "full width"),
        ("26.600000,106.600000", None, "no word"),
        ("矿井井口坐标：E 106.600000，N 26.600000", None, "a mine"),
        ("监测站位于东经106.6000°、北纬26.6000°", None, "a station"),
        ("定位：26.6,106.6", None, "ten kilometres are nobody's"),
        ("定位：66.600000,106.600000", None, "not in the country"),
        ("定位偏差0.123456,0.234567", None, "no coordinates"),
    ],
    "IMEI": [
        (f"IMEI：{IMEI}", IMEI, "behind its word"),
        (f"手机串号{IMEI}", IMEI, "in Han"),
        (f"手机IMEI码为{IMEI}", IMEI, "with 码为"),
        (f"IMEI1: {IMEI}", IMEI, "first of two"),
        (f"IMEI：{wide(IMEI)}", wide(IMEI), "full width"),
        (f"IMEI：{wrong(IMEI)}", None, "wrong check digit"),
        (IMEI, None, "no word"),
        (f"IMEI：{IMEI}0", None, "16 digits"),
        (f"SIMEI：{IMEI}", None, "part of another word"),
    ],
    "IMSI": [
        ("IMSI：460000000000001", "460000000000001", "behind its word"),
        ("用户IMSI为460110000000001", "460110000000001", "another network"),
        (f"imsi={wide('460010000000001')}", wide("460010000000001"), "full width"),
        ("IMSI：460990000000001", None, "no such network"),
        ("IMSI：310260000000001", None, "another country"),
        ("460000000000001", None, "no word"),
        ("IMSI：46000000000000", None, "14 digits"),
    ],
    "ICCID": [
        (f"ICCID：{ICCID}", ICCID, "behind its word"),
        (f"换卡{ICCID}成功", ICCID, "check digit alone"),
        (f"SIM卡号 {ICCID}", ICCID, "card"),
        ("ICCID：8986000000000000001A", "8986000000000000001A", "old, a letter at the end"),
        (wide(ICCID), wide(ICCID), "full width"),
        (wrong(ICCID), None, "wrong check digit, no word"),
        (f"{ICCID}1", None, "21 digits"),
        ("ICCID：8901000000000000001", None, "another country"),
    ],
    "SECRET": [
        ("密码：Abcdef@1234", "Abcdef@1234", "a password"),
        ("登录密码为Abcdef@1234，", "Abcdef@1234", "为 between, a comma behind"),
        ("password=Abc123456", "Abc123456", "in code"),
        ('"token": "a1b2c3d4e5"', "a1b2c3d4e5", "in JSON"),
        ("AKIA0000000000000000", "AKIA0000000000000000", "a cloud's key"),
        ("密钥sk-" + "a1" * 12, "sk-" + "a1" * 12, "a model's key"),
        ("ghp_" + "a1" * 18, "ghp_" + "a1" * 18, "a code host's token"),
        (f"Bearer {JWT}", JWT, "a web token"),
        (PEM, PEM, "a private key"),
        ("密码：\nAbcdef@1234", "Abcdef@1234", "a line end behind the colon"),
        ("密码不少于8位", None, "a rule"),
        ("密码: required", None, "a word"),
        ("password=os.environ['PW1']", None, "code that reads it"),
        ("密码：********", None, "masked"),
        ("密码学基础2024", None, "a science"),
        ("task-" + "a" * 12, None, "no key"),
        ("-----BEGIN PUBLIC KEY-----", None, "a public key"),
        ("tokenizer=abc12345", None, "a longer word"),
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def recognizer() -> ChineseRecognizer:
    return ChineseRecognizer()


@pytest.mark.parametrize(
    ("entity", "text", "expected", "why"), [(entity, *row) for entity, table in CASES.items() for row in table]
)
def test_table(recognizer: ChineseRecognizer, entity: str, text: str, expected: str | None, why: str) -> None:
    found = [text[hit.start : hit.end] for hit in recognizer.hits(text) if hit.entity == entity]
    assert found == ([] if expected is None else [expected]), why


ONE = [
    (f'"id_card": "{id_card("62010220010330911")}"', "CN_ID_CARD", "a card's number too, and the word card before it"),
    (
        f"社保卡号：{id_card('11019919900101123')}",
        "CN_ID_CARD",
        "a social security number of 18 digits is the identity number",
    ),
    ("公积金账号：13800000000", "CN_HOUSING_FUND", "its word outweighs the form of a mobile number"),
    ("微信：17470001234", "CN_MOBILE", "a mobile number as the name of an account"),
    (f"IMEI：{IMEI}", "IMEI", "though an order's word of safe.yaml"),
    (f"永居证：{id_card('91101991990010112')[:17]}", None, "17 digits are nothing"),
    (f"外国人永久居留身份证：{id_card('91184019900101123')}", "CN_ID_CARD", "the card of 2023"),
    (f"港澳台居民居住证：{id_card('81000019900101123')}", "CN_ID_CARD", "residence permit"),
]


@pytest.mark.parametrize(("text", "entity", "why"), ONE)
def test_one_find_where_several_are_possible(
    recognizer: ChineseRecognizer, text: str, entity: str | None, why: str
) -> None:
    assert [hit.entity for hit in recognizer.hits(text)] == ([entity] if entity else []), why
