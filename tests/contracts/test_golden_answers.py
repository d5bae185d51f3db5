"""What is kept of golden bundles would tell any change of an answer."""

from collections.abc import Iterator
from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from hybridrec.persistence.manifest import FORMAT_VERSION
from tests.golden.answers import TOLERANCE, Answers, differences
from tests.golden.bundles import ANSWERS, folder_of

ANY_JSON: st.SearchStrategy[JsonValue] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inside: st.lists(inside) | st.dictionaries(st.text(), inside),
)
Parent = dict[str, JsonValue] | list[JsonValue]


def places(found: JsonValue) -> Iterator[tuple[Parent, str | int]]:
    """Everything that stands in a value, as whatever it stands in and where."""
    if isinstance(found, dict):
        for key, value in found.items():
            yield found, key
            yield from places(value)
    elif isinstance(found, list):
        for at, value in enumerate(found):
            yield found, at
            yield from places(value)


def at(parent: Parent, key: str | int) -> JsonValue:
    return parent[str(key)] if isinstance(parent, dict) else parent[int(key)]


def put(parent: Parent, key: str | int, value: JsonValue) -> None:
    if isinstance(parent, dict):
        parent[str(key)] = value
    else:
        parent[int(key)] = value


def other(value: JsonValue) -> JsonValue:
    """Something else of the same type, of numbers as near as may be told."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, float):
        return value + 2 * TOLERANCE * max(abs(value), 1)
    if isinstance(value, int):
        return value + 1
    return f"{value}!"


@pytest.fixture(scope="module")
def text() -> str:
    """What the bundle of today's format answers."""
    return (folder_of(FORMAT_VERSION) / ANSWERS).read_text(encoding="utf-8")


def test_answers_are_written_as_they_are_read(text: str) -> None:
    assert Answers.model_validate_json(text).as_text() == text


@pytest.mark.parametrize("name", ["a user, by meta_learning", "tracks, no predictor"])
def test_a_change_of_any_value_is_told(text: str, name: str) -> None:
    (kept,) = (one for one in Answers.model_validate_json(text).answers if one.name == name)
    changed: dict[str, JsonValue] = deepcopy(kept.answer)
    n_changed = 0

    for parent, key in places(changed):
        before = at(parent, key)
        if isinstance(before, dict | list):
            continue
        put(parent, key, other(before))
        assert len(list(differences(changed, kept.answer))) == 1, key
        put(parent, key, before)
        n_changed += 1

    assert n_changed > 50
    assert list(differences(changed, kept.answer)) == []


@given(ANY_JSON)
def test_a_value_is_like_itself(value: JsonValue) -> None:
    assert list(differences(value, deepcopy(value))) == []


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        ({"a": 1}, {}),
        ({}, {"a": None}),
        ([1, 2], [1]),
        ([], [None]),
        ([1, 2], [2, 1]),
        ({}, []),
        (1, True),
        (1, 1.0),
        (0.0, None),
        (0.0, float("inf")),
        ("", None),
    ],
    ids=str,
)
def test_what_is_not_the_same_is_told(found: JsonValue, wanted: JsonValue) -> None:
    assert len(list(differences(found, wanted))) > 0
    assert len(list(differences(wanted, found))) > 0


@pytest.mark.parametrize("size", [0.0, 0.5, -3.0, 4e6])
def test_numbers_that_differ_in_their_last_bits_are_the_same(size: float) -> None:
    assert list(differences(size, size + TOLERANCE / 2 * max(abs(size), 1))) == []
    assert list(differences(size, size + 2 * TOLERANCE * max(abs(size), 1))) != []
