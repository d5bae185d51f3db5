"""What the serve_config.yaml of the repository promises."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from deployments.app import DEPLOYMENTS as DEPLOYED
from deployments.app import build_app
from deployments.args import AppArgs
from deployments.config_file import PACKAGED, ServeConfig

ROOT = Path(__file__).parents[2]
CONFIG: dict[str, Any] = yaml.safe_load((ROOT / "serve_config.yaml").read_text())
APPLICATION: dict[str, Any] = CONFIG["applications"][0]
DEPLOYMENTS: list[dict[str, Any]] = APPLICATION["deployments"]
NAMES = ["Ingress", "NMFScorer", "TwoTowerScorer", "AudioPredictor", "MetaFusion"]
CORES = 2


def test_the_file_of_the_repository_is_accepted() -> None:
    assert ServeConfig.read(ROOT / "serve_config.yaml").tree == CONFIG


def test_each_of_the_five_deployments_scales_by_itself() -> None:
    assert [deployment["name"] for deployment in DEPLOYMENTS] == NAMES
    for deployment in DEPLOYMENTS:
        scaling = deployment["autoscaling_config"]
        assert 1 <= scaling["min_replicas"] < scaling["max_replicas"]


def test_the_arguments_are_those_of_the_application() -> None:
    args = AppArgs.model_validate(APPLICATION["args"])

    assert APPLICATION["import_path"] == f"deployments.app:{build_app.__name__}"
    assert args.bundle == Path("bundle")


def test_the_application_binds_the_deployments_of_the_file() -> None:
    app = build_app(AppArgs(bundle=Path("bundle")))

    ingress = app._bound_deployment
    stages: dict[str, Any] = ingress.init_kwargs  # type: ignore[assignment]  # Ray's type is wrong
    children = [stage._bound_deployment.name for stage in stages.values()]
    assert [ingress.name, *children] == NAMES
    assert [deployment.name for deployment in DEPLOYED] == NAMES


def test_the_smallest_graph_fits_on_two_cores() -> None:
    taken = [
        deployment["ray_actor_options"]["num_cpus"]
        * deployment["autoscaling_config"]["min_replicas"]
        for deployment in DEPLOYMENTS
    ]

    assert sum(taken) <= CORES


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=lambda one: one["name"])
def test_queues_are_bounded(deployment: dict[str, Any]) -> None:
    assert deployment["max_queued_requests"] > 0


def test_the_package_carries_the_same_file() -> None:
    assert PACKAGED.read_text() == (ROOT / "serve_config.yaml").read_text()
