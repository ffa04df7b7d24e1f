"""The change of Chinese script under the contract."""

from __future__ import annotations

from contextlib import nullcontext

from tests.translation.engines.harnesses import Harness
from translation.engines.opencc import OpenccEngine
from translation.languages import LanguageTag

HARNESSES = (
    Harness(
        name="opencc",
        pair=(LanguageTag.ZH_HANS, LanguageTag.ZH_HANT),
        sentences={"大家好，软件。": "大家好，軟體。", "谢谢您！": "謝謝您！", "软件在这里吗？": "軟體在這裡嗎？"},
        make=lambda folder: nullcontext(OpenccEngine()),
    ),
)
