"""What ``hybridrec up`` finds out before it starts Ray, and how it listens to signals."""

import shutil
import signal
from contextlib import suppress
from pathlib import Path

import pytest

from deployments.config_file import ServeConfig, default_config
from deployments.local import LocalGraph
from deployments.up import Wanted, ending_signals
from hybridrec.errors import ArtifactError, InvalidConfig
from tests.serve.terminal import HOST, free_port


def wanted(config: Path | None = None, bundle: Path | None = None) -> Wanted:
    return Wanted(config, bundle, HOST, 8123, is_verbose=False)


def write(folder: Path, args: str) -> Path:
    path = folder / "serve.yaml"
    path.write_text(
        f"applications: [{{name: one, import_path: 'deployments.app:build_app', args: {args}}}]"
    )
    return path


def test_bundle_and_address_replace_those_of_the_file(tiny_bundle: Path) -> None:
    config = wanted(bundle=tiny_bundle).serve_config()

    assert config.arguments["bundle"] == str(tiny_bundle)
    assert config.schema.http_options.port == 8123
    assert config.schema.http_options.host == HOST


def test_a_relative_bundle_is_made_absolute_for_the_replicas(
    tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tiny_bundle.parent)

    config = wanted(bundle=Path(tiny_bundle.name)).serve_config()

    assert config.arguments["bundle"] == str(tiny_bundle)


def test_a_damaged_file_is_found_before_ray_starts(tiny_bundle: Path, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    shutil.copytree(tiny_bundle, bundle)
    (bundle / "user_tower.onnx").write_bytes(b"")

    with pytest.raises(ArtifactError, match=r"user_tower\.onnx"):
        wanted(bundle=bundle).serve_config()


@pytest.mark.parametrize(
    ("args", "said"),
    [
        pytest.param("{bundle: b, deadline_s: 0}", "args.deadline_s", id="out of range"),
        pytest.param("{bundle: b, deadlines: 1}", "args.deadlines", id="misspelt"),
        pytest.param("{bundle: b, ranking: {max_per_artists: 1}}", "args.ranking.max", id="deep"),
        pytest.param("{bundle: b, providers: []}", "args.providers", id="empty"),
        pytest.param("{}", "args.bundle", id="left out"),
    ],
)
def test_a_wrong_argument_is_named(tmp_path: Path, args: str, said: str) -> None:
    with pytest.raises(InvalidConfig) as refusal:
        wanted(config=write(tmp_path, args)).serve_config()

    assert said in refusal.value.detail


def test_the_same_options_start_the_process_in_the_background() -> None:
    given = Wanted(Path("c.yaml"), Path("b"), HOST, 8123, is_verbose=True)

    assert " ".join(given.arguments()) == (
        f"--host {HOST} --port 8123 --config c.yaml --bundle b --verbose"
    )
    assert wanted().arguments() == ["--host", HOST, "--port", "8123"]


@pytest.fixture
def graph() -> LocalGraph:
    """Not started."""
    return LocalGraph(ServeConfig.read(default_config()).at(HOST, free_port()))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_interrupts_and_old_handlers_come_back(
    graph: LocalGraph, number: signal.Signals
) -> None:
    before = signal.getsignal(number)

    with pytest.raises(KeyboardInterrupt), ending_signals(graph):
        signal.raise_signal(number)

    assert signal.getsignal(number) == before


def test_no_signal_interrupts_the_taking_down(graph: LocalGraph) -> None:
    graph.is_stopping = True

    with ending_signals(graph):
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGTERM)


def test_a_signal_that_was_raised_where_nothing_hears_it_interrupts_later(
    graph: LocalGraph,
) -> None:
    with ending_signals(graph) as rearm:
        with suppress(KeyboardInterrupt):  # as Python does in the hooks of a fork
            signal.raise_signal(signal.SIGINT)

        with pytest.raises(KeyboardInterrupt):
            rearm()


def test_without_a_signal_nothing_interrupts(graph: LocalGraph) -> None:
    with ending_signals(graph) as rearm:
        rearm()
