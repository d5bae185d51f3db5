"""What stands in no schema of Ray is found too, each at the very line that is to be mended."""

from pathlib import Path

import pytest
from ray._common.utils import resources_from_ray_options
from ray.serve._private.config import DeploymentConfig
from ray.serve.config import AutoscalingConfig

from deployments.config_check import Problem, problems_of
from deployments.marked_yaml import MarkedYaml
from deployments.numbers import no_numbers
from deployments.ray_rules import accelerator_problem
from deployments.value_rules import replicas_problem

SOUND = (Path(__file__).parents[3] / "serve_config.yaml").read_text()
SHUTDOWN = "        graceful_shutdown_timeout_s: 10"


def problems(text: str) -> list[Problem]:
    return problems_of(MarkedYaml.parse(text))


def found_in(right: str, wrong: str, text: str = SOUND) -> Problem:
    """The one finding on a mistake in the real file, which must be at its line."""
    assert right in text
    (found,) = problems(text.replace(right, wrong, 1))
    assert found.line == text[: text.index(right)].count("\n") + 1
    return found


@pytest.mark.parametrize(
    ("right", "place"),
    [
        ("deadline_s: 2.0", "args.deadline_s"),
        ("num_cpus: 0.5", "ray_actor_options.num_cpus"),
        ("port: 8000", "http_options.port"),
        ("request_timeout_s: 30", "http_options.request_timeout_s"),
        ("max_ongoing_requests: 64", "max_ongoing_requests"),
        ("min_replicas: 1", "autoscaling_config.min_replicas"),
        ("graceful_shutdown_timeout_s: 10", "graceful_shutdown_timeout_s"),
    ],
)
@pytest.mark.parametrize("value", ["true", "no"])
def test_true_and_false_are_no_numbers(right: str, place: str, value: str) -> None:
    found = found_in(right, f"{right.split(':', maxsplit=1)[0]}: {value}")

    assert found.place.endswith(place)
    assert found.reason == "must be a number, not true or false"


def test_true_and_false_are_found_within_lists_and_mappings() -> None:
    wrong = "placement_group_bundles: [{CPU: 0.5, a: true}]"

    found = found_in("max_queued_requests: 128", wrong)

    assert found.place.endswith("placement_group_bundles.0.a")


@pytest.mark.parametrize(
    ("annotation", "is_wrong"),
    [
        (int, True),
        (float | None, True),
        (int | str | None, True),
        (bool | int, False),
        (str, False),
        (object, False),
        (AutoscalingConfig.model_fields["upscaling_factor"].annotation, True),
    ],
)
def test_where_true_may_stand_it_is_not_told(annotation: object, *, is_wrong: bool) -> None:
    found = [place for place, _ in no_numbers(True, annotation, ("x",))]  # noqa: FBT003

    assert found == [("x",)] * is_wrong


@pytest.mark.parametrize(
    ("right", "wrong", "place", "said"),
    [
        ("host: 0.0.0.0", 'host: ""', "http_options.host", "not ''"),
        ("host: 0.0.0.0", "host: 256.0.0.1", "http_options.host", "256.0.0.1"),
        ("host: 0.0.0.0", "host: http://me", "http_options.host", "http://me"),
        ("host: 0.0.0.0", "host: me:80", "http_options.host", "me:80"),
        ("- name: hybridrec", '- name: ""', "applications.0.name", "empty"),
        ("- name: NMFScorer", '- name: " "', "deployments.1.name", "empty"),
        ("num_cpus: 0.5", 'num_cpus: "1"', "ray_actor_options.num_cpus", "num_cpus"),
        (": deployments.app:build_app", ': ""', "applications.0.import_path", "dot or colon"),
    ],
)
def test_what_names_nothing_is_found_at_its_line(
    right: str, wrong: str, place: str, said: str
) -> None:
    found = found_in(right, wrong)

    assert found.place.endswith(place)
    assert said in found.reason


@pytest.mark.parametrize(
    ("right", "option", "most"),
    [
        ("max_ongoing_requests: 64", "max_ongoing_requests", 2**31 - 1),
        ("max_queued_requests: 128", "max_queued_requests", 2**31 - 1),
        ("max_replicas: 8", "max_replicas", 2**32 - 1),
    ],
)
def test_counts_are_taken_up_to_what_ray_can_hold(right: str, option: str, most: int) -> None:
    def holds(count: int) -> None:
        of_replicas = option == "max_replicas"
        given = {"autoscaling_config": AutoscalingConfig(max_replicas=count)}
        config = DeploymentConfig(**(given if of_replicas else {option: count}))
        config.to_proto_bytes()  # type: ignore[no-untyped-call]  # Ray's own

    holds(most)
    with pytest.raises(ValueError, match="out of range"):
        holds(most + 1)
    found = problems(SOUND.replace(right, f"{option}: {most + 1}", 1))
    taken = problems(SOUND.replace(right, f"{option}: {most}", 1))

    assert f"must be at most {most}, not {most + 1}" in [one.reason for one in found]
    assert not any("at most" in one.reason for one in taken)


