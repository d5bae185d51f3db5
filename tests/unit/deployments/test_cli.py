"""The command line: what a user's mistakes look like."""

import http.server
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from deployments.config_file import PACKAGED
from hybridrec import __version__


@pytest.fixture
def busy_port() -> Iterator[int]:
    server = http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def hybridrec(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  our own command
        [sys.executable, "-m", "deployments.cli", *arguments],
        cwd=folder,
        env={
            "XDG_STATE_HOME": str(folder),
            "PATH": "",
            "PYTHONPATH": str(Path(__file__).parents[3]),
        },
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("train", "--data", "nowhere", "--out", "b"), "nowhere/tracks.parquet"),
        (("train", "--data", ".", "--out", "b", "--config", "c.toml"), "c.toml"),
        (("recommend", "--bundle", "b", "--users", "u.csv", "--out", "o.csv"), ".parquet"),
        (("inspect", "nowhere"), "there is no bundle at nowhere: "),
        (("up", "--bundle", "nowhere"), "manifest.json"),
        (("up", "--config", "nowhere.yaml"), "nowhere.yaml"),
        (("check", "nowhere.yaml"), "nowhere.yaml"),
        (("down", "--port", "1"), "1"),
        (("data", "import", "table", "--tracks", "t.csv", "--interactions", "i.csv", "--out", "d"),
         "t.csv"),
        (("recommend", "--bundle", "b", "--out", "o.parquet"), "--users"),
        (("data", "synth", "--out", "d", "--tracks", "3"), "--tracks"),
        (("recomend",), "recomend"),
    ],
    ids=["no_data", "no_options", "wrong_ending", "nothing_to_inspect", "no_bundle", "no_config",
         "nothing_to_check", "not_up", "no_table", "missing_option", "wrong_value", "no_command"],
)  # fmt: skip
def test_a_mistake_is_one_line_and_exit_code_2(
    tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    done = hybridrec(*arguments, folder=tmp_path)

    assert done.returncode == 2
    assert done.stderr.startswith("hybridrec: ")
    assert len(done.stderr.strip().splitlines()) == 1
    assert said in done.stderr


@pytest.mark.slow
def test_the_command_says_its_version(tmp_path: Path) -> None:
    done = hybridrec("--version", folder=tmp_path)

    assert (done.returncode, done.stdout, done.stderr) == (0, f"hybridrec {__version__}\n", "")


@pytest.mark.slow
@pytest.mark.parametrize("command", ["up", "demo"])
def test_a_port_in_use_names_the_process_and_the_cure(
    tmp_path: Path, busy_port: int, command: str
) -> None:
    done = hybridrec(command, "--port", str(busy_port), folder=tmp_path)

    assert done.returncode == 2
    assert f"port {busy_port} is in use by process" in done.stderr
    assert "PORT=" in done.stderr
    assert not (tmp_path / ".demo").exists()


@pytest.mark.slow
def test_a_configuration_is_sound_or_each_mistake_is_one_line(tmp_path: Path) -> None:
    sound = hybridrec("check", folder=tmp_path)
    text = PACKAGED.read_text().replace("num_cpus", "num_cpu").replace("port: 8000", "port: 0")
    (tmp_path / "serve_config.yaml").write_text(text)
    wrong = hybridrec("check", folder=tmp_path)

    assert (sound.returncode, sound.stderr) == (0, "")
    assert sound.stdout == f"{PACKAGED}: sound: 1 application, 5 deployments\n"
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert [line.split(": ", 1)[0] for line in wrong.stderr.splitlines()] == [
        f"serve_config.yaml:{number}"
        for number, line in enumerate(text.splitlines(), 1)
        if "num_cpu:" in line or "port: 0" in line
    ]
