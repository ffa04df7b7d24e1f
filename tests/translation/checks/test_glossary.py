"""The glossary's check: in every language what must pass and what must be caught, and what the pipeline mends."""

from __future__ import annotations

import pytest

from translation.checks.base import CheckInput
from translation.checks.glossary import GlossaryCheck, replace_forbidden
from translation.gate import decide_machine, judge_human
from translation.languages import LanguageTag
from translation.results import CheckCode, Finding, GlossaryTerm, Severity

ZH, EN, VI, ID, TH, KM = (
    LanguageTag.ZH_HANT,
    LanguageTag.EN,
    LanguageTag.VI,
    LanguageTag.ID,
    LanguageTag.TH,
    LanguageTag.KM,
)

#: By language: the names, a forbidden variant, a sentence with the term, one with the variant, one with neither.
SIDES: dict[LanguageTag, tuple[tuple[str, ...], str, str, str, str]] = {
    ZH: (("移工", "移住勞工"), "外勞", "這位移工想換雇主", "這位外勞想換雇主", "這個人想換雇主"),
    EN: (
        ("migrant worker",),
        "foreign laborer",
        "The migrant workers want a new employer",
        "The foreign laborers want a new employer",
        "The people want a new employer",
    ),
    VI: (
        ("lao động di trú", "người lao động nước ngoài"),
        "lao nô",
        "Lao động di trú này muốn đổi chủ",
        "Lao nô này muốn đổi chủ",
        "Người này muốn đổi chủ",
    ),
    ID: (
        ("pekerja migran", "PMI"),
        "kuli",
        "Pekerja migrannya ingin pindah majikan",
        "Kulinya ingin pindah majikan",
        "Orang ini ingin pindah majikan",
    ),
    TH: (
        ("แรงงานข้ามชาติ",),
        "กรรมกรต่างด้าว",
        "แรงงาน ข้ามชาติ คนนี้อยากเปลี่ยนนายจ้าง",
        "กรรมกรต่างด้าวคนนี้อยากเปลี่ยนนายจ้าง",
        "คนนี้อยากเปลี่ยนนายจ้าง",
    ),
    KM: (
        ("ពលករចំណាកស្រុក",),
        "កម្មករបរទេសទាប",
        "ពលករ\u200bចំណាក\u200bស្រុកនេះចង់ប្តូរថៅកែ",
        "កម្មករ បរទេស ទាបនេះចង់ប្តូរថៅកែ",
        "មនុស្សនេះចង់ប្តូរថៅកែ",
    ),
}
PAIRS = [(source, target) for source in SIDES for target in SIDES if source is not target]


def make_term(source: LanguageTag, target: LanguageTag, *, is_verified: bool = True) -> GlossaryTerm:
    names, forbidden, *_ = SIDES[target]
    return GlossaryTerm(
        source=SIDES[source][0][0], targets=names, forbidden=(forbidden,), is_verified=is_verified, concept_id=1
    )


def check(source: str, target: str, language: LanguageTag, *terms: GlossaryTerm) -> list[Finding]:
    return GlossaryCheck().check(CheckInput(source, target, ZH if language is not ZH else EN, language, terms))


def find(source: LanguageTag, target: LanguageTag, sentence: int, *, is_verified: bool = True) -> list[Finding]:
    term = make_term(source, target, is_verified=is_verified)
    return GlossaryCheck().check(CheckInput(SIDES[source][2], SIDES[target][sentence], source, target, (term,)))


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_nothing_is_found_when_the_term_is_used_however_it_is_written(source: LanguageTag, target: LanguageTag) -> None:
    assert find(source, target, 2) == []


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_forbidden_variant_is_an_error_when_the_term_is_verified(source: LanguageTag, target: LanguageTag) -> None:
    (finding,) = find(source, target, 3)
    assert (finding.code, finding.severity) == (CheckCode.GLOSSARY, Severity.ERROR)
    assert SIDES[target][0][0] in finding.detail[0]


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_forbidden_variant_only_warns_when_the_term_is_unverified(source: LanguageTag, target: LanguageTag) -> None:
    assert [finding.severity for finding in find(source, target, 3, is_verified=False)] == [Severity.WARNING]


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_missing_term_is_an_error_when_it_is_verified_and_nothing_else(
    source: LanguageTag, target: LanguageTag
) -> None:
    (finding,) = find(source, target, 4)
    assert (finding.severity, finding.message) == (Severity.ERROR, "term named otherwise")
    assert find(source, target, 4, is_verified=False) == []


@pytest.mark.parametrize("target", SIDES)
def test_admitted_names_are_as_good_as_the_preferred_one(target: LanguageTag) -> None:
    names = SIDES[target][0]
    for name in names:
        assert check("x", f"… {name} …", target, make_term(ZH if target is not ZH else EN, target)) == []


def test_forbidden_variant_is_fine_inside_something_longer_that_is_allowed() -> None:
    term = GlossaryTerm("NIA", ("移民署",), ("移民",), is_verified=True)
    assert check("the NIA", "請到移民署", ZH, term) == []
    assert check("the NIA", "請到移民處", ZH, term) != []


def test_forbidden_variant_is_fine_when_the_source_quotes_it() -> None:
    term = make_term(VI, ZH)
    assert check("Sao lại gọi lao động di trú là 「外勞」?", "為什麼叫移工「外勞」？", ZH, term) == []


