import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybridrec.vocabulary import OUT_OF_VOCABULARY, PADDING, TermVocabulary, Vocabulary

NAMES = st.lists(st.text(max_size=3), max_size=12, unique=True)
TERMS = TermVocabulary.of(["rock", "jazz"])


@given(names=NAMES)
def test_every_id_is_found_at_its_own_row(names: list[str]) -> None:
    vocabulary = Vocabulary(tuple(names))

    assert len(vocabulary) == len(names)
    assert vocabulary.rows(names).tolist() == list(range(len(names)))
    assert [vocabulary.row(name) for name in names] == list(range(len(names)))


@given(names=NAMES, other=st.text(max_size=3))
def test_an_id_is_inside_exactly_where_it_has_a_row(names: list[str], other: str) -> None:
    vocabulary = Vocabulary(tuple(names))

    assert (other in vocabulary) == (other in names) == (vocabulary.row(other) >= 0)


def test_no_ids_have_no_rows() -> None:
    assert Vocabulary(()).rows([]).tolist() == []
    assert Vocabulary(()).rows(["a"]).tolist() == [-1]


@given(names=NAMES)
def test_every_term_is_named_by_its_row_and_none_takes_a_reserved_one(names: list[str]) -> None:
    terms = TermVocabulary.of(names)

    assert [terms.name(terms.row(name)) for name in names] == names
    assert {PADDING, OUT_OF_VOCABULARY}.isdisjoint(terms.row(name) for name in names)
    assert len(terms) == len(names) + 2


@pytest.mark.parametrize("row", [PADDING, OUT_OF_VOCABULARY], ids=["padding", "unknown"])
def test_a_reserved_row_has_no_name(row: int) -> None:
    assert TERMS.name(row) is None


@pytest.mark.parametrize(
    ("names", "rows"),
    [
        ([], [0, 0, 0]),
        (["jazz", "rock"], [3, 2, 0]),
        (["rock", "rock"], [2, 0, 0]),
        (["polka", "rock"], [2, 1, 0]),
        (["polka", "ska"], [1, 0, 0]),
        (["ska", "jazz", "polka", "rock"], [3, 2, 1]),
    ],
    ids=["none", "in order", "repeated", "known first", "unknown once", "many"],
)
def test_a_list_of_terms_is_padded(names: list[str], rows: list[int]) -> None:
    assert TERMS.padded([names], 3).tolist() == [rows]


@given(lists=st.lists(st.lists(st.sampled_from(["rock", "jazz", "ska"]))), width=st.integers(1, 4))
def test_padding_stands_at_the_end_and_no_row_twice(lists: list[list[str]], width: int) -> None:
    padded = TERMS.padded(lists, width)

    assert padded.shape == (len(lists), width)
    for row in padded.tolist():
        found = [value for value in row if value != PADDING]
        assert row == found + [PADDING] * (width - len(found))
        assert len(set(found)) == len(found)
