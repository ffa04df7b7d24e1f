"""Fixing the pivot once: a person's English is where the machine goes on from, and no person's text is touched."""

from __future__ import annotations

from tests.translation.engines.fake import FakeEngine
from tests.translation.service.desk import EN, HUMAN, KM, TABLE, TEXT, VI, ZH, Desk
from translation.languages import LanguageTag
from translation.models import Candidate, EngineSet, SourceText, TranslationState, WaitReason
from translation.results import CheckCode, OriginKind
from translation.service.sources import request_translations, set_source_language, withdraw_sources

TH = LanguageTag.TH
ENGLISH = "Which documents do I need to extend my residence card?"
IN_KHMER = "តើខ្ញុំត្រូវការឯកសារអ្វីខ្លះដើម្បីបន្តប័ណ្ណស្នាក់នៅ?"
FIXED = "我要延長居留證的期限，需要準備哪些文件？"


def _desk(desk: Desk) -> FakeEngine:
    """An engine that knows the way from the better English, into Khmer too, which nobody reaches from Vietnamese."""
    table = TABLE | {(ENGLISH, (EN, ZH)): FIXED, (ENGLISH, (EN, KM)): IN_KHMER}
    return desk.use(FakeEngine({(VI, EN), (EN, ZH)}, table=table))


def _shown(desk: Desk, source: int, target: LanguageTag = ZH) -> tuple[TranslationState, str | None]:
    view = desk.view(source, target)
    return view.state, view.text


def _ask(desk: Desk, source_id: int, target: LanguageTag) -> None:
    with desk.db.transaction() as session:
        source = session.get_one(SourceText, source_id)
        request_translations(session, sources=[source], targets=[target], now=desk.clock())


def test_machine_text_through_english_is_made_again_from_a_persons_english(desk: Desk) -> None:
    _desk(desk)
    source = desk.add(TEXT, ZH, EN)
    desk.run()
    before = desk.view(source).text
    english = desk.submit(source, ENGLISH, target=EN)
    # The page is never blank in between.
    assert desk.view(source).text == before
    assert desk.view(source).underlying is TranslationState.PENDING
    desk.run()
    assert _shown(desk, source) == (TranslationState.MACHINE, FIXED)
    origin = desk.view(source).origin
    assert origin is not None
    assert (origin.kind, origin.route) == (OriginKind.MACHINE, ("vi", "en", "zh-Hant"))
    assert desk.row(source).bridge_candidate_id == english.id
    assert desk.row(source).stale_candidate_id is None


def test_a_correction_of_the_english_is_followed_and_a_mere_confirmation_is_not(desk: Desk) -> None:
    _desk(desk)
    source = desk.add(TEXT, ZH, EN)
    desk.run()
    first = desk.submit(source, "What papers do I want?", target=EN)
    desk.run()
    assert desk.view(source).text != FIXED
    second = desk.submit(source, ENGLISH, target=EN, base=first.id)
    desk.run()
    assert _shown(desk, source) == (TranslationState.MACHINE, FIXED)
    desk.submit(source, ENGLISH, target=EN, base=second.id, by=8)
    assert desk.row(source).state is TranslationState.MACHINE


def test_a_text_that_is_asked_for_later_starts_from_the_persons_english(desk: Desk) -> None:
    engine = _desk(desk)
    source = desk.add(TEXT, EN)
    desk.submit(source, ENGLISH, target=EN)
    _ask(desk, source, ZH)
    desk.run()
    assert _shown(desk, source) == (TranslationState.MACHINE, FIXED)
    assert engine.calls == [((EN, ZH), [ENGLISH])]


def test_what_no_engine_could_do_becomes_possible(desk: Desk) -> None:
    engine = _desk(desk)
    engine.pairs = frozenset({(EN, KM)})
    source = desk.add(TEXT, KM, TH, EN)
    desk.run()
    assert desk.view(source, KM).reason is WaitReason.NO_ENGINE
    desk.submit(source, ENGLISH, target=EN)
    desk.run()
    assert _shown(desk, source, KM) == (TranslationState.MACHINE, IN_KHMER)
    # From English there is none into Thai either.
    assert desk.view(source, TH).reason is WaitReason.NO_ENGINE


