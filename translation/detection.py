"""Which language a text is written in, on what evidence, and when to say "not sure".

Order: script, then what the author declared, then the words of Latin text with the author's history as a prior, then a
threshold. There is no default language: without evidence the answer is ``und``, and somebody is asked.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping
from typing import Final

from translation.detection_latin import CANDIDATES, LatinVerdict, judge_latin
from translation.languages import LanguageTag
from translation.results import Basis, Detection
from translation.scripts import Script, count_variants, share_by_script
from translation.text import strip_for_detection

#: Languages are plain from far less; what comes after costs time and says nothing new.
_LOOKED_AT: Final = 2_000

#: From this share on, a script decides at once; from the smaller one on, it is more than a quoted name.
_DECIDES: Final = 0.5
_PRESENT: Final = 0.15
#: More kana than this for one Chinese character's weight, and the text is Japanese.
_KANA_PER_HAN: Final = 0.15

#: The Latin detector answers from this posterior and this share of known words on, and is sure from the second pair on.
_POSTERIOR: Final = 0.8
_KNOWN: Final = 0.5
_SURE_POSTERIOR: Final = 0.9
_SURE_KNOWN: Final = 0.67
_SURE_VOTES: Final = 4
#: A sentence in English or Indonesian may quote this much of another script ("perpanjang 居留證 di 移民署").
_QUOTED_AT_MOST: Final = 0.35
#: Vietnamese, plain by its own letters, may quote more ("Tôi muốn gia hạn 居留證 ở 移民署").
_FRAMED_AT_MOST: Final = 0.6
#: With more capitals than this, Latin words are names (of products, of people), not a sentence.
_NAMES: Final = 0.5

#: Odds for the language that an author always writes, against one never written.
_PRIOR_ODDS: Final = 4.0

# Certainty 1 is for people who confirmed and for clear scripts.
_DECLARED: Final = 0.95
_DECLARED_DOUBTED: Final = 0.5
_VARIANT_UNDECIDED: Final = 0.9
_DETECTED_AT_MOST: Final = 0.99

_LATIN: Final = frozenset(tag for tag in CANDIDATES if tag.is_known)
_CHINESE: Final = frozenset({LanguageTag.ZH_HANT, LanguageTag.ZH_HANS})
_SCRIPTS_OF_OURS: Final = frozenset({Script.HAN, Script.THAI, Script.KHMER})
_NOT_SURE: Final = Detection(tag=LanguageTag.UND, basis=Basis.UNKNOWN, confidence=0.0)


def detect_language(
    text: str, *, declared: LanguageTag | None = None, prior: Mapping[LanguageTag, float] | None = None
) -> Detection:
    """Identify the language of a text. Never raises, whatever the text.

    ``declared`` is what the author said of this text: it loses against the script and wins against the words of Latin
    text. ``prior`` is the author's history, any non-negative weights by language; it sways a close call between Latin
    languages by 4:1 at most. ``is_mixed`` says that a second language has a good part in the text.
    """
    cleaned = unicodedata.normalize("NFKC", strip_for_detection(text[:_LOOKED_AT]))[:_LOOKED_AT]
    if declared is LanguageTag.UND:
        declared = None
    shares = share_by_script(cleaned)
    latin = shares.pop(Script.LATIN, 0.0)
    if not shares:
        return _decide_by_words(judge_latin(cleaned, prior=_weigh_history(prior)), declared)

    script, share = next(iter(shares.items()))
    if shares.get(Script.KANA, 0.0) > _KANA_PER_HAN * shares.get(Script.HAN, 0.0):
        script = Script.KANA if script is Script.HAN else script
    verdict = judge_latin(cleaned, prior=_weigh_history(prior)) if latin else None
    is_mixed = _is_mixed(shares, verdict)
    if verdict is not None and (_owns_sentence(verdict, share) or (declared in _LATIN and share < _DECIDES)):
        found = _decide_by_words(verdict, declared if declared in _LATIN else None)
        return Detection(tag=found.tag, basis=found.basis, confidence=found.confidence, is_mixed=share >= _PRESENT)
    if script not in _SCRIPTS_OF_OURS:
        return _NOT_SURE
    return _decide_by_script(script, cleaned, share=max(share, _DECIDES), declared=declared, is_mixed=is_mixed)


def _decide_by_script(
    script: Script, text: str, *, share: float, declared: LanguageTag | None, is_mixed: bool
) -> Detection:
    """The language of a script of ours; for Chinese, the variant with more characters of its own."""
    if script is not Script.HAN:
        tag = LanguageTag.TH if script is Script.THAI else LanguageTag.KM
        return Detection(tag=tag, basis=Basis.SCRIPT, confidence=share, is_mixed=is_mixed)
    traditional, simplified = count_variants(text)
    if traditional != simplified:
        tag = LanguageTag.ZH_HANT if traditional > simplified else LanguageTag.ZH_HANS
        share *= max(traditional, simplified) / (traditional + simplified)
        return Detection(tag=tag, basis=Basis.SCRIPT, confidence=share, is_mixed=is_mixed)
    if declared in _CHINESE:
        return Detection(tag=declared, basis=Basis.DECLARED, confidence=share * _DECLARED, is_mixed=is_mixed)
    return Detection(
        tag=LanguageTag.ZH_HANT, basis=Basis.SCRIPT, confidence=share * _VARIANT_UNDECIDED, is_mixed=is_mixed
    )


def _decide_by_words(verdict: LatinVerdict, declared: LanguageTag | None) -> Detection:
    """Text in Latin letters, or without letters. A declared language of another script is believed unless the words are
    surely another: Thai and Khmer do get typed in Latin letters."""
    is_confident = (
        verdict.tag in _LATIN and verdict.probability >= _POSTERIOR and verdict.known_share >= _needed(verdict)
    )
    if declared in _LATIN or (declared is not None and not _is_sure(verdict)):
        is_doubted = (is_confident and verdict.tag is not declared) or (verdict.votes > 0 and declared not in _LATIN)
        return Detection(tag=declared, basis=Basis.DECLARED, confidence=_DECLARED_DOUBTED if is_doubted else _DECLARED)
    if verdict.tag is None or not is_confident:
        return _NOT_SURE
    return Detection(tag=verdict.tag, basis=Basis.DETECTED, confidence=min(verdict.probability, _DETECTED_AT_MOST))


def _needed(verdict: LatinVerdict) -> float:
    """Share of known words that is enough; a single word must be known."""
    return 1.0 if verdict.votes == 1 else _KNOWN


def _is_sure(verdict: LatinVerdict) -> bool:
    return verdict.tag in _LATIN and verdict.probability >= _SURE_POSTERIOR and verdict.known_share >= _SURE_KNOWN


def _owns_sentence(verdict: LatinVerdict, share: float) -> bool:
    """Whether the Latin part of a text is its frame, and the other script (``share``) only quoted in it."""
    if verdict.tag is LanguageTag.VI and verdict.probability >= _SURE_POSTERIOR:
        return share < (_FRAMED_AT_MOST if verdict.votes >= _SURE_VOTES and _is_sure(verdict) else _DECIDES)
    if share < _PRESENT:
        return verdict.tag in _LATIN and verdict.votes >= _SURE_VOTES and verdict.probability >= _POSTERIOR
    is_list_of_names = verdict.capital_share > _NAMES
    return share < _QUOTED_AT_MOST and verdict.votes >= _SURE_VOTES and _is_sure(verdict) and not is_list_of_names


def _is_mixed(shares: Mapping[Script, float], verdict: LatinVerdict | None) -> bool:
    """Whether a second language has a part of its own: another script, or Latin words that make a language together
    (not a name or an abbreviation)."""
    if sum(list(shares.values())[1:]) >= _PRESENT:
        return True
    if verdict is None or sum(shares.values()) > 1 - _PRESENT:
        return False
    return verdict.votes > 1 and verdict.capital_share <= _NAMES and _is_sure(verdict)


def _weigh_history(prior: Mapping[LanguageTag, float] | None) -> dict[LanguageTag, float]:
    """Odds from 1 (never written) to 4 (the most written) for the Latin languages."""
    weights = {tag: weight for tag, weight in (prior or {}).items() if tag in _LATIN and 0 < weight < math.inf}
    most = max(weights.values(), default=1.0)
    return {tag: 1 + (_PRIOR_ODDS - 1) * weight / most for tag, weight in weights.items()}
