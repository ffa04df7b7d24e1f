"""What people do to translations: vouch for them, correct them, report them."""

from __future__ import annotations

import pytest

from tests.translation.service.desk import HUMAN, KM, TEXT, Desk
from translation.models import (
    Grade,
    TranslationState,
)
from translation.results import Severity
from translation.service.verification import (
    CandidateChangedError,
    ChecksFailedError,
    ReportReason,
    TranslationNotFoundError,
    report_translation,
)


def test_a_text_somebody_else_wrote_is_not_overwritten_unseen(desk: Desk) -> None:
    source = desk.add()
    theirs = desk.submit(source)
    with pytest.raises(CandidateChangedError) as raised:
        desk.submit(source, "別的翻譯", by=8)
    assert raised.value.data == {"mine": "別的翻譯", "theirs": HUMAN, "source": TEXT}
    assert desk.view(source).text == HUMAN
    desk.submit(source, "別的翻譯", by=8, base=theirs.id)


def test_a_second_person_who_confirms_makes_it_two(desk: Desk) -> None:
    source = desk.add()
    first = desk.submit(source, by=7)
    same = desk.submit(source, by=7, base=first.id)
    assert desk.view(source).grade is Grade.ONE
    desk.submit(source, by=8, base=same.id)
    assert desk.view(source).grade is Grade.TWO


@pytest.mark.parametrize(("text", "code"), [("", "text.empty"), ("\ud800", "text.surrogate")])
def test_what_is_no_text_is_refused(desk: Desk, text: str, code: str) -> None:
    with pytest.raises(Exception) as raised:
        desk.submit(desk.add(), text)
    assert getattr(raised.value, "code", None) == code


def test_errors_block_and_warnings_pass_when_accepted(desk: Desk) -> None:
    source = desk.add("Lệ phí là 1000 Đài tệ.")
    with pytest.raises(ChecksFailedError) as copied:
        desk.submit(source, "Lệ phí là 1000 Đài tệ.", accept=True)
    assert Severity.ERROR in {finding.severity for finding in copied.value.data["findings"]}
    with pytest.raises(ChecksFailedError) as wrong:
        desk.submit(source, "費用是900元。", accept=False)
    assert {finding.severity for finding in wrong.value.data["findings"]} == {Severity.WARNING}
    assert desk.submit(source, "費用是900元。", accept=True).text == "費用是900元。"


def test_a_reported_text_stays_shown_and_is_told_once(desk: Desk) -> None:
    source = desk.add()
    desk.run()
    desk.heard.clear()
    for _ in range(2):
        _report(desk, source)
    view = desk.view(source)
    assert (view.state, view.is_reported) == (TranslationState.MACHINE, True)
    assert len(desk.heard) == 1
    desk.submit(source)
    assert not desk.view(source).is_reported


def _report(desk: Desk, source: int) -> None:
    with desk.db.transaction() as session:
        report_translation(
            session,
            translation_id=desk.row(source).id,
            account_id=3,
            reason=ReportReason.MEANING,
            note="  ",
            now=desk.clock(),
        )


def test_what_is_not_shown_can_not_be_reported(desk: Desk) -> None:
    source = desk.add(TEXT, KM)
    desk.run()
    with pytest.raises(TranslationNotFoundError), desk.db.transaction() as session:
        report_translation(
            session,
            translation_id=desk.row(source, KM).id,
            account_id=3,
            reason=ReportReason.OTHER,
            note=None,
            now=desk.clock(),
        )
