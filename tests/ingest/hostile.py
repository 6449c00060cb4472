"""Files of JSON Lines with all that can go wrong in them, the same for the same seed."""

from __future__ import annotations

import json
import random

__all__ = ["LINES", "hostile_file"]

TEXT = "窖池底糟水分偏高，第二轮次下沙时减少润粮水量。"
_T = TEXT.encode()

LINES: tuple[tuple[bytes, str], ...] = (
    (b"", "blank"),
    (b" \t\r", "white space"),
    (b'{"id": 1, "text": "%s"}' % _T, "plain"),
    (b'{"text":"","id":2}', "empty text"),
    (b'\t { "id" : 3 ,\r "text"\t: "a" } \r', "white space between all"),
    (json.dumps({"id": 4, "text": TEXT, "标题": "甲"}).encode(), "all escaped"),
    (rb'{"text": "\"\\\/\b\f\n\r\t\u0000\u007f\u00e9\u6c34\ud83d\ude00\uD83D\uDE00"}', "every escape"),
    ('{"text": "\x7f\x85\u2028\ufeff\ufffe😀𠀀é"}'.encode(), "code points of every length"),
    (rb'{"text": "\ud83d"}', "half a pair"),
    (rb'{"text": "\ude00\ud83d"}', "a pair the wrong way round"),
    (rb'{"text": "\ud83d\u6c34"}', "half a pair and a character"),
    (rb'{"text": "\ud83d\ue000"}', "half a pair and a character above"),
    (rb'{"text": "\ud83dx\ude00"}', "a pair apart"),
    (rb'{"text": "\x41"}', "no such escape"),
    (rb'{"text": "\u12g4"}', "no hexadecimal digit"),
    (rb'{"text": "\u12"}', "too few digits"),
    (b'{"text": "a\tb"}', "a control character"),
    (b'{"text": "a\x00b"}', "NUL"),
    (b'{"text": "a\rb"}', "CR in a string"),
    (b'{"text": "ends with a backslash\\\\"}', "an escaped backslash before the quote"),
    (b'{"text": "ends with a backslash\\"}', "an escaped quote at the end"),
    (b'{"text": "he said \\"text\\": no"}', "the name inside the text"),
    (b'{"text": "text"}', "the name as text"),
    (b'{"text": "x", "text": "y"}', "twice"),
    (b'{"text": "x", "te\\u0078t": "y"}', "twice, once escaped"),
    (b'{"te\\u0078t": "y"}', "escaped"),
    (b'{"text": "x", "o": {"text": 1, "text": 2}}', "twice in an object inside"),
    (b'{"o": {"text": "inside"}}', "only in an object inside"),
    (b'{"o": [{"text": "inside"}], "text": "outside"}', "first in an object inside"),
    (b'{"o": "}", "p": "{\\"text\\": 1", "text": "x", "q": "]\\\\"}', "brackets in strings"),
    (b'{"text": 1}', "a number"),
    (b'{"text": null}', "null"),
    (b'{"text": true}', "true"),
    (b'{"text": ["a", "b"]}', "a list of strings"),
    (b'{"text": ["a", 1]}', "a list of other things"),
    (b'{"text": {"text": "x"}}', "an object"),
    (b'{"Text": "x"}', "missing"),
    (b'{"": "x", "text": "y"}', "an empty name"),
    (b"{}", "an empty object"),
    (b"[]", "a list"),
    (b"null", "null alone"),
    (b'"text"', "a string alone"),
    (b'{"text": "x"', "cut"),
    (b'{"text": "x', "cut in the text"),
    (b'{"text":', "cut before the text"),
    (b'{"text": "x"}{"text": "y"}', "two objects"),
    (b'{"text": "x"} {"text": "y"}', "two objects apart"),
    (b'{"text": "x"},', "a comma after"),
    (b'{"text": "x",}', "a comma too many"),
    (b'{"text": "x" "y"}', "two strings"),
    (b'{"text" "x"}', "no colon"),
    (b'{"text"; "x"}', "no colon but something"),
    (b"{'text': 'x'}", "single quotes"),
    (b'{text: "x"}', "no quotes"),
    (b'{"a": "x", "text": "y"]', "closed by the wrong bracket"),
    (b'{"a": [}, "text": "y"]}', "brackets crossed"),
    (b'["text": "y"]', "a list with a name"),
    (b'{"a": 1 "text": "y"}', "no comma"),
    (b'{1: 2, "text": "y"}', "a number for a name"),
    (b'{"a": "text": "y"}', "a name for a value"),
    (b'{"text": "x", "n": NaN}', "NaN"),
    (b'{"text": "x", "n": 01}', "a leading zero"),
    (b'{"text": "x", "n": +1}', "a sign"),
    (b'{"text": "x", "n": -0, "m": 1.5e3, "o": 1E400, "p": 0.1}', "numbers"),
    (b'{"text": "x", "n": [true, false, null, tru]}', "no literal"),
    (b'{"id": "7", "text": "x"}', "an id of letters"),
    (b'{"id": 1.5, "text": "x"}', "a fraction for an id"),
    (b'{"id": 1e30, "text": "x"}', "a large float for an id"),
    (b'{"id": -9223372036854775808, "text": "x", "n": 18446744073709551615}', "the least and the most of 64 bits"),
    (b'{"id": true, "text": "x"}', "a bool for an id"),
    (b'{"id": null, "text": "x"}', "no id"),
    (b'{"id": [1], "text": "x"}', "a list for an id"),
    (b'{"id": 1, "id": 2, "text": "x"}', "two ids"),
    (b'{"text": "x", "b": 1, "a": {"d": [1, {"c": null}], "b": "\\u6c34"}}', "nested, names not in order"),
    (b'{"text": "x", "a": "\xe6\xb0"}', "cut UTF-8 beside the text"),
    (b'{"text": "\xe6\xb0"}', "cut UTF-8"),
    (b'{"text": "\xb0"}', "UTF-8 that begins in the middle"),
    (b'{"text": "\xc0\x80"}', "overlong"),
    (b'{"text": "\xe0\x80\x80"}', "overlong, three bytes"),
    (b'{"text": "\xed\xa0\xbd\xed\xb8\x80"}', "surrogates in UTF-8"),
    (b'{"text": "\xf4\x90\x80\x80"}', "beyond Unicode"),
    (b'{"text": "\xff\xfe\xfd"}', "bytes of no encoding"),
    (f'{{"text": "{TEXT}"}}'.encode("gbk"), "a line in GB18030"),
    (f'{{"text": "{TEXT}", "标题": "水分"}}'.encode("gbk"), "a longer one"),
    (b'\xef\xbb\xbf{"text": "x"}', "a mark before the object"),
    (b'{"text": "%s"}' % (b"x" * 300), "a longer text"),
    (b'{"text": "%s"}' % (_T * 5), "a longer text of Chinese"),
    (b'{"text": "%s"}' % (b"x" * 3000), "a line that is too long"),
    (b'{"text": "a", "b": "%s"}' % (b"x" * 3000), "too long beside the text"),
    (b'{"a": %s1%s, "text": "x"}' % (b"[" * 120, b"]" * 120), "nested deep"),
    (b'{"a": %s1%s, "text": "x"}' % (b"[" * 1200, b"]" * 1200), "nested too deep"),
)
"""A line without its end, and what it is."""

