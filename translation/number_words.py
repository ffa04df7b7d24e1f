"""Number words of the six languages: data for :mod:`translation.numerals`.

``UNITS`` stand for themselves, ``MULTIPLIERS`` scale what precedes them, ``MONTHS`` and ``LOOSE`` are words
that imply a number (ordinals, "once") and never take part in a larger one.
"""

from __future__ import annotations

from typing import Final

from translation.languages import LanguageTag

_ZH, _EN, _VI, _ID, _TH, _KM = (
    LanguageTag.ZH_HANT,
    LanguageTag.EN,
    LanguageTag.VI,
    LanguageTag.ID,
    LanguageTag.TH,
    LanguageTag.KM,
)


def _count(words: str, start: int = 1, step: int = 1) -> dict[str, int]:
    """Words in counting order; ``a/b`` are spellings of one number."""
    return {
        word: start + index * step for index, spellings in enumerate(words.split()) for word in spellings.split("/")
    }


UNITS: Final[dict[LanguageTag, dict[str, int]]] = {
    _ZH: _count("一/壹 二/兩/两/貳/贰 三/參 四/肆 五/伍 六/陸 七/柒 八/捌 九/玖") | {"廿": 20, "卅": 30, "倆": 2},
    _EN: _count("one two three four five six seven eight nine ten eleven twelve")
    | _count("thirteen fourteen fifteen sixteen seventeen eighteen nineteen", 13)
    | _count("twenty thirty forty fifty sixty seventy eighty ninety", 20, 10),
    _VI: _count("một/mốt hai ba bốn/tư năm/lăm/nhăm sáu bảy/bẩy tám chín mười"),
    _ID: _count("satu dua tiga empat lima enam tujuh delapan sembilan sepuluh sebelas")
    | {"seratus": 100, "seribu": 1000, "sejuta": 10**6, "semiliar": 10**9},
    _TH: _count("หนึ่ง/เอ็ด สอง/ยี่ สาม สี่ ห้า หก เจ็ด แปด เก้า"),
    _KM: _count("មួយ ពីរ បី បួន ប្រាំ ប្រាំមួយ ប្រាំពីរ/ប្រាំពិល ប្រាំបី ប្រាំបួន ដប់")
    | _count("ម្ភៃ សាមសិប សែសិប ហាសិប ហុកសិប ចិតសិប ប៉ែតសិប កៅសិប", 20, 10),
}

MULTIPLIERS: Final[dict[LanguageTag, dict[str, int]]] = {
    _ZH: {
        "十": 10,
        "拾": 10,
        "百": 100,
        "佰": 100,
        "千": 1000,
        "仟": 1000,
        "萬": 10**4,
        "万": 10**4,
        "億": 10**8,
        "亿": 10**8,
        "兆": 10**12,
    },
    _EN: {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "dozen": 12},
    _VI: {
        "mươi": 10,
        "chục": 10,
        "trăm": 100,
        "nghìn": 1000,
        "ngàn": 1000,
        "vạn": 10**4,
        "triệu": 10**6,
        "tr": 10**6,
        "tỷ": 10**9,
        "tỉ": 10**9,
    },
    _ID: {
        "puluh": 10,
        "ratus": 100,
        "ribu": 1000,
        "rb": 1000,
        "juta": 10**6,
        "jt": 10**6,
        "miliar": 10**9,
        "milyar": 10**9,
        "triliun": 10**12,
        "lusin": 12,
    },
    _TH: {"สิบ": 10, "ร้อย": 100, "พัน": 1000, "หมื่น": 10**4, "แสน": 10**5, "ล้าน": 10**6, "โหล": 12},
    _KM: {"រយ": 100, "ពាន់": 1000, "ម៉ឺន": 10**4, "មុឺន": 10**4, "សែន": 10**5, "លាន": 10**6, "កោដិ": 10**7},
}

#: Written after digits in every language of ours.
COMMON_MULTIPLIERS: Final[dict[str, int]] = {"k": 1000, "m": 10**6}

#: A multiplier followed by this is another word: พันธุ์ (breed), ร้อยละ (per cent), រយៈ (duration), tỉ lệ (ratio).
NOT_BEFORE: Final[dict[str, str]] = {
    "พัน": "ธ",
    "ร้อย": "ละ",
    "រយ": "ៈ",
    "tỉ": " lệ",
    "tỷ": " lệ",
    "百": "[分貨货]",
}

#: Words for a half: 0.5, and 30 (of an hour) or 6 (of a year).
HALVES: Final[dict[LanguageTag, tuple[str, ...]]] = {
    _ZH: ("半",),
    _EN: ("half",),
    _VI: ("rưỡi", "nửa"),
    _ID: ("setengah", "separuh"),
    _TH: ("ครึ่ง",),
    _KM: ("កន្លះ",),
}

#: Month names (1…12). The Thai and Khmer ones also without their endings, as people write them.
MONTHS: Final[dict[LanguageTag, dict[str, int]]] = {
    _ZH: {},
    _VI: {"tháng giêng": 1, "tháng chạp": 12},
    _EN: _count(
        "january/jan february/feb march/mar april/apr may june/jun july/jul august/aug september/sept/sep october/oct"
        " november/nov december/dec"
    ),
    _ID: _count(
        "januari/jan februari/feb maret/mar april/apr mei juni/jun juli/jul agustus/agu/agt september/sep oktober/okt"
        " november/nov desember/des"
    ),
    _TH: _count(
        "มกราคม/มกรา/ม.ค. กุมภาพันธ์/กุมภา/ก.พ. มีนาคม/มีนา/มี.ค. เมษายน/เมษา/เม.ย. พฤษภาคม/พฤษภา/พ.ค."
        " มิถุนายน/มิถุนา/มิ.ย. กรกฎาคม/กรกฎา/ก.ค. สิงหาคม/สิงหา/ส.ค. กันยายน/กันยา/ก.ย. ตุลาคม/ตุลา/ต.ค."
        " พฤศจิกายน/พฤศจิกา/พ.ย. ธันวาคม/ธันวา/ธ.ค."
    ),
    _KM: _count("មករា កុម្ភៈ/កុម្ភះ មីនា/មិនា មេសា ឧសភា មិថុនា កក្កដា សីហា កញ្ញា តុលា វិច្ឆិកា ធ្នូ"),
}

LOOSE: Final[dict[LanguageTag, dict[str, int]]] = {
    _ZH: {"雙": 2, "首": 1, "正月": 1},
    _EN: _count("first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth")
    | {"once": 1, "twice": 2, "double": 2, "both": 2, "couple": 2, "single": 1, "a": 1, "an": 1}
    | {"noon": 12, "midnight": 12},
    _VI: {"nhất": 1, "nhì": 2, "đôi": 2, "cả hai": 2},
    _ID: _count("pertama/kesatu kedua ketiga keempat kelima keenam ketujuh kedelapan kesembilan kesepuluh")
    | _count("setahun/sebulan/seminggu/sehari/sejam/seorang/sekali/sebuah"),
    _TH: {"แรก": 1, "เดียว": 1, "คู่": 2, "เที่ยง": 12},
    _KM: {"ដំបូង": 1},
}
