"""The glossary as TBX (ISO 30042): read in both of its generations, ``<martif>`` of 2008 and ``<tbx>`` of 2019, written
in either. Nothing outside the file is ever fetched, and a file that declares entities is refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Any, Final

import regex
from lxml import etree  # type: ignore[import-untyped]

from translation.glossary.drafts import ConceptDraft, TermDraft
from translation.glossary.exchange import MAX_BYTES, MAX_CONCEPTS, FileInvalidError, Row, make_row, mark_doubles
from translation.glossary.models import TermStatus
from translation.glossary.queries import ConceptView
from translation.languages import LANGUAGES, LanguageTag, find_language_tag

#: Values of administrativeStatus, with and without the suffix that older files have.
_STATUSES: Final = {
    "preferredterm": TermStatus.PREFERRED,
    "preferred": TermStatus.PREFERRED,
    "admittedterm": TermStatus.ADMITTED,
    "admitted": TermStatus.ADMITTED,
    "deprecatedterm": TermStatus.FORBIDDEN,
    "deprecated": TermStatus.FORBIDDEN,
    "supersededterm": TermStatus.FORBIDDEN,
    "superseded": TermStatus.FORBIDDEN,
}
_STATUS_NAMES: Final = {
    TermStatus.PREFERRED: "preferredTerm-admn-sts",
    TermStatus.ADMITTED: "admittedTerm-admn-sts",
    TermStatus.FORBIDDEN: "deprecatedTerm-admn-sts",
}
_ENTRIES: Final = frozenset({"termEntry", "conceptEntry"})
_LANGUAGE_PARTS: Final = frozenset({"langSet", "langSec"})
_TERM_PARTS: Final = frozenset({"tig", "ntig", "termSec"})
_XML: Final = "{http://www.w3.org/XML/1998/namespace}"
_TBX: Final = "urn:iso:std:iso:30042:ed-2"
_NOT_IN_KEY: Final = regex.compile(r"[^a-z0-9]+")
_SLUG: Final = regex.compile(r"[a-z0-9][a-z0-9-]{0,39}")


class TbxVersion(StrEnum):
    """``MARTIF`` is what most tools read, ``TBX3`` the present standard."""

    MARTIF = "tbx"
    TBX3 = "tbx3"


def parse_tbx(data: bytes, *, source_url: str = "") -> list[Row]:
    """The concepts of a TBX file. Languages that aren't ours are left out. ``source_url`` is for entries without one of
    their own. Raises :class:`~translation.glossary.exchange.FileInvalidError`."""
    root = _parse_xml(data)
    if _name(root) not in {"martif", "tbx"}:
        raise FileInvalidError(reason="not a TBX file")
    rows: list[Row] = []
    for number, entry in enumerate(_find(root, _ENTRIES), 1):
        if number > MAX_CONCEPTS:
            raise FileInvalidError(reason=f"more than {MAX_CONCEPTS} concepts")
        rows.append(make_row(number, _parse_entry(entry, number, source_url)))
    return mark_doubles(rows)


def _parse_xml(data: bytes) -> Any:
    if len(data) > MAX_BYTES:
        raise FileInvalidError(reason=f"larger than {MAX_BYTES // 1024**2} MB")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise FileInvalidError(reason=f"not XML: {str(error)[:200]}") from None
    declared = root.getroottree().docinfo.internalDTD
    if declared is not None and next(declared.iterentities(), None) is not None:
        raise FileInvalidError(reason="it declares entities")
    return root


def _parse_entry(entry: Any, number: int, source_url: str) -> ConceptDraft:
    terms: list[TermDraft] = []
    for part in _find(entry, _LANGUAGE_PARTS):
        language = find_language_tag(part.get(f"{_XML}lang") or part.get("lang") or "")
        if language in LANGUAGES:
            terms += _parse_language(part, language)
    subject = _SLUG.fullmatch(_find_value(entry, "subjectField").strip().lower())
    return ConceptDraft(
        key=_make_key(entry, terms, number),
        category=subject[0] if subject else None,
        source_url=_find_url(entry) or source_url,
        note=next((_text(note) for note in entry if _name(note) == "note"), None) or _find_value(entry, "definition"),
        is_do_not_translate=_find_value(entry, "Translation needed").strip().lower() == "no",
        terms=tuple(terms),
    )


def _parse_language(part: Any, language: LanguageTag) -> Iterator[TermDraft]:
    seen: set[str] = set()
    has_preferred = False
    found = [(_find_text(group), _find_status(group)) for group in _find(part, _TERM_PARTS)]
    # Where the file names no preferred one, the first is it.
    needs_preferred = all(status is not TermStatus.PREFERRED for _, status in found)
    for text, status in found:
        if not text or text in seen:
            continue
        seen.add(text)
        if status is None:
            status = TermStatus.ADMITTED if has_preferred or not needs_preferred else TermStatus.PREFERRED
        elif status is TermStatus.PREFERRED and has_preferred:
            status = TermStatus.ADMITTED
        has_preferred = has_preferred or status is TermStatus.PREFERRED
        yield TermDraft(language, text, status)


def _find_text(group: Any) -> str:
    return next((" ".join(_text(term).split()) for term in _find(group, frozenset({"term"}))), "")


def _find_status(group: Any) -> TermStatus | None:
    value = _find_value(group, "administrativeStatus") or _find_value(group, "normativeAuthorization")
    return _STATUSES.get(value.strip().lower().removesuffix("-admn-sts"))


def _find_url(entry: Any) -> str:
    """The first address that says where the entry comes from."""
    for element in entry.iter():
        if _name(element) in {"xref", "ref", "admin", "externalCrossReference", "source"}:
            url = element.get("target") or _text(element)
            if url.startswith(("http://", "https://")):
                return str(url)
    return ""


def _find_value(element: Any, category: str) -> str:
    """The text of a data category, written as an attribute (``<descrip type="…">``) or as an element of its own."""
    for child in element.iter():
        if child.get("type") == category or _name(child) == category:
            return _text(child)
    return ""


def _make_key(entry: Any, terms: Iterable[TermDraft], number: int) -> str:
    given = entry.get(f"{_XML}id") or entry.get("id") or ""
    english = next((term.text for term in terms if term.language is LanguageTag.EN), "")
    for text in (given, english):
        if key := _NOT_IN_KEY.sub("-", text.lower()).strip("-")[:80].strip("-"):
            return key
    return f"entry-{number}"


def _find(element: Any, names: frozenset[str]) -> Iterator[Any]:
    return (child for child in element.iter() if _name(child) in names)


def _name(element: Any) -> str:
    # What is no element (an entity that isn't resolved) has no name.
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _text(element: Any) -> str:
    return "".join(element.itertext()).strip()


def format_tbx(concepts: Iterable[ConceptView], *, version: TbxVersion) -> bytes:
    """A TBX-Basic file in UTF-8. Who has verified a name is not in it; where it comes from is."""
    is_new = version is TbxVersion.TBX3
    root = etree.Element(
        "tbx" if is_new else "martif",
        {"type": "TBX-Basic", f"{_XML}lang": "en", **({"style": "dca"} if is_new else {})},
        nsmap={None: _TBX} if is_new else None,
    )
    header = etree.SubElement(root, "tbxHeader" if is_new else "martifHeader")
    source = etree.SubElement(etree.SubElement(header, "fileDesc"), "sourceDesc")
    etree.SubElement(source, "p").text = "Glossary of a Qiao installation"
    body = etree.SubElement(etree.SubElement(root, "text"), "body")
    for concept in concepts:
        _add_entry(body, concept, is_new=is_new)
    kind = "" if is_new else '<!DOCTYPE martif SYSTEM "TBXBasiccoreStructV02.dtd">'
    written: bytes = etree.tostring(
        root, encoding="UTF-8", xml_declaration=True, pretty_print=True, doctype=kind or None
    )
    return written


def _add_entry(body: Any, concept: ConceptView, *, is_new: bool) -> None:
    # An id begins with a letter or a line; the line goes when it is read.
    identifier = concept.key if concept.key[0].isalpha() else f"_{concept.key}"
    entry = etree.SubElement(body, "conceptEntry" if is_new else "termEntry", id=identifier)
    if concept.category is not None:
        etree.SubElement(entry, "descrip", type="subjectField").text = concept.category
    if concept.is_do_not_translate:
        etree.SubElement(entry, "descrip", type="Translation needed").text = "No"
    etree.SubElement(entry, "xref", type="externalCrossReference", target=concept.source_url).text = concept.source_url
    if concept.note is not None:
        etree.SubElement(entry, "note").text = concept.note
    for language in LANGUAGES:
        names = [term for term in concept.terms if term.language is language]
        if not names:
            continue
        part = etree.SubElement(entry, "langSec" if is_new else "langSet", {f"{_XML}lang": language.value})
        for name in names:
            group = etree.SubElement(part, "termSec" if is_new else "tig")
            etree.SubElement(group, "term").text = name.text
            etree.SubElement(group, "termNote", type="administrativeStatus").text = _STATUS_NAMES[name.status]
