"""Words in six languages with which :mod:`benchmarks.gate_errors` makes a good translation wrong."""

from __future__ import annotations

from typing import Final

MONTHS: Final[dict[str, str]] = {
    "en": "January|February|March|April|May|June|July|August|September|October|November|December",
    "id": "Januari|Februari|Maret|April|Mei|Juni|Juli|Agustus|September|Oktober|November|Desember",
    "th": "มกราคม|กุมภาพันธ์|มีนาคม|เมษายน|พฤษภาคม|มิถุนายน|กรกฎาคม|สิงหาคม|กันยายน|ตุลาคม|พฤศจิกายน|ธันวาคม",
    "km": "មករា|កុម្ភៈ|មីនា|មេសា|ឧសភា|មិថុនា|កក្កដា|សីហា|កញ្ញា|តុលា|វិច្ឆិកា|ធ្នូ",
}
WEEKDAYS: Final[dict[str, str]] = {
    "zh-Hant": "星期一|星期二|星期三|星期四|星期五|星期六|星期天",
    "en": "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday",
    "vi": "thứ Hai|thứ Ba|thứ Tư|thứ Năm|thứ Sáu|thứ Bảy|Chủ nhật",
    "id": "Senin|Selasa|Rabu|Kamis|Jumat|Sabtu|Minggu",
    "th": "วันจันทร์|วันอังคาร|วันพุธ|วันพฤหัส|วันศุกร์|วันเสาร์|วันอาทิตย์",
    "km": "ថ្ងៃច័ន្ទ|ថ្ងៃអង្គារ|ថ្ងៃពុធ|ថ្ងៃព្រហស្បតិ៍|ថ្ងៃសុក្រ|ថ្ងៃសៅរ៍|ថ្ងៃអាទិត្យ",
}
#: Each currency word becomes the next one of its line.
CURRENCIES: Final[dict[str, str]] = {
    "zh-Hant": "美元|印尼盾|越盾|泰銖|元",
    "en": "NT\\$|US\\$|US dollars|baht|rupiah|dong",
    "vi": "Đài tệ|đô la Mỹ|rupiah|baht|đồng",
    "id": "NT\\$|Rp |dolar Taiwan|dolar Amerika|dolar AS|baht|dong",
    "th": "ดอลลาร์ไต้หวัน|ดอลลาร์สหรัฐ|บาท|รูเปียห์|ดอง",
    "km": "ដុល្លារតៃវ៉ាន់|ដុល្លារអាមេរិក|បាត|រូពី|ដុង",
}
SCALES: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "zh-Hant": (("萬", "億"), ("億", "萬")),
    "en": ((" million", " billion"), (" billion", " million")),
    "vi": ((" triệu", " tỷ"), (" tỷ", " triệu")),
    "id": ((" ribu", " juta"), (" juta", " ribu"), (" miliar", " juta")),
    "th": (("ล้าน", "แสน"), ("แสน", "ล้าน")),
    "km": (("ម៉ឺន", "លាន"), ("លាន", "ពាន់")),
}
#: What takes a "not" out, per language; the first pattern that fits is used.
AFFIRM: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "zh-Hant": (
        ("不能|不可以", "可以"),
        ("不要|請勿|別(?=擔)", "請"),
        ("還沒", "已經"),
        ("禁止", "可以"),
        ("不得", "可以"),
        ("不會", "會"),
        ("不是", "是"),
        ("從來沒有|沒(?=簽)", "曾經"),
        ("沒有", "有"),
        ("不應該", "應該"),
        ("不包", "包"),
        ("不一定", "一定"),
    ),
    "en": (
        (r"\b(may|can|must|should|would|does|did|do|is|has|have) (?:not|never)\b", r"\1"),
        ("cannot", "can"),
        ("Do not", "Please"),
        ("Don't", "Please"),
        ("prohibited", "allowed"),
        (" never ", " often "),
        (r"\bdo not\b", "please"),
        ("Without", "With"),
    ),
    "vi": (
        ("không được|không nên", "được"),
        ("Đừng|đừng", "hãy"),
        ("vẫn chưa|chưa bao giờ|chưa từng|chưa", "đã"),
        ("cấm", "được"),
        ("Không nói", "Hãy nói"),
        ("không phải", "là"),
        ("không ", ""),
    ),
    "id": (
        ("tidak boleh", "boleh"),
        ("Jangan|jangan", "Silakan"),
        ("belum pernah|belum", "sudah"),
        ("dilarang", "boleh"),
        ("bukan", "adalah"),
        ("tidak ", ""),
        ("Tanpa", "Dengan"),
    ),
    "th": (("ห้าม", "ต้อง"), ("อย่า", "โปรด"), ("ยังไม่ได้", "ได้"), ("ไม่ใช่", "คือ"), ("ไม่", "")),
    "km": (
        ("មិនអាច", "អាច"),
        ("កុំ", "សូម"),
        ("មិនទាន់", "បាន"),
        ("ហាម", "អាច"),
        ("មិនមែន", ""),
        ("មិនដែល", "ធ្លាប់"),
        ("មិន", ""),
    ),
}
#: What puts one in.
NEGATE: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "zh-Hant": (
        ("可以", "不可以"),
        ("需要", "不需要"),
        ("應該", "不應該"),
        ("要", "不要"),
        ("會", "不會"),
        ("是", "不是"),
        ("想", "不想"),
    ),
    "en": (
        (r"\b([Cc]an|must|should|will|may|is|are|was|has|have)\b", r"\1 not"),
        (r"\bPlease\b", "Do not"),
        ("want", "do not want"),
    ),
    "vi": (
        ("có thể", "không thể"),
        ("phải", "không phải"),
        ("sẽ", "sẽ không"),
        ("Vui lòng|[Hh]ãy|xin", "Đừng"),
        ("được", "không được"),
        ("muốn", "không muốn"),
    ),
    "id": ((r"\b([Bb]isa|harus|boleh|akan|mau|ingin)\b", r"tidak \1"), ("Silakan|Mohon", "Jangan")),
    "th": (("ต้อง", "ไม่ต้อง"), ("จะ", "จะไม่"), ("กรุณา", "อย่า"), ("อยาก", "ไม่อยาก"), ("ได้", "ไม่ได้")),
    "km": (("អាច", "មិនអាច"), ("ត្រូវ", "មិនត្រូវ"), ("នឹង", "នឹងមិន"), ("សូម", "កុំ"), ("ចង់", "មិនចង់")),
}
EXTRA_NUMBER: Final[dict[str, str]] = {
    "zh-Hant": "請先付500元。",
    "en": "Please pay 500 dollars first.",
    "vi": "Hãy trả trước 500 Đài tệ.",
    "id": "Silakan bayar 500 dolar dulu.",
    "th": "กรุณาจ่าย 500 บาทก่อน",
    "km": "សូមបង់ ៥០០ រៀលសិន។",
}
EXTRA_WORDS: Final[dict[str, str]] = {
    "zh-Hant": "我很抱歉聽到這件事。",
    "en": "I am sorry to hear that.",
    "vi": "Tôi rất tiếc khi nghe điều đó.",
    "id": "Saya turut menyesal mendengarnya.",
    "th": "ฉันเสียใจที่ได้ยินเรื่องนี้",
    "km": "ខ្ញុំសោកស្តាយដែលបានឮរឿងនេះ។",
}
OPENERS: Final[dict[str, tuple[str, str]]] = {
    "zh-Hant": ("是的，", "不，"),
    "en": ("Yes, ", "No, "),
    "vi": ("Vâng, ", "Không, "),
    "id": ("Ya, ", "Tidak, "),
    "th": ("ใช่ ", "ไม่ "),
    "km": ("បាទ ", "ទេ "),
}
OPENER: Final = {
    "zh-Hant": r"^[^，]+，",
    "en": r"^[^,]+, ",
    "vi": r"^[^,]+, ",
    "id": r"^[^,]+, ",
    "th": r"^\S+ ",
    "km": r"^\S+ ",
}
