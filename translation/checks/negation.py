"""A "not" on one side only, and a yes that has become a no.

Languages negate in too many ways to hold every text for it: an error only where both sides are one short statement, or
an answer in a word; otherwise a warning.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

import regex

from translation.checks.base import CheckInput
from translation.languages import LanguageTag
from translation.results import CheckCode, Finding, Severity

_ZH, _EN, _VI, _ID, _TH, _KM = (
    LanguageTag.ZH_HANT,
    LanguageTag.EN,
    LanguageTag.VI,
    LanguageTag.ID,
    LanguageTag.TH,
    LanguageTag.KM,
)

# What looks like a negation and is none is taken out first: questions (A-not-A, "có … không?", "isn't it?"), rhetorical
# ones too (不是…嗎), "don't forget" (which others say as "remember"), "otherwise", "not only", "no later than".
_HARMLESS: Final[dict[LanguageTag, regex.Pattern[str]]] = {
    _ZH: regex.compile(
        r"(\p{Han})[不沒]\1|[有是]沒有(?=[嗎？?])|有沒有|有無(?!法)|是否|可不可以|不可以[嗎吗]"
        r"|了[沒没](?:有)?(?=[\s？?。！!]|$)"
        r"|不是[^，。？！?!\n]{1,20}[嗎吗]|難道不|何不|要不(?![要])|不如|不妨"
        r"|不錯|不過|不但|不只|不僅|不單|不光|不管|不論|無論|不斷|不久|不同(?!意)|不一樣|不見了|不時|不然|否則"
        r"|不得不|不見不散|不好意思|不客氣"
        r"|不動產|不鏽鋼|不銹鋼|差不多|對不起|了不起|忍不住|動不動|沒關係|沒問題|沒事|沒錯|沒收|沉沒|淹沒|[別不]要?忘"
        r"|非常|非洲|除非|並非不|是非|未來|未成年|未滿|未婚|別人|別墅|別名|[特個分性類區告級識辨差國離派]別|無線"
        r"|無限|無障礙|無糖"
        r"|約莫|莫名|莫斯科|莫非|不到(?=[\d一二兩三四五六七八九十])|不[足滿超](?:過)?(?=[\d一二兩三四五六七八九十])"
    ),
    _EN: regex.compile(
        r"\bnot only\b|\b(?:do not|don['’]t) mention it\b|\bno (?:problem|matter|doubt|wonder)\b"
        r"|\b(?:whether )?or not\b|\bno\. ?\d|\bwhy not\b|\bif not\b"
        r"|\b(?:no|not) (?:later|more|less|fewer|longer than|older|younger)\b|\bnot (?:until|to mention)\b"
        r"|\bnothing but\b"
        r"|(?:\bdo not|\bdon['’]t) (?:forget|hesitate)\b|\bnon-?stop\b|\bnot bad\b"
        r"|,? (?:is|are|do|does|did|was|were|ca|wo|have|has|should|could|would)n['’]t (?:it|you|they|we|he|she|i"
        r"|there)\?"
        r"|(?:^|[.?!,] ?)(?:is|are|do|does|did|was|were|ca|wo|have|has|should|could|would)n['’]t (?=[^.!?]*\?)",
        regex.I,
    ),
    _VI: regex.compile(
        r"\(không bắt buộc\)|\b(?:không chỉ|không những|không sao|hay không|hay chưa|không khí|hàng không"
        r"|không gian|không quân|không lâu|không ngờ"
        r"|nếu không(?=,| thì| sẽ)|kẻo không|chưa kể|chả (?:giò|cá|lụa|quế)|đừng quên|đừng ngại|không (?:quá|dưới"
        r"|hơn)(?= \d))\b"
        r"|\b(?:không|chẳng) phải(?=[^.?!]{1,60}\b(?:sao|hả|à|ư)\b)|\bkhông có (?:gì|chi)(?= ?(?:[.!,]|$))"
        r"|(?<=\w )(?:không|chưa|ko|k)\b"
        r"(?=(?: (?:ạ|vậy|nhỉ|nhé|hả|thế|ta|nào|em|ơi|cả nhà|mọi người|các bạn|anh|chị|bạn))*\s*(?:[?.!,]|$))",
        regex.I,
    ),
    _ID: regex.compile(
        r"\b(?:tidak hanya|bukan (?:hanya|cuma|saja)|tidak apa-apa|tidak masalah|atau (?:tidak|belum|bukan)"
        r"|apa tidak|tidak lama"
        r"|mau tidak mau|(?:kalau|jika|bila) tidak(?=,)|jangan lupa|jangan ragu|jangan-jangan|bukankah|tidakkah"
        r"|belum lagi"
        r"|tidak (?:lebih|kurang) dari)\b"
        r"|\b(?:bukan|belum|tidak|gak|nggak)(?=\s*(?:\?|$))",
        regex.I,
    ),
    _TH: regex.compile(
        r"ไม่(?:ตรง|เหมือน)กับ|หรือไม่|หรือยังไม่|ไม่เพียง|ไม่เป็นไร|ไม่ใช่แค่|ไม่ว่า|ไม่นาน|ไม่ทราบว่า|ไม่อย่างนั้น|ไม่งั้น|ไม่เช่นนั้น|ไร้สาย|อย่าลืม"
        r"|ไม่(?:เกิน|ถึง|น้อยกว่า|ต่ำกว่า)(?= ?\d)|ไม่ใช่(?=\S{1,60}(?:หรือ|เหรอ|รึ))"
    ),
    _KM: regex.compile(
        r"ឬទេ|ឬអត់|ឬនៅ|ឬមិន|មិនត្រឹមតែ|មិនអីទេ|មិនយូរ|មិនថា|មិនដូច(?!្)|បើមិនដូច្នេះ(?:ទេ)?|ឥតគិតថ្លៃ|អត់ទោស|អត់ធ្មត់|កុំព្យូទ័រ|កុំភ្លេច"
        r"|មិន(?:លើស|តិចជាង|ក្រោម)|មិនមែន(?=[^។?]{1,80}ទេឬ)"
    ),
}
_NEGATION: Final[dict[LanguageTag, regex.Pattern[str]]] = {
    _ZH: regex.compile(r"不|沒|没|未|無|无|別|勿|莫|非|禁|否"),
    _EN: regex.compile(
        r"\b(?:not|no|never|none|nobody|nothing|nowhere|neither|nor|without|cannot|unable|\w+n['’]t|dont|cant"
        r"|forbidden|prohibited|banned)\b"
        r"|\b(?:un|il|in|im|ir)(?:paid|able|fit|legal|lawful|necessary|documented|clear|sure|known|safe|fair"
        r"|available|limited"
        r"|aware|employed|insured|married|used|correct|valid|complete|eligible|sufficient|possible|regular)\b",
        regex.I,
    ),
    _VI: regex.compile(r"\b(?:không|chưa|chẳng|chả|đừng|chớ|cấm|hổng|hông|hok|ko)\b|(?<!\d ?)\b(?:k|kg)\b", regex.I),
    _ID: regex.compile(
        r"\b(?:tidak|tidaklah|bukan|bukanlah|jangan|janganlah|belum|tanpa\w*|tak|tiada|nggak|enggak|gak|ga|gk|ngga"
        r"|ndak|dilarang"
        r"|tdk|blm|jgn)\b",
        regex.I,
    ),
    _TH: regex.compile(r"ไม่|มิได้|อย่า(?!ง)|ห้าม|ไร้|ปราศจาก|เปล่า"),
    _KM: regex.compile(r"^ទេ(?!\p{Khmer})|មិន|ពុំ|អត់|កុំ|គ្មាន|ឥត|ហាម|(?<!លើក|\u17d2)លែង(?!លះ)"),
}
#: What forbids, denies an act or says that it has not happened. Not 不舒服, không khỏe: others say "ill" for that.
_STRONG: Final[dict[LanguageTag, regex.Pattern[str]]] = {
    _ZH: regex.compile(
        r"不(?:[能可得要准許應該會是必用需給讓包付退收再])|不同意|不接受|不知道|禁止|嚴禁|勿|別(?!的)|沒有|[還從]沒"
        r"|沒(?=[簽付收拿給做去來看聽說發打寄])"
        r"|無法|未經|[從尚並]未"
    ),
    _EN: regex.compile(
        r"\b(?:cannot|can['’]?t|never|prohibited|forbidden|without|nobody|no one|none"
        r"|(?:can|may|must|should|shall|will|would|could|do|does|did|have|has|had|need) not"
        r"|(?:do|does|did|wo|would|could|should|must|have|has|had|need)n['’]t"
        r"|(?:is|are|was|were|am|be|been) (?:not|never) (?:\w+ly )?(?:a|an|the|my|your|his|her|our|their|it|\w+ed"
        r"|\w+en|paid|kept)"
        r"|(?:is|are|was|were)n['’]t (?:\w+ly )?(?:a|an|the|my|your|his|her|our|their|it|\w+ed|\w+en|paid|kept))\b",
        regex.I,
    ),
    _VI: regex.compile(
        r"\b(?:không (?:được|thể|nên|phải|cần|có|bao|bắt buộc|biết|cho|trả|mua|hoàn|nói|làm|đi|đến|nhận|muốn|dùng"
        r"|còn|ai|\w+ được)"
        r"|chưa|đừng|cấm|chớ|chẳng)\b",
        regex.I,
    ),
    _ID: regex.compile(
        r"\b(?:tidak (?:boleh|bisa|dapat|akan|perlu|usah|harus|mau|ingin|ada|pernah|wajib|mungkin|seharusnya"
        r"|termasuk|di\w{3,}|me\w{3,}"
        r"|ber\w{3,})|jangan|belum|dilarang|bukan|tanpa)\b",
        regex.I,
    ),
    _TH: regex.compile(
        r"ห้าม|อย่า(?!ง)|ยังไม่|ไม่(?:ได้|ต้อง|ใช่|มี|เคย|ควร|จ่าย|ให้|ยอม|รวม|คืน|จำเป็น|สามารถ|อนุญาต|รู้|เข้าใจ|อยาก|เอา|รับ|ขาย)"
    ),
    _KM: regex.compile(r"កុំ|ហាម|គ្មាន|មិន(?:អាច|ត្រូវ|ទាន់|មែន|ដែល|បាន|គួរ|ចាំបាច់|អនុញ្ញាត|ឱ្យ|មាន|ចេះ|ដឹង|យល់|រាប់|សង|ចង់|បើក|បង់)"),
}
#: Words that may say in one language what a "not" says in another; they answer for it but never ask for it.
_WEAK: Final[dict[LanguageTag, regex.Pattern[str]]] = {
    _ZH: regex.compile(
        r"拒|避免|免|缺|失業|失敗|錯|有問題|太|空(?!白)|選填|漏|忘|停止|反對|放心|只|才|吃到飽|否則|不然|未滿|戒"
        r"|除[了非]|以外|單身"
    ),
    _EN: regex.compile(
        r"\b(?:leav(?:e|es|ing) out|optional|wrong|empty|refus\w*|avoid\w*|fail\w*|lack\w*|miss\w*|forg[eo]t\w*"
        r"|hardly|rarely|seldom|free|except|unless|instead|rather|only"
        r"|stop\w*|ban|den(?:y|ied|ies)|reject\w*|illegal\w*|otherwise|too|out of|against|exempt\w*|far from|until"
        r"|remember"
        r"|dis(?:agree|allow|approv|continu|qualif)\w*|un(?!der|i[tv]|til)\w{4,}|\w{3,}less)\b",
        regex.I,
    ),
    _VI: regex.compile(
        r"\b(?:khỏi|tránh|từ chối|thiếu|miễn|hết|ngoài|trừ|quên|dừng|thôi|hiếm|bỏ|trái phép|yên tâm|nhớ|thất nghiệp"
        r"|thất bại|lỗi|quá|trống|rỗng|sai|chỉ|mới)\b",
        regex.I,
    ),
    _ID: regex.compile(
        r"\b(?:\w*tolak\w*|\w*hindar\w*|gagal|lupa|bebas|gratis|kurang(?! dari)|selain|kecuali|\w*henti\w*|\w*cegah"
        r"|ilegal|hanya|baru|tenang|ingat"
        r"|\w*larang\w*|mustahil|batal|opsional|salah|keliru|terlalu|kosong|dikosongkan|\w*nganggur)\b",
        regex.I,
    ),
    _TH: regex.compile(
        r"ปฏิเสธ|เลี่ยง|ขาด|ฟรี|ลืม|ยกเว้น|นอกจาก|งด|เลิก|ยัง|หยุด|เพิ่ง|แค่|เท่านั้น|วางใจ|พลาด|ผิด|ล้มเหลว|ว่าง|เกินไป|ตกงาน|ว่างงาน"
    ),
    _KM: regex.compile(r"បដិសេធ|ជៀសវាង|ខ្វះ|ភ្លេច|ក្រៅពី|លើកលែង|ឈប់|ខុស|បរាជ័យ|ទទេ|ពេក|ទើប|គ្រាន់តែ|ប៉ុណ្ណោះ|នៅទេ|ចាំ(?!បាច់)"),
}


def _list_words(words: str, gap: str | None = None) -> frozenset[str]:
    return frozenset(words.split(gap))


#: A word that is a whole answer, in small letters.
_YES: Final[dict[LanguageTag, frozenset[str]]] = {
    _ZH: _list_words("是 是的 對 對的 對啊 有 可以 會 能 行 好 好的 要 嗯 沒錯 沒問題 當然 當然可以 可以的"),
    _EN: _list_words(
        "yes|yeah|yep|yup|sure|of course|ok|okay|right|correct|that's right|that is right|you can|you may|certainly",
        "|",
    ),
    _VI: _list_words(
        "có|vâng|dạ|dạ vâng|dạ có|ừ|đúng|đúng rồi|đúng vậy|phải|được|tất nhiên|tất nhiên là được|dĩ nhiên", "|"
    ),
    _ID: _list_words(
        "ya|iya|benar|betul|ada|bisa|boleh|baik|tentu|tentu bisa|tentu saja|tentu boleh|sudah|oke|ok", "|"
    ),
    _TH: _list_words("ใช่ ใช่เลย ครับ ค่ะ ได้ มี ตกลง ถูก ถูกต้อง แน่นอน ได้แน่นอน โอเค"),
    _KM: _list_words("បាទ ចាស ចា៎ មាន បាន អាច ត្រូវ ត្រូវហើយ មែន មែនហើយ ពិតជាបាន យល់ព្រម"),
}
_NO: Final[dict[LanguageTag, frozenset[str]]] = {
    _ZH: _list_words("不 不是 不是的 沒有 沒 不可以 不行 不會 不能 不要 不用 不必 不對 否 還沒 還沒有"),
    _EN: _list_words(
        "no|nope|not yet|no need|you can't|you cannot|you may not|never|not allowed|it is not|there is not", "|"
    ),
    _VI: _list_words("không|không phải|không được|không có|không cần|không thể|không đâu|chưa|dạ không|dạ chưa", "|"),
    _ID: _list_words(
        "tidak|bukan|belum|tidak ada|tidak bisa|tidak boleh|tidak perlu|tidak usah|tidak mau|jangan|nggak|gak|enggak",
        "|",
    ),
    _TH: _list_words("ไม่ ไม่ใช่ ไม่ได้ ไม่มี ไม่ต้อง ไม่เอา ไม่ครับ ไม่ค่ะ ยัง ยังไม่ได้ ยังไม่เคย เปล่า"),
    _KM: _list_words("ទេ អត់ អត់ទេ មិនមែនទេ មិនមែន មិនមានទេ មិនបានទេ មិនបាន នៅទេ មិនទាន់ទេ មិនបាច់ទេ មិនចាំបាច់ទេ គ្មានទេ"),
}
_POLITE: Final = regex.compile(
    r"(?:[喔哦啊呢啦耶吧]|(?:ครับ|ค่ะ|คะ|จ้า|นะ)+|\b(?:ạ|nhé|nha|ya|dong|kok|sih|thanks|sir|madam|bạn|anh|chị|em)\b"
    r"|បាទ|ចាស)+$"
)
_OPENER: Final = regex.compile(r"^([^,，.。!！?？;；\n។]{1,24})(?:[,，.。!！;；។]|$)")
_FIRST_WORD: Final = regex.compile(r"^(\S{1,24})(?:\s|$)")
_EDGES: Final = " \t\n.。!！,，~～…។\u200b"
_SENTENCES: Final = regex.compile(r"[^\s。！？!?។;；.](?:[^。！？!?។\n;；.]|\.(?!\s|$))*[？?]?")
_QUESTION: Final = regex.compile(r"[?？嗎吗呢]|ไหม|หรือเปล่า|หรือยัง|อะไร|ที่ไหน|อย่างไร|เท่าไ|កាលណា|តើ|ឬនៅ|ឬទេ")
#: Longest statement, in characters of English, of which one "not" tells what it says.
_MAX_STATEMENT: Final = 140
_DENSITY: Final = {_ZH: 3.0}


@dataclass(frozen=True)
class Answer:
    """A yes or a no, and what the text says after it; nothing if the answer is all there is."""

    is_yes: bool
    rest: str = ""


class NegationCheck:
    """Holds an answer whose yes has become a no, and a short statement in which exactly one side says "not"; warns of
    the latter anywhere else."""

    codes: ClassVar[tuple[CheckCode, ...]] = (CheckCode.NEGATION,)

    def check(self, pair: CheckInput) -> list[Finding]:
        languages = _fold_variant(pair.source_language), _fold_variant(pair.target_language)
        if not all(language in _NEGATION for language in languages):
            return []
        texts = pair.source, pair.target
        answers = [find_answer(text, language) for text, language in zip(texts, languages, strict=True)]
        if _is_flipped(answers, languages):
            return [Finding(CheckCode.NEGATION, Severity.ERROR, "yes and no are swapped")]
        if all(answer and not answer.rest for answer in answers):
            return []
        negated = [_says_not(text, language) for text, language in zip(texts, languages, strict=True)]
        if negated[0] == negated[1]:
            return []
        severity = Severity.ERROR if _is_certain(texts, languages, negated.index(True)) else Severity.WARNING
        return [Finding(CheckCode.NEGATION, severity, f"only the {'source' if negated[0] else 'target'} says not")]


def has_negation(text: str, language: LanguageTag) -> bool | None:
    """Whether the text says "not"; None for languages without rules."""
    language = _fold_variant(language)
    return _says_not(text, language) if language in _NEGATION else None


def find_answer(text: str, language: LanguageTag) -> Answer | None:
    """The yes or no that the text is, or begins with; None if it is neither or the language has no rules."""
    language = _fold_variant(language)
    if language not in _NEGATION:
        return None
    folded = text.strip().casefold().replace("’", "'")
    found = _read_answer(folded, language)
    if found is not None:
        return Answer(found)
    for pattern in (_FIRST_WORD, _OPENER) if language in {_TH, _KM} else (_OPENER,):
        match = pattern.match(folded)
        found = _read_answer(match[1], language) if match else None
        if match and found is not None:
            return Answer(found, folded[match.end() :])
    return None


def _read_answer(text: str, language: LanguageTag) -> bool | None:
    bare = text.strip(_EDGES)
    for word in (bare, _POLITE.sub("", bare).strip(_EDGES)):
        if word in _YES[language] or word in _NO[language]:
            return word in _YES[language]
    return None


def _is_flipped(answers: Sequence[Answer | None], languages: Sequence[LanguageTag]) -> bool:
    """ "Yes, you cannot" in one language is "no, you cannot" in another: so a rest that says "not" is no proof."""
    first, second = answers
    if first is None or second is None or first.is_yes == second.is_yes:
        return False
    rests = [answer.rest for answer in (first, second)]
    return not all(rests) or not any(map(_says_not, rests, languages))


def _is_certain(texts: Sequence[str], languages: Sequence[LanguageTag], negative: int) -> bool:
    """Whether a sentence of one side forbids or denies and its counterpart is a statement with nothing of the kind."""
    plain = 1 - negative
    sentences = [_SENTENCES.findall(text) for text in texts]
    if len(sentences[0]) != len(sentences[1]):
        return False
    return any(
        all(map(_is_statement, pair, languages))
        and _STRONG[languages[negative]].search(_take_out_harmless(pair[negative], languages[negative])) is not None
        and _WEAK[languages[plain]].search(pair[plain]) is None
        for pair in zip(*sentences, strict=True)
    )


def _is_statement(sentence: str, language: LanguageTag) -> bool:
    """Short, and asks nothing."""
    return len(sentence) * _DENSITY.get(language, 1.0) <= _MAX_STATEMENT and _QUESTION.search(sentence) is None


def _fold_variant(language: LanguageTag) -> LanguageTag:
    return _ZH if language is LanguageTag.ZH_HANS else language


def _says_not(text: str, language: LanguageTag) -> bool:
    negation = _NEGATION[language]
    return negation.search(text) is not None and negation.search(_take_out_harmless(text, language)) is not None


def _take_out_harmless(text: str, language: LanguageTag) -> str:
    return _HARMLESS[language].sub(" ", text)