def test_either_meaning_will_do_when_a_word_has_two() -> None:
    legal = GlossaryTerm("case", ("案件",), is_verified=True, concept_id=1)
    medical = GlossaryTerm("case", ("病例",), is_verified=True, concept_id=2)
    assert check("the case", "這個病例", ZH, legal, medical) == []
    (finding,) = check("the case", "這個盒子", ZH, legal, medical)
    assert finding.detail == ("case → 案件",)


def test_nothing_holds_when_one_of_two_meanings_is_unverified() -> None:
    legal = GlossaryTerm("case", ("案件",), is_verified=True, concept_id=1)
    box = GlossaryTerm("case", ("箱子",), concept_id=2)
    assert check("the case", "這個盒子", ZH, legal, box) == []


@pytest.mark.parametrize(("is_verified", "severity"), [(True, Severity.ERROR), (False, Severity.WARNING)])
def test_lost_name_that_is_not_translated_is_found(is_verified: bool, severity: Severity) -> None:
    term = GlossaryTerm("LINE", ("LINE",), is_do_not_translate=True, is_verified=is_verified)
    assert check("Add me on LINE", "請加我的LINE", ZH, term) == []
    assert check("Add me on LINE", "ទាក់ទង LINE របស់ខ្ញុំ", KM, term) == []
    (finding,) = check("Add me on LINE", "請把我加在線上", ZH, term)
    assert (finding.severity, finding.detail) == (severity, ("LINE",))


def test_term_that_only_forbids_asks_for_nothing() -> None:
    term = GlossaryTerm("lao động", (), ("外勞",), is_verified=True)
    assert check("lao động", "工人", ZH, term) == []
    assert [finding.detail for finding in check("lao động", "外勞", ZH, term)] == [("外勞",)]


def test_gate_holds_the_machine_and_only_warns_people() -> None:
    pair = CheckInput("這位移工想換雇主", "Lao nô này muốn đổi chủ", ZH, VI, (make_term(ZH, VI),))
    assert not decide_machine(pair).is_published
    assert [finding.severity for finding in judge_human(pair)] == [Severity.WARNING]


def test_gate_publishes_when_terms_are_unverified() -> None:
    pair = CheckInput("這位移工想換雇主", "Lao nô này muốn đổi chủ", ZH, VI, (make_term(ZH, VI, is_verified=False),))
    assert decide_machine(pair).is_published


def test_names_that_are_not_translated_are_no_copy_and_no_foreign_script() -> None:
    term = GlossaryTerm("Taiwan Mobile Prepaid Card", ("Taiwan Mobile Prepaid Card",), is_do_not_translate=True)
    pair = CheckInput("買 Taiwan Mobile Prepaid Card", "Mua Taiwan Mobile Prepaid Card", ZH, VI, (term,))
    assert pair.free_target.split() == ["Mua"]
    assert decide_machine(pair).is_published


@pytest.mark.parametrize("target", SIDES)
def test_forbidden_variant_is_replaced_and_then_passes(target: LanguageTag) -> None:
    source = ZH if target is not ZH else EN
    term = make_term(source, target)
    fixed, replaced = replace_forbidden(SIDES[target][3], source=SIDES[source][2], terms=(term,), language=target)
    assert len(replaced) == 1
    assert check(SIDES[source][2], fixed, target, term) == []


@pytest.mark.parametrize(
    ("language", "text", "fixed"),
    [
        (EN, "Foreign laborers came. A foreign laborer left.", "Migrant workers came. A migrant worker left."),
        (ID, "Kulinya datang", "Pekerja migrannya datang"),
        (ZH, "外勞與外勞中心", "移工與移工中心"),
    ],
)
def test_replacement_keeps_capitals_and_endings(language: LanguageTag, text: str, fixed: str) -> None:
    assert replace_forbidden(text, source="…", terms=(make_term(VI, language),), language=language)[0] == fixed


OTHER = GlossaryTerm("công nhân", ("外籍移工",), ("外勞",), is_verified=True, concept_id=2)


@pytest.mark.parametrize(
    ("language", "text", "source", "terms"),
    [
        (ZH, "外勞", "lao động", (make_term(VI, ZH, is_verified=False),)),
        (ZH, "外勞", "lao động", (make_term(VI, ZH), OTHER)),
        (ZH, "外勞", "lao động", (GlossaryTerm("lao động", (), ("外勞",), is_verified=True),)),
        (ZH, "外勞", "chữ 外勞", (make_term(VI, ZH),)),
        (EN, "An alien left", "…", (GlossaryTerm("x", ("migrant worker",), ("alien",), is_verified=True),)),
        (EN, "Two aliens left", "…", (GlossaryTerm("x", ("foreign party",), ("alien",), is_verified=True),)),
        (EN, "Some parties left", "…", (GlossaryTerm("x", ("worker",), ("party",), is_verified=True),)),
        (EN, "See https://a.tw/kuli now", "…", (GlossaryTerm("x", ("worker",), ("kuli",), is_verified=True),)),
    ],
)
def test_nothing_is_replaced_when_it_is_not_certain(
    language: LanguageTag, text: str, source: str, terms: tuple[GlossaryTerm, ...]
) -> None:
    assert replace_forbidden(text, source=source, terms=terms, language=language) == (text, ())
