"""docs/bundle.md says of bundles what the code holds them to, no more and no less."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from typing_extensions import override

from hybridrec.persistence.bundle import Bundle, open_bundle
from hybridrec.persistence.calibrators import FILE as CALIBRATORS
from hybridrec.persistence.calibrators import read_calibrators
from hybridrec.persistence.card import CARD, PAGE
from hybridrec.persistence.collaborative import load_nmf
from hybridrec.persistence.expected import Expected
from hybridrec.persistence.fusion import load_fusions
from hybridrec.persistence.knowledge import CATALOG, load_knowledge
from hybridrec.persistence.layout import ARRAYS, NETWORKS
from hybridrec.persistence.manifest import FORMAT_VERSION, MANIFEST
from hybridrec.persistence.models import load_audio_predictor, load_two_tower
from hybridrec.persistence.vocabularies import VOCABULARIES

ROOT = Path(__file__).parents[2]
PAGE_TEXT = (ROOT / "docs" / "bundle.md").read_text()
SOURCES = "".join(
    path.read_text()
    for path in [*ROOT.glob("hybridrec/persistence/*.py"), ROOT / "hybridrec/models/onnx.py"]
)
OTHERS = (MANIFEST, CATALOG, VOCABULARIES, CALIBRATORS, CARD, PAGE)
REFUSED = "## What is refused"


def rows_under(heading: str) -> list[str]:
    """The rows of the tables between a heading and the next one, their two lines of head left out.

    Raises:
        ValueError: the page has no such heading.
    """
    lines = PAGE_TEXT.splitlines()
    below = lines[lines.index(heading) + 1 :]
    end = next((at for at, line in enumerate(below) if line.startswith("#")), len(below))
    return [line for line in below[:end] if line.startswith("|")][2:]


def row_of(name: str, one: Expected) -> str:
    """An array's name, type, shape and range as the page says them."""
    shape = ", ".join(map(str, one.shape))
    return f"| `{name}` | {np.dtype(one.dtype)} | ({shape}) | {range_of(one)} |"


def range_of(one: Expected) -> str:
    """The values that an array may hold."""
    if one.dtype == "|b1":
        return "true or false"
    if one.cuts is not None:
        return f"from 0 to {one.cuts}, never falling"
    return _ends_of(one) + (", or NaN" if one.may_be_unknown else "")


def _ends_of(one: Expected) -> str:
    if one.below is not None:
        return f"{one.low:g} to below {one.below}"
    if np.isfinite(one.low) and np.isfinite(one.high):
        return f"{'above ' * one.is_positive}{one.low:g} to {one.high:g}"
    if np.isfinite(one.low):
        return f"above {one.low:g}" if one.is_positive else f"at least {one.low:g}"
    return "finite"


@pytest.mark.parametrize("file", ARRAYS)
def test_the_arrays_of_a_file_are_those_of_the_layout(file: str) -> None:
    said = [row.rsplit("|", 2)[0] + "|" for row in rows_under(f"### `{file}`")]

    assert said == [row_of(name, one) for name, one in ARRAYS[file].items()]


@pytest.mark.parametrize("file", NETWORKS)
def test_what_a_network_takes_and_gives_is_that_of_the_layout(file: str) -> None:
    def rows(way: str, arrays: Mapping[str, Expected]) -> list[str]:
        return [f"{row_of(name, one)} {way} |" for name, one in arrays.items()]

    signature = NETWORKS[file]

    assert rows_under(f"### `{file}`") == rows("in", signature.inputs) + rows(
        "out", signature.outputs
    )


def test_no_other_file_is_described() -> None:
    described = re.findall(r"^### `(.+)`$", PAGE_TEXT, re.MULTILINE)

    assert described == [*ARRAYS, *NETWORKS]


def readers() -> dict[str, set[str]]:
    """Who reads each file, by the page's table of files."""
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows_under("## Files")]
    return {name.strip("`"): set(re.findall(r"`(\w+)`", by)) for name, _, by in cells}


def test_the_files_are_all_that_there_are() -> None:
    assert sorted(readers()) == sorted([*ARRAYS, *NETWORKS, *OTHERS])


@dataclass(frozen=True, slots=True)
class Watched(Bundle):
    """A bundle that keeps the names of what is read."""

    read_so_far: set[str] = field(default_factory=lambda: {MANIFEST})

    @override
    def read(self, name: str) -> bytes:
        self.read_so_far.add(name)
        return Bundle.read(self, name)


def load_ingress(bundle: Bundle) -> None:
    """Reads as ``deployments.ingress`` does."""
    read_calibrators(bundle)
    load_knowledge(bundle)


@pytest.mark.parametrize(
    ("stage", "load"),
    [
        ("Ingress", load_ingress),
        ("NMFScorer", load_nmf),
        ("TwoTowerScorer", load_two_tower),
        ("AudioPredictor", load_audio_predictor),
        ("MetaFusion", load_fusions),
    ],
)
def test_a_stage_reads_the_files_that_the_page_says(
    tiny_bundle: Path, stage: str, load: Callable[[Bundle], object]
) -> None:
    watched = Watched(tiny_bundle, open_bundle(tiny_bundle).manifest)

    load(watched)

    assert watched.read_so_far == {file for file, by in readers().items() if stage in by}


def test_the_words_of_refusals_are_those_of_the_code() -> None:
    quoted = re.findall(r"`([^`]+)`", " ".join(row.split("|")[2] for row in rows_under(REFUSED)))
    said = [part.strip() for words in quoted for part in words.split("…") if part.strip()]

    assert said
    assert [words for words in said if words not in SOURCES] == []


def test_the_format_is_the_one_that_this_release_writes() -> None:
    assert f"# The bundle, format {FORMAT_VERSION}" in PAGE_TEXT.splitlines()
