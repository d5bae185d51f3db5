import pickle  # noqa: TID251  what Ray does with errors
from inspect import isabstract

import pytest

from hybridrec import errors
from hybridrec.errors import (
    ArtifactError,
    HybridRecError,
    InvalidConfig,
    InvalidData,
    InvalidQuery,
    StageUnavailable,
    VersionMissing,
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
