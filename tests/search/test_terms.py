from __future__ import annotations

from app.search.terms import MAX_TERMS, escape_like, split_query, split_question


def test_query_is_split_at_white_space_without_repetitions() -> None:
    assert split_query(" thẻ  cư trú thẻ\n") == ["thẻ", "cư", "trú"]
    assert len(split_query(" ".join(map(str, range(50))))) == MAX_TERMS


def test_question_gives_words_and_pairs_of_characters() -> None:
    assert split_question("Lost my ARC, 居留證?") == ["lost", "arc", "居留", "留證"]


def test_question_gives_terms_from_all_of_it_when_it_is_long() -> None:
    words = [f"word{number:02}" for number in range(36)]
    terms = split_question(" ".join(words))
    assert len(terms) == MAX_TERMS
    assert terms[0] == "word00"
    assert terms[-1] > "word30"


def test_wildcards_stand_for_themselves() -> None:
    assert escape_like("50%_\\") == "%50\\%\\_\\\\%"
