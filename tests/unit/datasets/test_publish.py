"""Files of one folder are all new or all old, whenever their writer is killed."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from errno import ENOSPC, EPERM
from pathlib import Path

import pytest

from hybridrec.datasets.publish import publish
from hybridrec.errors import InvalidData

ROOT = Path(__file__).parents[3]
NAMES = ("truth", "tracks", "interactions")
KILLED = """
import errno, itertools, json, os, signal, sys
from pathlib import Path
from hybridrec.datasets.publish import publish
from hybridrec.errors import InvalidData

folder, knows, old, names = Path(sys.argv[1]), sys.argv[2], sys.argv[3].split(), sys.argv[4].split()
new = {name: lambda path: path.write_text("new") for name in names}

def fail(_):
    raise OSError(errno.ENOSPC, "No space left on device")

def killed_at(step):
    def on_event(event, _):
        nonlocal step
        if event in {"os.symlink", "os.link"} and knows == "nothing":
            raise PermissionError(errno.EPERM, "Operation not permitted")
        if event == "os.link" and knows == "links":
            raise PermissionError(errno.EPERM, "Operation not permitted")
        if event.split(".")[0] in {"os", "open", "shutil", "fcntl"} and event != "os.kill":
            step -= 1
            if step < 0:
                os.kill(os.getpid(), signal.SIGKILL)
    return on_event

def content():
    return [(folder / name).read_text() if (folder / name).exists() else None for name in names]

for step in itertools.count():
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        path.unlink()
    (folder / "notes").write_text("mine")
    for name in old:
        (folder / name).write_text("old")
    child = os.fork()
    if not child:
        sys.addaudithook(killed_at(step))
        publish(folder, new)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    found = content()
    try:
        publish(folder, dict.fromkeys(names, fail))
    except InvalidData:
        kept = content()
    publish(folder, new)
    left = sorted(os.listdir(folder))
    plain = all(not path.is_symlink() for path in folder.iterdir())
    print(json.dumps({"code": code, "found": found, "kept": kept, "then": content(),
                      "left": left, "plain": plain}))
    if code != -signal.SIGKILL:
        break
