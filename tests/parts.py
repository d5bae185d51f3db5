"""Parts that a checkout may lack, and the promise that nothing is skipped where they are.

``@pytest.mark.needs("taste-profile")`` skips a test where that part is missing. Where
``HYBRIDREC_REQUIRE`` is set, to names of parts with commas between, as in CI, such a test fails if
the part is among them, and a test that is skipped for any other reason fails, whatever it names.
"""

import os
from collections.abc import Callable, Generator, Mapping
from ctypes import CDLL
from pathlib import Path

import pytest

VARIABLE = "HYBRIDREC_REQUIRE"


def real_data() -> Path:
    """Where real listening data may lie."""
    return Path(os.environ.get("HYBRIDREC_DATA", "../shared/data"))


def taste_profile() -> Path:
    """The Taste Profile, as canonical tables."""
    return real_data() / "taste-profile"


def hetrec2011() -> Path:
    """HetRec 2011 Last.fm-2K, as it was released."""
    return real_data() / "hetrec2011-lastfm-2k"


def has_gpu() -> bool:
    """Whether CUDA's driver is here and finds a device."""
    try:
        return bool(CDLL("libcuda.so.1").cuInit(0) == 0)
    except OSError:
        return False


PARTS: Mapping[str, Callable[[], bool]] = {
    "taste-profile": lambda: taste_profile().is_dir(),
    "hetrec2011": lambda: hetrec2011().is_dir(),
    "gpu": has_gpu,
}
"""Whether a part is there, by name."""


_IS_MISSING = pytest.StashKey[bool]()


def required() -> frozenset[str] | None:
    """Names of the parts that must be there; None if anything may be skipped."""
    value = os.environ.get(VARIABLE)
    if value is None:
        return None
    return frozenset(name.strip() for name in value.split(",") if name.strip())


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs(*parts): skipped where a part of PARTS is missing")
    if unknown := sorted((required() or frozenset()) - PARTS.keys()):
        raise pytest.UsageError(f"{VARIABLE} names no part: {', '.join(unknown)}")


def pytest_runtest_setup(item: pytest.Item) -> None:
    for name in (part for mark in item.iter_markers("needs") for part in mark.args):
        if PARTS[name]():
            continue
        if name in (required() or ()):
            pytest.fail(
                f"{item.nodeid} needs {name}, and {VARIABLE} says that it is here", pytrace=False
            )
        item.stash[_IS_MISSING] = True
        pytest.skip(f"{name} is not here")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    has_good_reason = hasattr(report, "wasxfail") or _IS_MISSING in item.stash
    if report.skipped and not has_good_reason:
        _fail_if_required(report, item.nodeid)
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if report.skipped:
        _fail_if_required(report, collector.nodeid)
    return report


def _fail_if_required(report: pytest.TestReport | pytest.CollectReport, name: str) -> None:
    if required() is not None:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{name} was skipped, where {VARIABLE} allows no skip: {reason}"