def test_a_fixed_number_of_replicas_is_a_count_too() -> None:
    assert replicas_problem(2**31 - 1) is None
    assert replicas_problem(2**31) == "must be at most 2147483647, not 2147483648"


@pytest.mark.parametrize("host", ["127.0.0.1", "'::'", "localhost", "a-1.example.org", "node_1"])
def test_a_host_that_can_be_listened_at_is_taken(host: str) -> None:
    assert problems(SOUND.replace("host: 0.0.0.0", f"host: {host}")) == []


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [("A100x", "A100"), ("a100", "A100"), ("TPU_V4", "TPU-V4"), ("gaudi", "Intel-GAUDI")],
)
def test_an_accelerator_that_ray_does_not_name_is_met_with_the_nearest(
    wrong: str, meant: str
) -> None:
    found = found_in("num_cpus: 0.5", f"accelerator_type: {wrong}")

    assert found.place.endswith("ray_actor_options.accelerator_type")
    assert found.reason.endswith(f"did you mean {meant}?")


@pytest.mark.parametrize("name", ["A100", "A100-80G", "H200", "TPU-V6E", "AMD-Instinct-MI250X"])
def test_an_accelerator_that_ray_names_is_taken(name: str) -> None:
    assert problems(SOUND.replace("num_cpus: 0.5", f"accelerator_type: {name}", 1)) == []


def test_what_is_said_of_other_accelerators_asks_ray_for_the_same() -> None:
    assert 'resources: {"accelerator_type:X1": 0.001}' in (accelerator_problem("X1") or "")
    assert resources_from_ray_options({"accelerator_type": "X1"}) == {"accelerator_type:X1": 0.001}
    resources = 'resources: {"accelerator_type:X1": 0.001}'
    assert problems(SOUND.replace("num_cpus: 0.5", resources, 1)) == []


def test_a_deadline_above_the_time_that_ray_gives_by_default_is_told() -> None:
    without = SOUND.replace(SHUTDOWN, "#", 1)
    assert problems(without.replace("deadline_s: 2.0", "deadline_s: 19.9")) == []

    found = found_in("deadline_s: 2.0", "deadline_s: 20", without)

    assert found.reason == (
        "20 must be below graceful_shutdown_timeout_s of Ingress, 20 by default; set that to more"
        " than 20"
    )


def test_a_deadline_is_not_told_where_the_time_is_stated_or_misspelt() -> None:
    for stated in ("graceful_shutdown_timeout_s: 25", "graceful_shutdown_timeout: 25"):
        text = SOUND.replace(SHUTDOWN, f"        {stated}", 1)
        found = problems(text.replace("deadline_s: 2.0", "deadline_s: 20"))

        assert [one.place for one in found if "deadline" in one.place] == []


MODULES = {
    "syntax": ("x = 1\ny = (\n", 2, "SyntaxError: '(' was never closed"),
    "division": ("def build(args):\n    pass\n\n1 / 0\n", 4, "ZeroDivisionError"),
    "name": ("build = nothing\n", 1, "NameError: name 'nothing' is not defined"),
    "inner": ("\nimport no_such_module\n", 2, "ModuleNotFoundError: No module named"),
    "exit": ("raise SystemExit(3)\n", 1, "SystemExit: 3"),
    "value": ("raise ValueError\n", 1, "ValueError; mend"),
}


@pytest.mark.parametrize("kind", MODULES)
def test_a_module_that_cannot_be_run_is_a_finding_that_names_line_error_and_cure(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, line, said = MODULES[kind]
    module = f"a_graph_that_fails_by_{kind}"
    (tmp_path / f"{module}.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)

    found = found_in("deployments.app:build_app", f"{module}:build")

    assert found.place == "applications.0.import_path"
    assert found.reason.startswith(f"cannot import {module}:build: {tmp_path / module}.py:{line}: ")
    assert said in found.reason
    assert found.reason.endswith(
        f"; mend that module until `python -c 'import {module}'` ends well"
    )


def test_a_package_around_a_module_that_cannot_be_run_is_a_finding_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "a_package_that_fails"
    package.mkdir()
    (package / "__init__.py").write_text("nothing\n")
    monkeypatch.syspath_prepend(tmp_path)

    found = found_in("deployments.app:build_app", "a_package_that_fails.app:build")

    assert f"{package / '__init__.py'}:1: NameError" in found.reason


def test_a_module_that_fails_is_run_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a_graph_that_counts.py").write_text("print('run')\n1 / 0\n")
    monkeypatch.syspath_prepend(tmp_path)

    found_in("deployments.app:build_app", "a_graph_that_counts:build")

    assert capsys.readouterr().out == "run\n"
