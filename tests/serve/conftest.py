from collections.abc import Iterator
from pathlib import Path

import pytest

from deployments.config_file import ServeConfig, default_config
from deployments.local import LocalGraph
from tests.serve.terminal import HOST, free_port


@pytest.fixture(scope="session")
def store_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the graph's profile store is."""
    return tmp_path_factory.mktemp("store")


@pytest.fixture(scope="session")
def graph(tiny_bundle: Path, store_folder: Path) -> Iterator[LocalGraph]:
    """The graph of ``serve_config.yaml`` on a cluster of its own."""
    config = ServeConfig.read(default_config()).at(HOST, free_port())
    arguments = {"bundle": str(tiny_bundle), "store": str(store_folder)}
    with LocalGraph(config.with_arguments(**arguments)) as graph:
        yield graph
