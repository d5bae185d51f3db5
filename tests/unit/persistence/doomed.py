"""A process that writes a bundle and is killed on the way, as by ``kill -9`` or the system."""

import os
import resource
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from hybridrec.hybrid import HybridModel
from hybridrec.persistence.place import replacing_folder

LATER = "2027-01-01T00:00:00+00:00"
"""When what it writes was trained, by which it is told from what was there."""


def kill_at(event: str, nth: int) -> None:
    """Has this process killed when Python is about to do something for the n-th time.

    Args:
        event: ``write`` for a file that is opened to be written, or one of Python's audit events.
        nth: from 1.
    """
    seen = 0

    def watch(name: str, arguments: tuple[object, ...]) -> None:
        nonlocal seen
        if name == "open" and arguments[1] == "w":
            name = "write"
        seen += name == event
        if name == event and seen == nth:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)


def kill_when_a_file_is_longer(than: int) -> None:
    """Has the system kill this process as soon as it writes so many bytes into one file."""
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_FSIZE, (than, than))


def later_model(source: Path) -> HybridModel:
    """The model of a bundle, trained at another time."""
    model = HybridModel.load(source)
    return replace(model, provenance=model.provenance.model_copy(update={"created": LATER}))


def save(source: Path, target: Path) -> Callable[[], object]:
    """Saves as everyone does."""
    model = later_model(source)
    return lambda: model.save(target)


def save_in_two_steps(source: Path, target: Path) -> Callable[[], object]:
    """Replaces a bundle where the system cannot swap two folders."""
    later_model(source).save(target.parent / "later")
    files = {one.name: one.read_bytes() for one in (target.parent / "later").iterdir()}

    def write() -> None:
        with replacing_folder(target, lambda _one, _other: False) as folder:
            for name, data in files.items():
                (folder / name).write_bytes(data)

    return write


if __name__ == "__main__":
    way, event, number, source, target = sys.argv[1:]
    write = {"save": save, "two-steps": save_in_two_steps}[way](Path(source), Path(target))
    if event == "longer-than":
        kill_when_a_file_is_longer(int(number))
    else:
        kill_at(event, int(number))
    write()
