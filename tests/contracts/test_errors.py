import pickle  # noqa: TID251  what Ray does with errors
from inspect import isabstract

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybridrec import errors
from hybridrec.errors import (
    ArtifactError,
    HybridRecError,
    InvalidConfig,
    InvalidData,
    InvalidQuery,
    StageUnavailable,
    VersionMissing,
    printable,
)

EXAMPLES = [
    InvalidData("a.csv", "column plays", "2 rows"),
    InvalidQuery("k", "is 0"),
    InvalidConfig("option", "unknown"),
    ArtifactError("nmf.safetensors", "is truncated"),
    VersionMissing("v2", "v1"),
    StageUnavailable("nmf_scorer", "late"),
]


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_an_error_survives_the_way_between_processes(error: HybridRecError) -> None:
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301  our own bytes

    assert type(copy) is type(error)
    assert copy.args == error.args
    assert vars(copy) == vars(error)
    assert copy.detail == error.detail


def test_every_error_has_an_example_and_a_code_of_its_own() -> None:
    kinds = HybridRecError.__subclasses__()

    assert {type(error) for error in EXAMPLES} == set(kinds)
    assert len({kind.code for kind in kinds}) == len(kinds)
    assert not any(isabstract(kind) for kind in kinds)


def test_the_tree_in_the_docstring_is_complete() -> None:
    for kind in HybridRecError.__subclasses__():
        assert kind.__name__ in (errors.__doc__ or "")


@given(st.lists(st.text(st.characters(exclude_categories=()))))
def test_a_detail_is_one_line_that_a_terminal_only_shows(parts: list[str]) -> None:
    detail = InvalidData(*parts).detail

    assert detail.isprintable()
    assert printable(detail) == detail


@given(st.text())
def test_what_a_terminal_shows_as_it_is_stays_as_it_is(text: str) -> None:
    shown = "".join(character for character in text if character.isprintable())

    assert printable(shown) == shown


@pytest.mark.parametrize(
    ("raw", "escaped"),
    [
        ("\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m"),
        ("a\r\nb\tc", r"a\r\nb\tc"),
        ("abc\u202edef", r"abc\u202edef"),
        ("\x9b2J", r"\x9b2J"),
        ("zero\u200bwidth", r"zero\u200bwidth"),
        ("\udcff", r"\udcff"),
        ("Motörhead, 坂本龍一 🎧", "Motörhead, 坂本龍一 🎧"),
    ],
)
def test_what_a_terminal_obeys_or_hides_is_written_as_an_escape(raw: str, escaped: str) -> None:
    assert InvalidData("a.csv", raw).detail == f"a.csv: {escaped}"