_BYTES = b'"\\{}[]:, \t\rutn0123456789\x00\x1f\x7f\x80\xbf\xc3\xe6\xb0\xb4\xed\xf0\xff'


def hostile_file(seed: int, *, good: int = 60) -> bytes:
    """Lines of all kinds, many of them damaged anew, among about `good` in a hundred that are plain."""
    draw = random.Random(seed)
    out = []
    for number in range(draw.randint(1, 250)):
        if draw.randrange(100) < good:
            text = TEXT[draw.randrange(5) : draw.randrange(6, 20)] * draw.randrange(4)
            line = json.dumps({"id": number, "text": text}, ensure_ascii=draw.random() < 0.3).encode()
        else:
            line = draw.choice(LINES)[0]
        if draw.randrange(100) >= good:
            line = _damaged(line, draw)
        out.append(line + (b"\r\n" if draw.random() < 0.1 else b"\n"))
    whole = b"".join(out)
    return whole.removesuffix(b"\n") if draw.random() < 0.3 else whole


def _damaged(line: bytes, draw: random.Random) -> bytes:
    at = draw.randrange(len(line) + 1)
    new = bytes([draw.choice(_BYTES)])
    return draw.choice(
        (line, line[:at] + line[at + 1 :], line[:at] + new + line[at + 1 :], line[:at] + new + line[at:])
    )