"""


def killed_at_every_step(folder: Path, knows: str, old: tuple[str, ...]) -> list[dict[str, object]]:
    """What is found after a writer is killed before each of its calls, and after the next one."""
    done = subprocess.run(  # noqa: S603  our own program
        [sys.executable, "-c", KILLED, str(folder), knows, " ".join(old), " ".join(NAMES)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    steps: list[dict[str, object]] = [json.loads(line) for line in done.stdout.splitlines()]
    assert [step["code"] for step in steps] == [-9] * (len(steps) - 1) + [0]
    assert len(steps) > 20
    for step in steps:
        assert step["kept"] == step["found"]  # by a next writer that fails
        assert step["then"] == ["new"] * 3  # by one that does not
        assert step["left"] == sorted(["notes", *NAMES])
        assert step["plain"]
    return steps


@pytest.mark.parametrize("knows", ["all", "links"], ids=["hard-links", "no-hard-links"])
@pytest.mark.parametrize("old", [NAMES, NAMES[1:], ()], ids=["all-old", "some-old", "none-old"])
def test_a_writer_killed_at_any_step_leaves_all_old_files_or_all_new_ones(
    tmp_path: Path, knows: str, old: tuple[str, ...]
) -> None:
    before = ["old" if name in old else None for name in NAMES]

    steps = killed_at_every_step(tmp_path / "out", knows, old)

    found = [step["found"] for step in steps]
    n_before = found.count(before)
    assert found == [before] * n_before + [["new"] * 3] * (len(found) - n_before)
    assert 0 < n_before < len(found)


def test_without_links_a_killed_writer_leaves_gaps_but_never_files_of_two_kinds(
    tmp_path: Path,
) -> None:
    steps = killed_at_every_step(tmp_path / "out", "nothing", NAMES)

    for step in steps:
        assert isinstance(step["found"], list)
        assert len({kind for kind in step["found"] if kind is not None}) == 1


def writers(
    *names: str, write: Callable[[Path], None] | None = None
) -> Mapping[str, Callable[[Path], None]]:
    def new(path: Path) -> None:
        path.write_text("new")

    return dict.fromkeys(names, write or new)


def fail(_: Path) -> None:
    raise OSError(ENOSPC, "No space left on device")


@pytest.mark.parametrize("is_there", [True, False], ids=["old-folder", "new-folder"])
def test_what_cannot_be_written_whole_leaves_the_folder_as_it_was(
    tmp_path: Path, *, is_there: bool
) -> None:
    out = tmp_path / "above" / "out"
    if is_there:
        out.mkdir(parents=True)
        (out / "one").write_bytes(b"old")

    with pytest.raises(InvalidData, match="No space left on device"):
        publish(out, {**writers("one"), **writers("two", write=fail)})

    assert [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()] == (
        [b"old"] if is_there else []
    )
    assert out.exists() == is_there
    assert out.parent.exists() == is_there


def test_links_that_lead_elsewhere_are_left_alone(tmp_path: Path) -> None:
    for name, target in (("self", "."), ("up", ".."), ("gone", "nowhere")):
        (tmp_path / name).symlink_to(target)

    publish(tmp_path, writers("one"))

    assert sorted(path.name for path in tmp_path.iterdir()) == ["gone", "one", "self", "up"]
    assert not (tmp_path / "one").is_symlink()


def test_a_failure_between_two_files_leaves_the_folder_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "one").write_text("old")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("old")
    (tmp_path / "two").symlink_to(elsewhere)
    replaced: list[Path] = []
    replace = Path.replace

    def failing(path: Path, target: Path) -> Path:
        replaced.append(target)
        if len(replaced) == 3:  # both names lead into the hidden folder, the last step fails
            raise OSError(EPERM, "Operation not permitted")
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", failing)
    with pytest.raises(InvalidData, match="Operation not permitted"):
        publish(tmp_path, writers("one", "two"))

    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == dict.fromkeys(
        ["one", "two", "elsewhere"], "old"
    )
    assert (tmp_path / "two").resolve() == elsewhere
    assert not (tmp_path / "one").is_symlink()


def test_a_folder_in_a_files_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "two").mkdir()

    with pytest.raises(InvalidData, match="its two is a folder"):
        publish(tmp_path, writers("one", "two"))

    assert [path.name for path in tmp_path.iterdir()] == ["two"]


def test_what_only_begins_like_a_hidden_folder_of_others_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / ".partial-thesis").mkdir()

    publish(tmp_path, writers("one"))

    assert sorted(path.name for path in tmp_path.iterdir()) == [".partial-thesis", "one"]


def test_a_second_writer_waits_for_the_first(tmp_path: Path) -> None:
    program = """
import sys
from pathlib import Path
from hybridrec.datasets.publish import publish

def write(path):
    print("writes", flush=True)
    sys.stdin.readline()
    path.write_text("first")

publish(Path(sys.argv[1]), {"one": write, "two": lambda path: path.write_text("first")})
"""
    second = (
        "import sys\nfrom pathlib import Path\n"
        "from hybridrec.datasets.publish import publish\n"
        "write = lambda path: path.write_text('second')\n"
        "publish(Path(sys.argv[1]), {'one': write, 'two': write})\n"
    )
    with subprocess.Popen(  # noqa: S603  our own program
        [sys.executable, "-c", program, str(tmp_path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "writes\n"
        with subprocess.Popen([sys.executable, "-c", second, str(tmp_path)], cwd=ROOT) as other:  # noqa: S603
            with pytest.raises(subprocess.TimeoutExpired):
                other.wait(timeout=1.0)
            first.communicate("\n", timeout=30)
            assert other.wait(timeout=30) == 0

    assert [(tmp_path / name).read_text() for name in ("one", "two")] == ["second"] * 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "two"]


def test_whoever_may_read_the_folder_may_follow_its_links_while_they_stand(tmp_path: Path) -> None:
    modes = []

    def write(path: Path) -> None:
        path.write_text("new")
        modes.append(path.parents[1].stat().st_mode & 0o777)

    publish(tmp_path, {"tracks": write})

    assert modes == [0o755]
