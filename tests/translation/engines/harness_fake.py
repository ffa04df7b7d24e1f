"""The tests' own fake under the contract: what stands above engines is tested on it."""

from __future__ import annotations

from contextlib import nullcontext

from tests.translation.engines.fake import FakeEngine
from tests.translation.engines.harnesses import Fault, Harness
from translation.engines.base import EngineError
from translation.languages import LanguageTag

EN_VI = (LanguageTag.EN, LanguageTag.VI)

HARNESSES = (
    Harness(
        name="fake",
        pair=EN_VI,
        sentences={word: f"[en>vi] {word}" for word in ("One.", "Two.", "Three.")},
        make=lambda folder: nullcontext(FakeEngine([EN_VI])),
        faults={
            Fault.MODEL_MISSING: lambda folder: nullcontext(FakeEngine([])),
            Fault.CRASH: lambda folder: nullcontext(FakeEngine([EN_VI], fail=lambda text: EngineError(engine="fake"))),
        },
    ),
)
