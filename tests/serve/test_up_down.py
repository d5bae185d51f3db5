"""``hybridrec up`` and ``down`` as a user runs them: nothing stays behind, however it ends."""

import os
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from deployments import ports
from deployments.config_file import default_config
from tests.serve.terminal import GONE_S, Terminal

pytestmark = pytest.mark.serve


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    # short: Ray puts sockets into the temporary folder
    with tempfile.TemporaryDirectory(prefix="t", dir="/tmp") as folder:
        terminal = Terminal(Path(folder))
        yield terminal
        for process in terminal.seen:
            if process.is_running():
                process.kill()


def test_ctrl_c_ends_all_of_it(terminal: Terminal, tiny_bundle: Path) -> None:
    up = terminal.start("up", "--bundle", str(tiny_bundle))
    terminal.wait_until_ready(up)
    assert terminal.client.get("/readyz").status == 200

    os.killpg(up.pid, signal.SIGINT)  # a terminal tells the whole group
    time.sleep(1.5)
    os.killpg(up.pid, signal.SIGINT)  # and people press it twice

    assert up.wait(GONE_S) == 0
    terminal.assert_clean()
    assert "Traceback" not in terminal.output.read_text()
    assert "raylet" not in terminal.output.read_text()


@pytest.mark.parametrize("after_s", [0.5, 4.0, 9.0])
def test_an_end_while_it_starts_leaves_nothing(
    terminal: Terminal, tiny_bundle: Path, after_s: float
) -> None:
    up = terminal.start("up", "--bundle", str(tiny_bundle))
    time.sleep(after_s)
    terminal.look_around(up.pid)

    up.send_signal(signal.SIGTERM)

    assert up.wait(GONE_S) != 0
    terminal.assert_clean()


def test_down_ends_what_up_detached(terminal: Terminal, tiny_bundle: Path) -> None:
    up = terminal.run("up", "--detach", "--bundle", str(tiny_bundle))
    assert up.returncode == 0, up.stderr
    assert f"hybridrec down --port {terminal.port}" in up.stdout
    again = terminal.run("up", "--bundle", str(tiny_bundle))
    owner = ports.port_owner(terminal.port) or ""
    terminal.look_around(int(owner.split()[1]))

    down = terminal.run("down")

    assert down.returncode == 0, down.stderr
    terminal.assert_clean()
    assert again.returncode == 2
    assert f"port {terminal.port} is in use by process" in again.stderr
    assert terminal.run("down").returncode == 2


def test_what_was_killed_leaves_nothing_to_the_next_start(
    terminal: Terminal, tiny_bundle: Path
) -> None:
    up = terminal.start("up", "--bundle", str(tiny_bundle))
    terminal.wait_until_ready(up)

    up.kill()
    up.wait()
    psutil.wait_procs(list(terminal.seen), timeout=GONE_S)
    down = terminal.run("down")

    assert down.returncode == 2
    terminal.assert_clean()


def test_a_graph_that_cannot_be_built_says_why(terminal: Terminal, tiny_bundle: Path) -> None:
    config = Path(terminal.temporary.parent) / "serve.yaml"
    text = default_config().read_text()
    config.write_text(text.replace("deployments.app:build_app", "copy:copy"))

    up = terminal.run("up", "--config", str(config), "--bundle", str(tiny_bundle))

    assert up.returncode == 2
    assert up.stderr.startswith("hybridrec: graph: ")
    assert "Application builder functions must return" in up.stderr
    assert len(up.stderr.strip().splitlines()) == 1
    assert up.stdout == ""
    terminal.assert_clean()
