from pathlib import Path

from hybridrec.explanations import kinds
from hybridrec.explanations.notes import notes_for
from hybridrec.explanations.reasons import reasons_for
from tests.golden.explanations import CASES, rendered

GOLDEN = Path(__file__).parents[2] / "golden" / "explanations.txt"


def test_the_sentences_are_those_that_were_read_and_found_good() -> None:
    assert rendered() == GOLDEN.read_text(encoding="utf-8")


def test_each_case_has_a_name_and_facts_of_its_own() -> None:
    assert len({case.name for case in CASES}) == len(CASES)
    assert len({(case.facts, case.standing, case.confidence) for case in CASES}) == len(CASES)


def test_every_kind_of_reason_and_note_is_among_them() -> None:
    told = {reason.kind for case in CASES for reason in reasons_for(case.facts)}
    told |= {kind for case in CASES for kind in notes_for(case.standing)}

    assert told == {value for name, value in vars(kinds).items() if name.isupper()}