def test_held_text_is_tried_again(desk: Desk) -> None:
    engine = _desk(desk)
    engine._table = {**engine._table, (TABLE[TEXT, (VI, EN)], (EN, ZH)): "no Chinese at all in this"}
    source = desk.add(TEXT, ZH, EN)
    desk.run()
    assert desk.view(source).reason is WaitReason.HELD
    desk.submit(source, ENGLISH, target=EN)
    desk.run()
    assert _shown(desk, source) == (TranslationState.MACHINE, FIXED)


def test_what_goes_straight_is_left_alone(desk: Desk) -> None:
    engine = desk.use(FakeEngine({(VI, EN), (VI, ZH)}, table={(TEXT, (VI, ZH)): FIXED}))
    source = desk.add(TEXT, ZH, EN)
    desk.run()
    asked = len(engine.calls)
    desk.submit(source, ENGLISH, target=EN)
    assert desk.row(source).state is TranslationState.MACHINE
    desk.run()
    assert len(engine.calls) == asked


def test_a_persons_text_is_never_touched_and_marked_for_a_look_when_it_began_at_the_machines(desk: Desk) -> None:
    _desk(desk)
    source = desk.add(TEXT, ZH, EN)
    desk.run()
    mine = desk.submit(source, HUMAN)
    english = desk.submit(source, ENGLISH, target=EN)
    desk.run()
    assert _shown(desk, source) == (TranslationState.VERIFIED, HUMAN)
    assert desk.row(source).bridge_candidate_id == english.id
    # Looking at it answers the question.
    desk.submit(source, HUMAN, base=mine.id, by=8)
    assert desk.row(source).bridge_candidate_id is None


def test_a_person_who_wrote_from_the_original_is_not_asked_again(desk: Desk) -> None:
    _desk(desk)
    source = desk.add(TEXT, ZH, EN)
    desk.submit(source, HUMAN)
    desk.run()
    desk.submit(source, ENGLISH, target=EN)
    assert desk.row(source).bridge_candidate_id is None


def test_nobody_is_asked_again_when_the_machines_english_was_right(desk: Desk) -> None:
    _desk(desk)
    source = desk.add(TEXT, ZH, EN)
    desk.run()
    desk.submit(source, HUMAN)
    desk.submit(source, TABLE[TEXT, (VI, EN)], target=EN)
    assert desk.row(source).bridge_candidate_id is None


def test_the_gate_compares_with_what_the_author_wrote(desk: Desk) -> None:
    text = "Phí là 3000 Đài tệ."
    table = {("It is 3000 dollars.", (EN, ZH)): "費用是3000元。", ("It is 5000 dollars.", (EN, ZH)): "費用是5000元。"}
    desk.use(FakeEngine({(EN, ZH)}, table=table))
    right, wrong = desk.add(text, ZH, EN), desk.add(text + " Cảm ơn.", ZH, EN)
    desk.submit(right, "It is 3000 dollars.", target=EN)
    # The person's slip is the machine's faithful copy: only the original tells.
    desk.submit(wrong, "It is 5000 dollars.", target=EN)
    desk.run()
    assert _shown(desk, right) == (TranslationState.MACHINE, "費用是3000元。")
    view = desk.view(wrong)
    assert (view.state, view.reason) == (TranslationState.WAITING, WaitReason.HELD)
    assert {CheckCode.NUMBERS, CheckCode.MONEY} & {finding.code for finding in view.checks}


def test_an_engine_that_copies_the_english_is_held(desk: Desk) -> None:
    """Both are in Latin letters, so that only a look at the English shows it."""
    english = "You need your passport and two photographs."
    desk.use(FakeEngine({(EN, VI)}, table={(english, (EN, VI)): english}))
    source = desk.add("你需要護照和兩張照片。", VI, EN)
    desk.submit(source, english, target=EN)
    desk.run()
    assert desk.view(source, VI).reason is WaitReason.HELD


