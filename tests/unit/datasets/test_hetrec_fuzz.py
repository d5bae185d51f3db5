"""Any damage to a release of HetRec is read around or refused in one line."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import event, given, settings
from hypothesis import strategies as st

from hybridrec.datasets.hetrec import read_hetrec
from hybridrec.errors import InvalidData
from tests.unit.datasets.canonical_form import assert_canonical
from tests.unit.datasets.hetrec_release import ARTISTS, PLAYS, TAGGINGS, TAGS, write_release

FILES = {
    "artists.dat": ARTISTS,
    "tags.dat": TAGS,
    "user_artists.dat": PLAYS,
    "user_taggedartists.dat": TAGGINGS,
}
CELLS = st.text(max_size=4) | st.integers(-1, 9).map(str) | st.sampled_from(["9" * 400, "1e3", "٣"])
BYTES = st.binary(max_size=3) | CELLS.map(str.encode) | st.sampled_from([b"\t", b"\n", b"\r\n"])


@settings(max_examples=150, deadline=None)
@given(file=st.sampled_from([*FILES]), place=st.floats(0, 1), length=st.integers(0, 6), new=BYTES)
def test_a_damaged_release_is_read_or_refused(
    file: str, place: float, length: int, new: bytes
) -> None:
    with TemporaryDirectory() as name:
        path = write_release(Path(name)) / file
        content = path.read_bytes()
        start = round(place * len(content))
        path.write_bytes(content[:start] + new + content[start + length :])
        try:
            dataset = read_hetrec(path.parent).dataset
        except InvalidData as refused:
            event("refused")
            detail = refused.detail
        else:
            event("read")
            assert_canonical(dataset)
            detail = ""

    assert "\n" not in detail
    assert not detail or Path(detail.partition(": ")[0]).name in FILES
