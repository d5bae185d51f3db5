"""Where ``HYBRIDREC_REQUIRE`` is set, no test is left out in silence."""

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

NEEDY = """
import pytest

@pytest.mark.needs("taste-profile")
def test_needy(): pass
"""
SKIPPED = """
import pytest

@pytest.mark.skip(reason="some day")
def test_marked(): pass

def test_gives_up(): pytest.skip("too tired")

@pytest.mark.xfail(reason="a known gap", strict=True)
def test_known_gap(): assert False

def test_good(): pass
"""


@pytest.fixture(autouse=True)
def _folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("HYBRIDREC_REQUIRE", raising=False)
    monkeypatch.setenv("HYBRIDREC_DATA", str(tmp_path))


def run(pytester: pytest.Pytester, test: str) -> pytest.RunResult:
    pytester.makepyfile(test)
    return pytester.runpytest("-p", "tests.parts", "-p", "no:cacheprovider", "--strict-markers")


def test_a_part_that_is_there_is_used(pytester: pytest.Pytester, tmp_path: Path) -> None:
    (tmp_path / "taste-profile").mkdir()

    run(pytester, NEEDY).assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("required", "outcome"), [(None, "skipped"), ("", "skipped"), (" taste-profile,", "failed")]
)
def test_a_missing_part_fails_only_where_it_is_required(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, required: str | None, outcome: str
) -> None:
    if required is not None:
        monkeypatch.setenv("HYBRIDREC_REQUIRE", required)

    result = run(pytester, NEEDY)

    counted = {"errors" if name == "error" else name for name in result.parseoutcomes()}
    assert counted == ({"errors"} if outcome == "failed" else {"skipped"})
    if outcome == "failed":
        result.stdout.fnmatch_lines(["*::test_needy needs taste-profile, and HYBRIDREC_REQUIRE*"])


def test_skips_pass_where_nothing_is_required(pytester: pytest.Pytester) -> None:
    run(pytester, SKIPPED).assert_outcomes(passed=1, skipped=2, xfailed=1)


def test_any_other_skip_fails_by_name_in_ci(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HYBRIDREC_REQUIRE", "")

    result = run(pytester, SKIPPED)

    result.assert_outcomes(passed=1, failed=1, errors=1, xfailed=1)
    result.stdout.fnmatch_lines(["*::test_marked was skipped, *: Skipped: some day"])
    result.stdout.fnmatch_lines(["*::test_gives_up was skipped, *: Skipped: too tired"])


def test_a_module_that_skips_itself_fails_in_ci(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HYBRIDREC_REQUIRE", "")

    result = run(pytester, "import pytest\npytest.importorskip('no_such_module')")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*was skipped, *no_such_module*"])


def test_a_misspelt_part_is_refused(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HYBRIDREC_REQUIRE", "taste-profiles")

    result = run(pytester, NEEDY)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*HYBRIDREC_REQUIRE names no part: taste-profiles"])
