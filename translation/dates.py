"""Dates, clock times, weekdays and years of other eras, read as comparable values.

Rules: 民國 N is N + 1911; พ.ศ. and ព.ស. are CE + 543; Chinese writes month/day, Vietnamese, Indonesian, Thai and Khmer
day/month, English either. So 5/3 copied from Chinese into Vietnamese has become another day, while 5/3 copied into
English may still be meant right, and 5/23 is the same day everywhere. All offsets are those of the folded text (see
``fold_digits``), hence of the text itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Final

import regex

from translation.languages import LanguageTag
from translation.number_words import MONTHS
from translation.numerals import read_numbers

_DAY_FIRST: Final = frozenset({LanguageTag.VI, LanguageTag.ID, LanguageTag.TH, LanguageTag.KM})
_CHINESE: Final = frozenset({LanguageTag.ZH_HANT, LanguageTag.ZH_HANS})
_BUDDHIST: Final = frozenset({LanguageTag.TH, LanguageTag.KM})

_SOUTHERN_MONTHS: Final = "|".join(
    regex.escape(name)
    for tag in (LanguageTag.TH, LanguageTag.KM)
    for name in sorted(MONTHS[tag], key=len, reverse=True)
)
_ROC: Final = r"(?:民國|民国|dân quốc|minguo|roc year|r\.o\.c\.(?: year)?|หมินกั๋ว|สาธารณรัฐจีน)"
_BE: Final = r"(?:พ\.? ?ศ\.?|ព\.? ?ស\.?|佛曆|phật lịch|buddhist era|b\.e\.|พุทธศักราช)"
_ERA_YEAR: Final = regex.compile(
    rf"(?P<roc>{_ROC})(?: ?(?:năm|tahun|year|ปีที่|ปี))? ?(?P<roc_year>\d{{1,3}})(?!\d)"
    rf"|(?P<be>{_BE}) ?(?P<be_year>\d{{4}})(?!\d)"
    r"|(?<!\d)(?P<be_after>\d{4}) ?(?:b\.e\.|buddhist era)|(?<!\d)(?P<be_after>2[4-6]\d\d) ?be(?=[\s]*(?:[,.;)]|$))"
    rf"|(?:ปี(?:การศึกษา|งบประมาณ|ภาษี)?|ឆ្នាំ(?:សិក្សា)?|{_SOUTHERN_MONTHS}) ?(?P<thai_year>2[4-6]\d\d)(?!\d)"
    r"|(?<!\d)(?P<short_roc>(?:8|9|1[0-4])\d)(?= ?(?:年|學年))"
)
_MAY_HAVE_ERA: Final = regex.compile(r"\d{4}|\d ?[年學]|國|国|quốc|minguo|roc|r\.o|หมิน|สาธารณรัฐ")
#: "90年" is the year 2001 or ninety years. These say which, before and behind the number; else it may be either.
_SPAN_BEFORE: Final = regex.compile(r"[了過过滿满近約约達达共已有再長长超整每這这那才]$")
_SPAN_AFTER: Final = regex.compile(
    r" ?年(?:[來来間间內内前後后多老輕歲了餘]|以[來来上內内前後后]|之[久後前內間]|[歷历]史|的?(?:時間|歷史|老|經驗"
    r"|壽命|合約|租約|刑期))"
)
_YEAR_BEFORE: Final = regex.compile(r"[在於于自]$")
_YEAR_AFTER: Final = regex.compile(
    r" ?(?:學年|学年|年度|年 ?[\d一二三四五六七八九十]{1,3} ?月|年(?:[底初春夏秋冬次版]|[上下]半|出生|生的|畢業"
    r"|入學|結婚|公布|修正))"
)
_YEAR_FIRST: Final = regex.compile(r"(?<![\d/.\-])(\d{2,4})([/.\-])(\d{1,2})\2(\d{1,2})(?![\d/])")
_YEAR_LAST: Final = regex.compile(r"(?<![\d/.\-])(\d{1,2})([/.\-])(\d{1,2})\2(\d{4}|\d{2})(?![\d/])")
_MAY_HAVE_YEAR: Final = regex.compile(r"\d([/.\-])\d{1,2}\1\d")
_SHORT: Final = regex.compile(
    r"(?:(?<![\d/.,\-$])|(?<=\d/\d{1,2} ?-))(\d{1,2})/(\d{1,2})(?![\d/%]| ?(?:điểm|poin|คะแนน|ពិន្ទុ|分(?!鐘)|người"
    r"|orang|คน|នាក់))"
)
#: A half, a third, "round the clock": never the third of May.
_NOT_SHORT: Final = frozenset({"1/2", "1/3", "2/3", "1/4", "3/4", "1/5", "1/10", "24/7", "24/24"})
_ZH_NUMBER: Final = r"(?:\d{1,2}|[一二三四五六七八九十]{1,3})"
#: "5月3日至5日", "3–5 May", "ngày 3 đến ngày 5 tháng 5": the other day of a range within one month.
_TO: Final = r" ?(?:[-–~～至到]|to|and|đến|tới|sampai|hingga|s/d|ถึง|ដល់) ?(?:the |ngày |tanggal |tgl\.? |วันที่ ?|ថ្ងៃទី ?)?"
_ZH_DATE: Final = regex.compile(
    rf"(?:(?P<era>民國|民国)? ?(?P<year>\d{{2,4}}) ?年 ?)?(?P<month>{_ZH_NUMBER}) ?月 ?(?P<day>{_ZH_NUMBER}) ?"
    rf"(?:[日號号]?{_TO}(?P<other>{_ZH_NUMBER}) ?)?[日號号]"
)
_DAY: Final = rf"(?<!\d)(?:(?P<other>\d{{1,2}}){_TO})?(?P<day>\d{{1,2}})"
_VI_DATE: Final = regex.compile(
    r"(?P<lead>(?:ngày|mùng|mồng) |(?<=\b(?:từ|đến|tới|trước|vào|hạn) ))?"
    rf"{_DAY} ?tháng ?(?P<month>\d{{1,2}})(?!\d|[.,]\d)"
    r"(?! ?ngày)(?:,? ?năm ?(?P<year>\d{4}))?"
)
_CLOCK: Final = regex.compile(
    r"(?<![\d:.,])(?P<h>\d{1,2})(?:"
    r":(?P<m>[0-5]\d)(?![\d:])"
    r"|\.(?P<m>[0-5]\d)(?= ?(?:[-–] ?\d{1,2}\.\d\d ?)?(?:น\.|wib|wita|am\b|pm\b|a\.m|p\.m))"
    r"|(?<=(?:pukul|jam|ម៉ោង) ?\d{1,2})\.(?P<m>[0-5]\d)(?!\d)"
    r"|(?:h| ?giờ ?)(?P<m>[0-5]\d)(?!\d)"
    r"|(?: ?giờ rưỡi|h rưỡi| ?[點点時时]半| ?โมงครึ่ง| ?ทุ่มครึ่ง)(?P<half>)"
    r"| ?[點点時时] ?(?P<m>[0-5]?\d) ?分?(?!\d))"
)
#: Indonesian counts the half hour towards the next: "setengah 9" is 8:30.
_HALF_TO: Final = regex.compile(r"\bsetengah (?P<h>\d{1,2})(?![\d.,])")
_AFTER_NOON_BEFORE: Final = regex.compile(r"(?:下午|晚上|晚間|傍晚|夜間|中午|บ่าย|ค่ำ|ល្ងាច|យប់) ?$")
_AFTER_NOON: Final = regex.compile(
    r" ?(?:[點点時时:]? ?(?:pm\b|p\.m)|(?:giờ|h)?(?: ?\d\d)? ?(?:chiều|tối|đêm|trưa)"
    r"|(?:sore|malam|siang)|โมงเย็น|โมง ?บ่าย|ทุ่ม|(?:ល្ងាច|យប់|រសៀល))"
)
_HOUR_UNIT: Final = regex.compile(r" ?(?:giờ|h\b|[點点時时]|น\.|นาฬิกา)")
_HOUR_LEAD: Final = regex.compile(r"(?:pukul|jam|ម៉ោង) ?$")

_WEEKDAYS: Final[dict[LanguageTag, str]] = {
    LanguageTag.ZH_HANT: r"(?:星期|禮拜|礼拜|週|周)(?:(?P<w1>[一1])|(?P<w2>[二2])|(?P<w3>[三3])|(?P<w4>[四4])"
    r"|(?P<w5>[五5])|(?P<w6>[六6])|(?P<w7>[日天7]))(?!\d|[個次年月])",
    LanguageTag.EN: r"\b(?:(?P<w1>mon)|(?P<w2>tues)|(?P<w3>wednes)|(?P<w4>thurs)|(?P<w5>fri)"
    r"|(?P<w6>satur)|(?P<w7>sun))days?\b",
    LanguageTag.VI: r"\b(?:thứ (?:(?P<w1>hai|2)|(?P<w2>ba|3)|(?P<w3>tư|4)|(?P<w4>năm|5)|(?P<w5>sáu|6)|(?P<w6>bảy|7))"
    r"|t(?:(?P<w1>2)|(?P<w2>3)|(?P<w3>4)|(?P<w4>5)|(?P<w5>6)|(?P<w6>7))|(?P<w7>chủ nhật))\b",
    LanguageTag.ID: r"\b(?:(?P<w1>senin)|(?P<w2>selasa)|(?P<w3>rabu)|(?P<w4>kamis)|(?P<w5>jumat|jum'at)|(?P<w6>sabtu)"
    r"|(?P<w7>minggu|ahad))\b",
    LanguageTag.TH: r"(?:วัน)?(?:(?P<w1>จันทร์)|(?P<w2>อังคาร)|(?P<w3>พุธ)|(?P<w4>พฤหัส(?:บดี)?)"
    r"|(?P<w5>ศุกร์)|(?P<w6>เสาร์)|(?P<w7>อาทิตย์))",
    LanguageTag.KM: r"(?:ថ្ងៃ)?(?:(?P<w1>ច័ន្ទ|ចន្ទ)|(?P<w2>អង្គារ)|(?P<w3>ពុធ)|(?P<w4>ព្រហស្បតិ៍)"
    r"|(?P<w5>សុក្រ)|(?P<w6>សៅរ៍)|(?P<w7>អាទិត្យ))",
}
#: Words that are also "second… seventh", "week", "moon", "sun": they answer for a weekday but never accuse.
_VAGUE_WEEKDAYS: Final = regex.compile(r"thứ \D+|minggu|จันทร์|อาทิตย์|ច័ន្ទ|ចន្ទ|អាទិត្យ")


#: Words that are also a verb, a person's name or another word.
_VAGUE_MONTHS: Final = frozenset({"march", "sept", "มกรา", "กุมภา", "มีนา", "เมษา", "มิถุนา", "กันยา"})


@dataclass(frozen=True)
class When:
    """A date (``2026-05-03``, year ``0`` when not said), clock time (``8:30``) or weekday (``w1`` is Monday) at
    ``text[start:end]`` with its possible readings. ``parts`` are the numbers it is made of, each with its values."""

    start: int
    end: int
    readings: frozenset[str]
    parts: tuple[frozenset[Decimal], ...] = ()
    is_vague: bool = False


def to_common_year(number: int, language: LanguageTag, era: str = "") -> int:
    """The year of the common era for a year as written (``era`` is ``roc``, ``be`` or empty)."""
    if era == "roc" or (not era and language in _CHINESE and 80 <= number <= 150):
        return number + 1911
    if era == "be" or (not era and language in _BUDDHIST and 2400 <= number <= 2700):
        return number - 543
    if number < 100:
        return number + (2500 - 543 if language in _BUDDHIST and number >= 60 else 2000)
    return number


def find_era_years(folded: str, language: LanguageTag) -> Iterator[tuple[int, int, frozenset[int]]]:
    """Years written in an era of their own: start and end of the number, and the common year. "130年" may also be a
    span of time: then its number is a reading too, or nothing is found where that is certain ("工作了90年")."""
    for match in _ERA_YEAR.finditer(folded) if _MAY_HAVE_ERA.search(folded) else ():
        group = next(name for name in ("roc_year", "be_year", "be_after", "thai_year", "short_roc") if match[name])
        if (group == "short_roc" and language not in _CHINESE) or (group == "thai_year" and language not in _BUDDHIST):
            continue
        written, era = int(match[group]), "roc" if "roc" in group else "be"
        years = {to_common_year(written, language, era)}
        if group == "short_roc":
            before, after = folded[max(0, match.start() - 1) : match.start()], folded[match.end() : match.end() + 8]
            if not _YEAR_AFTER.match(after) and not _YEAR_BEFORE.search(before):
                if _SPAN_BEFORE.search(before) or _SPAN_AFTER.match(after):
                    continue
                years.add(written)
        yield match.start(group), match.end(group), frozenset(years)


def find_dates(folded: str, language: LanguageTag) -> Iterator[When]:
    """Days of the calendar, most complete way of writing first; the caller drops overlaps. ``folded`` in lower case."""
    has_year = _MAY_HAVE_YEAR.search(folded) is not None
    for match in _YEAR_FIRST.finditer(folded) if has_year else ():
        if len(match[1]) == 4 or (language in _CHINESE and len(match[1]) == 3):
            yield from _make_date(match, match[1], [(match[3], match[4])], language)
    for match in _YEAR_LAST.finditer(folded) if has_year else ():
        if len(match[4]) == 4 or match[2] == "/":
            yield from _make_date(match, match[4], _orders(match[1], match[3], language), language)
    patterns = [pattern for word, pattern in (("月", _ZH_DATE), ("tháng", _VI_DATE)) if word in folded]
    for pattern in (*patterns, *_named_patterns(language)):
        for match in pattern.finditer(folded):
            if pattern is _VI_DATE and match["lead"] is None and not match["year"]:
                continue  # "3 tháng 5…" may be three months
            era = "roc" if match.groupdict().get("era") else ""
            month = _to_month(match["month"], language)
            days = [(month, _to_day(match[group])) for group in ("day", "other") if match[group]]
            start = match.start()
            if (
                match["other"]
                and start <= match.start("other") < match.start("day")
                and int(days[1][1]) >= int(days[0][1])
            ):
                # "April 28 to 2 May": the first day is of another month.
                start = match.start("day")
                days.pop()
            yield from _make_date(match, match["year"], days[:1], language, era, days[1:], start)
    for match in _SHORT.finditer(folded) if "/" in folded else ():
        if match[0] not in _NOT_SHORT:
            yield from _make_date(match, None, _orders(match[1], match[2], language), language)


def find_times(folded: str) -> Iterator[When]:
    """Clock times with minutes. An afternoon hour may be written in twelve or in twenty-four hours."""
    for match in _HALF_TO.finditer(folded) if "setengah" in folded else ():
        hours = read_hour(Decimal(int(match["h"])) - 1, folded, match.start(), match.end())
        yield When(match.start(), match.end(), frozenset(f"{hour}:30" for hour in hours))
    for match in _CLOCK.finditer(folded):
        minute = 30 if match["half"] is not None else int(match["m"])
        hours = read_hour(Decimal(int(match["h"])), folded, match.start(), match.end())
        if minute == 0:
            yield When(match.start(), match.end(), frozenset(), (hours,))
            continue
        readings = frozenset(f"{hour}:{minute:02d}" for hour in hours)
        yield When(match.start(), match.end(), readings, (hours, frozenset({Decimal(minute)})))


def read_hour(hour: Decimal, folded: str, start: int, end: int) -> frozenset[Decimal]:
    """The number, and what it is on the other clock if its surroundings say that it is an hour."""
    before, after = folded[max(0, start - 8) : start], folded[end : end + 16]
    if 1 <= hour <= 12 and (_AFTER_NOON_BEFORE.search(before) or _AFTER_NOON.match(after)):
        evening = {hour + 18, hour + 6} if after.lstrip().startswith("ทุ่ม") else set()
        return frozenset({hour, hour + 12} | evening)
    is_clock = ":" in folded[start:end] or _HOUR_UNIT.match(after) or _HOUR_LEAD.search(before)
    if 13 <= hour <= 24 and is_clock:
        return frozenset({hour, hour - 12})
    return frozenset({hour})


def find_weekdays(folded: str, language: LanguageTag) -> Iterator[When]:
    """Names of weekdays. ``parts`` holds the number of "thứ 2" and "thứ hai", which may also be an ordinal."""
    for match in _weekday_pattern(language).finditer(folded):
        number = next(index for index in range(1, 8) if match[f"w{index}"])
        digits = [int(char) for char in match[0] if char.isdecimal()]
        parts = (frozenset({Decimal(digits[0])}),) if digits else ()
        is_vague = _VAGUE_WEEKDAYS.fullmatch(match[0]) is not None
        if is_vague and match[0].startswith("thứ"):
            parts = (frozenset({Decimal(number + 1)}),)
        yield When(match.start(), match.end(), frozenset({f"w{number}"}), parts, is_vague)


def find_months(folded: str, language: LanguageTag) -> Iterator[When]:
    """Names of months that stand without a day; ``folded`` has lost its capitals, so that "may" is vague."""
    pattern = _month_pattern(language)
    if pattern is None:
        return
    for match in pattern.finditer(folded):
        readings = frozenset({str(MONTHS[language][match[0]])})
        yield When(match.start(), match.end(), readings, is_vague=match[0] in _VAGUE_MONTHS or len(match[0]) < 4)


# --- helpers ----------------------------------------------------------------------------------------------------------


@cache
def _month_pattern(language: LanguageTag) -> regex.Pattern[str] | None:
    names = sorted(MONTHS.get(language, ()), key=len, reverse=True)
    if language in {LanguageTag.EN, LanguageTag.ID}:
        return regex.compile(rf"\b(?:{'|'.join(names)})\b")
    if language in _BUDDHIST:
        return regex.compile("|".join(map(regex.escape, names)))
    return None


@cache
def _weekday_pattern(language: LanguageTag) -> regex.Pattern[str]:
    language = LanguageTag.ZH_HANT if language is LanguageTag.ZH_HANS else language
    return regex.compile(_WEEKDAYS.get(language) or "|".join(_WEEKDAYS.values()))


@cache
def _named_patterns(language: LanguageTag) -> tuple[regex.Pattern[str], ...]:
    """Dates with the name of a month, in the languages that have names for them."""
    names = "|".join(regex.escape(name) for name in sorted(MONTHS.get(language, ()), key=len, reverse=True))
    ordinal = "(?:st|nd|rd|th)?"
    if language is LanguageTag.EN:
        return (
            regex.compile(
                rf"(?<!\d)(?:(?P<other>\d{{1,2}}){ordinal}{_TO})?(?P<day>\d{{1,2}}){ordinal}(?: of)?"
                rf" (?P<month>{names})\b"
                r"\.?(?:,? (?P<year>\d{4}))?(?!\d)"
            ),
            regex.compile(
                rf"\b(?P<month>{names})\.? (?:the )?(?P<day>\d{{1,2}}){ordinal}\b"
                rf"(?:{_TO}(?P<other>\d{{1,2}}){ordinal}(?![\d:/.]|{ordinal}(?: of)? (?:{names})\b))?"
                r"(?:,? (?P<year>\d{4}))?(?!\d)"
            ),
        )
    if language is LanguageTag.ID:
        return (regex.compile(rf"{_DAY} (?P<month>{names})\b(?: (?P<year>\d{{4}}))?"),)
    if language is LanguageTag.TH:
        era = r"(?:(?:ปี|พ\.? ?ศ\.?|ค\.? ?ศ\.?) ?)*"
        return (regex.compile(rf"{_DAY} ?(?:เดือน)? ?(?P<month>{names}) ?{era}(?P<year>\d{{4}}|[6-9]\d(?!\d))?"),)
    if language is LanguageTag.KM:
        era = r"(?:(?:ឆ្នាំ|គ\.? ?ស\.?|ព\.? ?ស\.?) ?)*"
        return (
            regex.compile(rf"{_DAY} ?(?:ខែ)? ?(?P<month>{names}) ?{era}(?P<year>\d{{4}})?"),
            regex.compile(rf"{_DAY} ?ខែ(?:ទី)? ?(?P<month>\d{{1,2}}) ?{era}(?P<year>\d{{4}})?"),
        )
    return ()


def _orders(first: str, second: str, language: LanguageTag) -> list[tuple[str, str]]:
    """(month, day) as the language orders them; the other order where only that one exists or both are usual."""
    day_first, month_first = (second, first), (first, second)
    if language in _DAY_FIRST:
        return [day_first] if int(second) <= 12 else [month_first]
    if language in _CHINESE:
        return [month_first] if int(first) <= 12 else [day_first]
    return [day_first, month_first]


def _to_month(text: str, language: LanguageTag) -> str:
    named = MONTHS.get(language, {}).get(text)
    return str(named) if named else _to_day(text)


def _to_day(text: str) -> str:
    if text.isdecimal():
        return text
    return str(max(read_numbers(text, LanguageTag.ZH_HANT)[0].values))


def _make_date(
    match: regex.Match[str],
    year: str | None,
    pairs: list[tuple[str, str]],
    language: LanguageTag,
    era: str = "",
    others: Sequence[tuple[str, str]] = (),
    start: int | None = None,
) -> Iterator[When]:
    """``pairs`` are possible (month, day), ``others`` the other end of a range within the month; ``start`` is where the
    date begins if not where the match does."""
    written = int(year) if year else 0
    common = to_common_year(written, language, era) if year else 0
    if year and (not 1850 <= common <= 2150 or (year[0] == "0" and len(year) > 2)):
        return
    days = [(int(month), int(day)) for month, day in pairs if 1 <= int(month) <= 12 and 1 <= int(day) <= 31]
    if not days:
        return
    numbers = frozenset(Decimal(number) for number in days[0])
    parts = [frozenset({number}) for number in sorted(numbers)] if len(numbers) == 2 else [numbers, numbers]
    if year:
        parts.append(frozenset({Decimal(common)}))
    parts += [frozenset({Decimal(day)}) for _, day in others]
    ends = [int(day) for _, day in others]
    readings = frozenset(f"{common}-{m}-{'~'.join(map(str, sorted([d, *ends])))}" for m, d in days)
    yield When(match.start() if start is None else start, match.end(), readings, tuple(parts))
