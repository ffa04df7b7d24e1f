"""``qiao models rerun``: what other models made goes back into the queue, and nothing else."""

from __future__ import annotations

from sqlalchemy import select

from app.core.clock import utc_now
from tests.commands.conftest import Qiao
from tests.models.packages import install_tiny_models
from translation.languages import LanguageTag
from translation.models import PUBLIC_SCOPE, Candidate, EngineSet, Translation, TranslationState
from translation.results import OriginKind
from translation.service.sources import add_source_text, request_translations

VI, ZH = LanguageTag.VI, LanguageTag.ZH_HANT


def add_machine_text(qiao: Qiao, version: str) -> int:
    with qiao.database.transaction() as session:
        source = add_source_text(
            session,
            text="Cảm ơn bạn.",
            declared=VI,
            prior={},
            scope=PUBLIC_SCOPE,
            engine_set=EngineSet.INSTALLED,
            now=utc_now(),
        )
        request_translations(session, sources=[source], targets=[ZH], now=utc_now())
        row = session.scalars(select(Translation).where(Translation.source_text_id == source.id)).one()
        row.state = TranslationState.MACHINE
        session.add(
            Candidate(
                translation_id=row.id,
                text="謝謝。",
                source_digest=source.digest,
                origin=OriginKind.MACHINE,
                engine="argos",
                model_version=version,
                is_active=True,
                created_at=utc_now(),
            )
        )
        return row.id


def read_state(qiao: Qiao, row_id: int) -> TranslationState:
    with qiao.database.reading() as session:
        return session.get_one(Translation, row_id).state


def test_text_of_an_earlier_model_goes_back_into_the_queue(migrated: Qiao) -> None:
    install_tiny_models(migrated.folder / "models", ["vi-en", "en-zt"])
    row_id = add_machine_text(migrated, "0.0+old>0.0+old")
    done = migrated.command("models", "rerun")
    assert (done.returncode, done.stderr.splitlines()[-1]) == (
        0,
        "1 texts will be translated again by a running worker.",
    )
    assert read_state(migrated, row_id) is TranslationState.PENDING


def test_nothing_happens_without_an_engine(migrated: Qiao) -> None:
    row_id = add_machine_text(migrated, "0.0+old")
    assert migrated.command("models", "rerun", "vi", "zh-Hant").returncode == 0
    assert read_state(migrated, row_id) is TranslationState.MACHINE


def test_half_a_pair_is_refused(migrated: Qiao) -> None:
    done = migrated.command("models", "rerun", "vi")
    assert done.returncode == 2
    assert "both languages" in done.stderr