def test_what_people_know_of_the_original_goes_before_the_english(desk: Desk) -> None:
    _desk(desk)
    desk.submit(desk.add(), HUMAN)
    source = desk.add(TEXT, EN)
    desk.submit(source, ENGLISH, target=EN)
    part = desk.add(f"{TEXT}\n{TEXT}", ZH, EN)
    desk.submit(part, ENGLISH, target=EN)
    desk.run()
    assert _shown(desk, part) == (TranslationState.VERIFIED, f"{HUMAN}\n{HUMAN}")


def test_text_that_people_know_of_the_english_is_still_the_machines(desk: Desk) -> None:
    _desk(desk)
    desk.submit(desk.add(ENGLISH, declared=EN), FIXED)
    source = desk.add(TEXT, ZH, EN)
    desk.submit(source, ENGLISH, target=EN)
    desk.run()
    assert _shown(desk, source) == (TranslationState.MACHINE, FIXED)


def test_a_worker_that_began_before_the_correction_writes_nothing(desk: Desk) -> None:
    _desk(desk)
    source = desk.add(TEXT, ZH, EN)
    late = desk.translate([item for item in desk.claim() if item.target is ZH])
    desk.submit(source, ENGLISH, target=EN)
    desk.finish(late)
    assert desk.candidates(source, ZH) == []
    desk.run()
    assert _shown(desk, source) == (TranslationState.MACHINE, FIXED)


def test_readers_keep_the_old_text_when_nothing_better_comes(desk: Desk) -> None:
    engine = _desk(desk)
    source = desk.add(TEXT, ZH, EN)
    desk.run()
    before = _shown(desk, source)
    engine._table = {**engine._table, (ENGLISH, (EN, ZH)): "no Chinese at all in this"}
    desk.submit(source, ENGLISH, target=EN)
    desk.run()
    assert _shown(desk, source) == before
    assert [candidate.is_active for candidate in desk.candidates(source, ZH)] == [True]


def test_english_from_memory_is_as_good(desk: Desk) -> None:
    _desk(desk)
    desk.submit(desk.add(TEXT, EN), ENGLISH, target=EN)
    source = desk.add(TEXT, ZH)
    desk.run()
    assert desk.view(source).text != FIXED
    _ask(desk, source, EN)
    desk.run()
    assert _shown(desk, source) == (TranslationState.MACHINE, FIXED)


def test_withdrawn_and_edited_texts_stay_what_they_are(desk: Desk) -> None:
    _desk(desk)
    withdrawn = desk.add(TEXT, ZH, EN)
    edited = desk.add(TEXT, ZH, EN)
    desk.run()
    desk.submit(withdrawn, ENGLISH, target=EN)
    with desk.db.transaction() as session:
        withdraw_sources(session, source_text_ids=[withdrawn], now=desk.clock())
    desk.edit(edited, TEXT + " Cảm ơn.", ZH, EN)
    desk.run()
    assert desk.row(withdrawn).state is TranslationState.WITHDRAWN
    assert desk.row(withdrawn).bridge_candidate_id is None
    assert desk.candidates(withdrawn) == []
    assert desk.row(edited).state is TranslationState.STALE


def test_a_corrected_language_forgets_the_bridge(desk: Desk) -> None:
    _desk(desk)
    source = desk.add(TEXT, ZH, EN)
    desk.submit(source, ENGLISH, target=EN)
    with desk.db.transaction() as session:
        set_source_language(
            session, source_text_ids=[source], language=LanguageTag.ID, confirmed_by_id=1, now=desk.clock()
        )
    assert desk.row(source).bridge_candidate_id is None
    [item] = [item for item in desk.claim() if item.target is ZH]
    assert item.bridge is None


def test_the_demo_goes_on_from_english_with_its_own_engines_only(desk: Desk) -> None:
    _desk(desk)
    source = desk.add(TEXT, ZH, EN, engine_set=EngineSet.DEMO)
    desk.submit(source, ENGLISH, target=EN)
    desk.run()
    assert desk.view(source).reason is WaitReason.NO_ENGINE
    with desk.db.reading() as session:
        assert session.query(Candidate).count() == 1
