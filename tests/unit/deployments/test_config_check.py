"""What Ray swallows without a word in serve_config.yaml, is named with what was meant."""

import sys
import warnings
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from deployments.config_check import Problem, contents, problems_of
from deployments.marked_yaml import MarkedYaml

SOUND = (Path(__file__).parents[3] / "serve_config.yaml").read_text()

KEYS = [
    # (what stands in the file, what is planted instead, what must be named)
    ("http_options:", "http_option:", "http_options"),
    ("proxy_location:", "proxyLocation:", "proxy_location"),
    ("applications:", "aplications:", "applications"),
    ("request_timeout_s: 30", "request_timeout: 30", "request_timeout_s"),
    ("enable_access_log:", "enable_acces_log:", "enable_access_log"),
    ("route_prefix:", "route-prefix:", "route_prefix"),
    ("import_path:", "import_paths:", "import_path"),
    ("  deployments:", "  deployment:", "deployments"),
    ("max_ongoing_requests: 64", "max_ongoing_request: 64", "max_ongoing_requests"),
    ("max_queued_requests: 128", "max_queue_requests: 128", "max_queued_requests"),
    ("ray_actor_options:", "ray_actor_option:", "ray_actor_options"),
    ("num_cpus: 0.5", "num_cpu: 0.5", "num_cpus"),
    ("autoscaling_config:", "auto_scaling:", "autoscaling_config"),
    ("max_replicas: 8", "max_replica: 8", "max_replicas"),
    ("upscale_delay_s: 10", "upscaling_delay_s: 10", "upscale_delay_s"),
    ("deadline_s: 2.0", "deadlines_s: 2.0", "deadline_s"),
    ("store: null", "stores: null", "store"),
    ("deadline_s: 2.0", "ranking: {max_per_artists: 2}", "max_per_artist"),
    ("deadline_s: 2.0", "max_per_artist: 2", "ranking.max_per_artist"),
    ("deadline_s: 2.0", "min_score: 0.1", "ranking.min_score_of_best"),
    ("name: NMFScorer", "name: NmfScorer", "NMFScorer"),
    ("name: TwoTowerScorer", "name: TwoTowers", "TwoTowerScorer"),
    ("deployments.app:build_app", "deployments.app:build_apps", "build_app"),
    ("deployments.app:build_app", "deployments.aps:build_app", "app"),
    ("deployments.app:build_app", "deployment.app:build_app", "deployments"),
    ("deployments.app:build_app", "deployments.app", "deployments.app:build_app"),
    ("deployments.app:build_app", "deployments.app:AppArgs", "deployments.app:build_app"),
    ("deployments.app:build_app", "deployments.app:DEPLOYMENTS", "deployments.app:build_app"),
    (
        "deployments.app:build_app",
        "deployments.app:IngressDeployment",
        "deployments.app:build_app",
    ),
    ("deployments.app:build_app", "deployments/app.py:build_app", "deployments.app:build_app"),
    ("deployments.app:build_app", "deployments.app.py:build_app", "deployments.app:build_app"),
    ("deployments.app:build_app", "./deployments/app.py:build_app", "deployments.app:build_app"),
    ("deployments.app:build_app", "deployments.ports:claim", "deployments.app:build_app"),
    ("deployments.app:build_app", "deployments.ports:is_free", "deployments.app:build_app"),
    ("[CPUExecutionProvider]", "[CPUExecutionProvide]", "CPUExecutionProvider"),
    ("num_cpus: 0.5", "runtime_env: {env_var: {A: b}}", "env_vars"),
    ("min_replicas: 1", "policy: {policy_functions: 'a:b'}", "policy_function"),
    (
        "min_replicas: 1",
        "policy: {policy_function: 'deployments.ports:claims'}",
        "claim",
    ),
    ("max_ongoing_requests: 64", "max_concurrent_queries: 64", "max_ongoing_requests"),
    (
        "target_ongoing_requests: 16",
        "target_num_ongoing_requests_per_replica: 16",
        "target_ongoing_requests",
    ),
    ("min_replicas: 1", "policy: {name: foo}", "policy_function"),
    ("fusion: meta_learning", "fusion: meta_lerning", "meta_learning"),
    ("fusion: meta_learning", "fusion: Meta-Learning", "meta_learning"),
    ("EveryNode", "EveryNod", "EveryNode"),
    ("enable_access_log: false", "log_level: VERBOS", "DEBUG"),
    ("enable_access_log: false", "log_level: inf", "INFO"),
    ("enable_access_log: false", "encoding: JSN", "JSON"),
    ("max_queued_requests: 128", "num_replicas: atuo", "auto"),
    ("route_prefix: /", "route_prefix: recommend", "/recommend"),
    ("route_prefix: /", "route_prefix: /a/", "/a"),
    ("route_prefix: /", 'route_prefix: "/{x}"', "/x"),
    ("max_queued_requests: 128", "placement_group_strategy: SPRED", "SPREAD"),
    ("max_queued_requests: 128", "backpressure_config: {retry_after: 1}", "retry_after_s"),
    (
        "max_queued_requests: 128",
        "request_router_config: {initial_backoff: 1}",
        "initial_backoff_s",
    ),
    ("max_queued_requests: 128", "gang_scheduling_config: {gang_sizes: 2}", "gang_size"),
    (
        "max_queued_requests: 128",
        "deployment_actors: [{names: a, actor_class: 'deployments.app:build_app'}]",
        "name",
    ),
    ("route_prefix: /", "autoscaling_policy: {policy_kwarg: {}}", "policy_kwargs"),
    ("max_queued_requests: 128", "num_cpus: 0.5", "ray_actor_options.num_cpus"),
    ("max_queued_requests: 128", "min_replicas: 1", "autoscaling_config.min_replicas"),
    (
        "min_replicas: 1",
        "max_queued_requests: 128",
        "applications[].deployments[].max_queued_requests",
    ),
]

TOGETHER = [
    "request_timeout: 30",
    "enable_acces_log:",
    "route-prefix:",
    "deployments.app:build_apps",
    "deadlines_s: 2.0",
    "max_queue_requests: 128",
    "num_cpu: 0.5",
    "max_replica: 8",
    "upscaling_delay_s: 10",
    "name: NmfScorer",
    "name: TwoTowers",
    "[CPUExecutionProvide]",
]


def problems(text: str) -> list[Problem]:
    return problems_of(MarkedYaml.parse(text))


def planted(right: str, wrong: str) -> tuple[str, int]:
    """The real file with one mistake, and its line."""
    assert right in SOUND
    text = SOUND.replace(right, wrong, 1)
    return text, SOUND[: SOUND.index(right)].count("\n") + 1


def test_the_file_of_the_repository_is_sound() -> None:
    assert problems(SOUND) == []
    assert contents(MarkedYaml.parse(SOUND)) == "1 application, 5 deployments"


@pytest.mark.parametrize(("right", "wrong", "meant"), KEYS, ids=[wrong for _, wrong, _ in KEYS])
def test_a_misspelt_name_is_caught_with_the_right_one(right: str, wrong: str, meant: str) -> None:
    text, line = planted(right, wrong)

    found = [one for one in problems(text) if one.reason.split("did you mean ")[1:]]

    assert [(one.line, one.reason.split("did you mean ")[1].split(" ")[0]) for one in found] == [
        (line, f"{meant}?" if " of the" not in found[0].reason else meant)
    ]


@pytest.mark.parametrize(
    ("right", "wrong", "place", "said"),
    [
        ("min_replicas: 1", "min_replicas: 9", "autoscaling_config.min_replicas", "replicas, 8"),
        ("num_cpus: 0.5", "num_cpus: -1", "ray_actor_options.num_cpus", "greater than or equal"),
        ("num_cpus: 0.5", "num_cpus: some", "ray_actor_options.num_cpus", "valid number"),
        ("deadline_s: 2.0", "deadline_s: 0", "args.deadline_s", "greater than 0"),
        ("deadline_s: 2.0", "deadline_s: .nan", "args.deadline_s", "finite"),
        ("deadline_s: 2.0", "deadline_s: 30", "args.deadline_s", "below http_options.request_tim"),
        ("request_timeout_s: 30", "request_timeout_s: 2", "args.deadline_s", "timeout_s, 2"),
        ("request_timeout_s: 30", "request_timeout_s: -1", "request_timeout_s", "above 0"),
        ("port: 8000", "port: 80000", "http_options.port", "65535"),
        ("EveryNode", "EachNode", "proxy_location", "'EveryNode'"),
        ("bundle: bundle", "# no bundle", "args.bundle", "required"),
        ("max_queued_requests: 128", "max_queued_requests: 0", "deployments.0", "-1 (no limit)"),
        ("max_queued_requests: 128", "num_replicas: 2", "num_replicas", "autoscaling_config"),
        ("max_queued_requests: 128", "user_config: {a: 1}", "user_config", "reconfigure"),
        ("upscale_delay_s: 10", "initial_replicas: 9", "autoscaling_config", "initial_replicas"),
        ("target_ongoing_requests: 16", "target_ongoing_requests: 65", "requests", "65 is above"),
        ("max_ongoing_requests: 64", "health_check_period_s: 5", "target", "16 is above"),
        ("name: NMFScorer", "name: Ingress", "deployments.1.name", "of number 0 already"),
        ("port: 8000", "port: 8000\n  port: 8001", "http_options.port", "stands twice"),
        ("max_replicas: 4", "max_replicas: 4\n          max_replicas: 5", "max", "stands twice"),
        ("http_options:", "http_options: 5\nx:", "http_options", "mapping"),
        ("  enable_access_log: false", "  - 1", "logging_config", "mapping"),
        (
            "max_queued_requests: 128",
            "gang_scheduling_config: {gang_size: 1, runtime_failure_policy: RESTART_REPLICA}",
            "gang",
            "not yet implemented",
        ),
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_meant_is_caught_at_its_place(
    right: str, wrong: str, place: str, said: str
) -> None:
    text, _ = planted(right, wrong)

    found = problems(text)

    assert any(place in one.place and said in one.reason for one in found), found


QUEUED = "max_queued_requests: 128"


@pytest.mark.parametrize(
    ("right", "wrong", "place", "said"),
    [
        ("num_cpus: 0.5", "resources: {gpu: -1}", "resources", "gpu cannot be negative"),
        ("num_cpus: 0.5", "resources: {CPU: 1}", "resources", "Use the 'num_cpus'"),
        ("num_cpus: 0.5", "resources: {disk: many}", "resources.disk", "must be a finite number"),
        ("num_cpus: 0.5", "resources: {disk: null}", "resources.disk", "must be a finite number"),
        ("num_cpus: 0.5", "resources: {disk: .inf}", "resources.disk", "must be a finite number"),
        ("num_cpus: 0.5", "resources: {disk: true}", "resources.disk", "must be a finite number"),
        ("EveryNode", "Disabled", "proxy_location", "would answer HTTP; write EveryNode"),
        ("route_prefix: /", "route_prefix: null", "route_prefix", "would answer HTTP; write /,"),
        ("    args:", "    arg:", "applications.0.arg", "did you mean args?"),
        ("    args:", "    arguments:", "applications.0.arguments", "did you mean args?"),
        ("route_prefix: /", "host: a", "applications.0.host", "http_options.host of the whole"),
        ("route_prefix: /", "port: 80", "applications.0.port", "http_options.port of the whole"),
        ("proxy_location", "host: a\nproxy_location", "host", "did you mean http_options.host?"),
        ("upscale_delay_s: 10", "look_back_period_s: 1", "look_back_period_s", "greater than"),
        ("upscale_delay_s: 10", "metrics_interval_s: 5", "metrics_interval_s", "; leave it out"),
        ("port: 8000", "keep_alive_timeout_s: -5", "keep_alive_timeout_s", "at least 0, not -5"),
        ("port: 8000", "ssl_keyfile: a", "http_options.ssl_keyfile", "needs ssl_certfile"),
        ("port: 8000", "ssl_certfile: a", "http_options.ssl_certfile", "needs ssl_keyfile"),
        ("num_cpus: 0.5", "num_gpus: 1.5", "num_gpus", "whole above 1"),
        ("num_cpus: 0.5", "runtime_env: {env_vars: {A: 1}}", "runtime_env.env_vars.A", 'write "1"'),
        ("num_cpus: 0.5", "runtime_env: {pip: 5}", "runtime_env.pip", "pip"),
        ("route_prefix: /", "runtime_env: {env_vars: {A: 1}}", "runtime_env.env_vars.A", "quotes"),
        ("num_cpus: 0.5", "runtime_env: {working_dir: /a}", "runtime_env", "only remote URIs"),
        (QUEUED, "max_replicas_per_node: 0", "max_replicas_per_node", "range of [1, 100]"),
        (QUEUED, "max_replicas_per_node: 101", "max_replicas_per_node", "range of [1, 100]"),
        (QUEUED, "placement_group_strategy: PACK", "placement_group_strategy", "bundles` must"),
        (QUEUED, "placement_group_bundles: [{CPU: 0.1}]", "placement_group_bundles", "only has"),
        (QUEUED, "max_queued_requests: -2", "max_queued_requests", "-1 (no limit)"),
        ("proxy_location", "grpc_options: {port: 8000}\nproxy_location", "port", "of HTTP already"),
        ("bundle: bundle", 'bundle: ""', "args.bundle", "empty"),
        ("store: null", 'store: ""', "args.store", "empty"),
        ("store: null", 'store: "  "', "args.store", "empty"),
        ("store: null", "store: None", "args.store", "write null for none"),
        ("store: null", "store: none", "args.store", "write null for none"),
        ("store: null", "store: nil", "args.store", "write null for none"),
        ("bundle: bundle", "bundle: none", "args.bundle", "if it is meant, write ./none"),
        ("bundle: bundle", "bundle: nil", "args.bundle", "if it is meant, write ./nil"),
        ("bundle: bundle", "bundle: s3://a/b", "args.bundle", "is a URL, and none is read; name a"),
        ("bundle: bundle", "bundle: file:///a", "args.bundle", "is a URL"),
        ("store: null", "store: redis://a", "args.store", "folder that every node can read"),
        ("bundle: bundle", "bundle: ~/b", "args.bundle", "~ stands for nothing; write the whole"),
        ("bundle: bundle", "bundle: $BUNDLE", "args.bundle", "$BUNDLE stands for nothing"),
        ("bundle: bundle", "bundle: /a/${B}/c", "args.bundle", "${B} stands for nothing"),
        ("store: null", "store: $(STORE)/a", "args.store", "$(STORE) stands for nothing"),
        ("store: null", "store: 5", "args.store", "the path of a folder, not 5"),
        ("bundle: bundle", 'bundle: "  "', "args.bundle", "empty"),
        ("bundle: bundle", "bundle: None", "args.bundle", "if it is meant, write ./None"),
        ("bundle: bundle", "bundle: null", "args.bundle", "the path of a folder, not null"),
        (
            "[CPUExecutionProvider]",
            "CUDAExecutionProvider",
            "args.providers",
            "must be a list, such as [CUDAExecutionProvider]",
        ),
        ("[CPUExecutionProvider]", "null", "providers", "such as [CPUExecutionProvider]"),
        (
            "graceful_shutdown_timeout_s: 10",
            "graceful_shutdown_timeout_s: 2",
            "deployments.0.graceful_shutdown_timeout_s",
            "2 must be above args.deadline_s, 2",
        ),
    ],
)
def test_what_ray_would_refuse_is_caught_once_and_by_its_line(
    right: str, wrong: str, place: str, said: str
) -> None:
    text, line = planted(right, wrong)

    (found,) = problems(text)

    assert found.line == line
    assert found.place.endswith(place)
    assert said in found.reason


@pytest.mark.parametrize("value", [".inf", "-.inf", ".nan"])
@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("deadline_s: 2.0", "deadline_s: {}"),
        ("request_timeout_s: 30", "request_timeout_s: {}"),
        ("health_check_period_s: 10", "health_check_period_s: {}"),
        ("num_cpus: 0.5", "num_cpus: {}"),
        ("num_cpus: 0.5", "num_gpus: {}"),
        ("num_cpus: 0.5", "memory: {}"),
        ("target_ongoing_requests: 16", "target_ongoing_requests: {}"),
        ("upscale_delay_s: 10", "smoothing_factor: {}"),
        (QUEUED, "num_replicas: {}"),
        (QUEUED, "placement_group_bundles: [CPU: {}]"),
        ("proxy_location", "target_capacity: {}\nproxy_location"),
    ],
    ids=lambda part: part.split(":")[0],
)
def test_what_is_no_finite_number_is_caught_once_and_by_its_line(
    right: str, wrong: str, value: str
) -> None:
    text, line = planted(right, wrong.format(value))

    (found,) = problems(text)

    assert found.line == line
    assert found.reason == f"must be a finite number, not {value.replace('.', '')}"


def test_what_models_of_ray_warn_of_is_a_finding_and_written_nowhere_else(
    capfd: pytest.CaptureFixture[str],
) -> None:
    both = "look_back_period_s: 1\n          metrics_interval_s: 60"
    text, line = planted("upscale_delay_s: 10", both)

    with warnings.catch_warnings(record=True) as raw:
        found = problems(text)

    assert [(one.line, one.place.split(".")[-1]) for one in found] == [
        (line, "look_back_period_s"),
        (line + 1, "metrics_interval_s"),
    ]
    assert (raw, capfd.readouterr().err) == ([], "")


@pytest.mark.parametrize("folder", ["./~a", "./$A", "a~", "a$", "/a b", "C:/a"])
def test_a_folder_of_an_odd_name_is_taken(folder: str) -> None:
    assert problems(planted("bundle: bundle", f"bundle: {folder}")[0]) == []


def test_both_files_of_tls_are_taken_and_a_misspelt_one_is_told_alone() -> None:
    pair = "ssl_certfile: a\n  ssl_keyfile: b"
    assert problems(planted("port: 8000", pair)[0]) == []

    for misspelt in ("ssl_keyfle", "ssl_certfle"):
        right = misspelt.replace("fle", "file")
        text, _ = planted("port: 8000", pair.replace(right, misspelt))
        assert [one.place for one in problems(text)] == [f"http_options.{misspelt}"]


def test_another_graph_may_answer_no_http(other_graph: str) -> None:
    tree = yaml.safe_load(with_graph(f"{other_graph}:build"))
    tree["proxy_location"], tree["applications"][0]["route_prefix"] = "Disabled", None

    found = problems(yaml.safe_dump(tree))

    assert [one.place for one in found] == ["applications.0.deployments.1.max_replica"]


def test_nothing_answers_this_graph_beside_another_either(other_graph: str) -> None:
    tree = yaml.safe_load(SOUND)
    other = {"name": "b", "route_prefix": "/b", "import_path": f"{other_graph}:build"}
    tree["proxy_location"] = "Disabled"
    tree["applications"].insert(0, other)

    assert [one.place for one in problems(yaml.safe_dump(tree))] == ["proxy_location"]


@pytest.mark.parametrize("inner", ["|\n    a: 1", "\n    applications: []", "[]"])
@pytest.mark.parametrize("spec", ["", "apiVersion: ray.io/v1\nkind: RayService\nspec:\n  "])
def test_a_manifest_of_a_ray_service_is_told_to_be_one(spec: str, inner: str) -> None:
    (found,) = problems(f"{spec}serveConfigV2: {inner}\n")

    assert found.line == spec.count("\n") + 1
    assert found.place.endswith("serveConfigV2")
    assert found.reason.startswith("what stands below serveConfigV2")


def test_this_package_is_what_was_meant_though_no_finder_lists_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    root = Path(__file__).parents[3]
    monkeypatch.setattr(sys, "path", [one for one in sys.path if Path(one).resolve() != root])
    text, _ = planted("deployments.app:build_app", "deploymentt.app:build_app")

    (found,) = problems(text)

    assert found.reason.endswith("no module deploymentt; did you mean deployments?")


def test_a_suggestion_follows_a_sentence_without_its_full_stop() -> None:
    for right, wrong in [
        ("route_prefix: /", "route_prefix: a"),
        ("enable_access_log: false", "encoding: JSN"),
    ]:
        assert all(".;" not in one.reason for one in problems(planted(right, wrong)[0]))


@pytest.mark.parametrize(
    "sound",
    [
        "placement_group_bundles: [{CPU: 0.5}, {CPU: 1}]",
        "max_replicas_per_node: 100",
        "max_queued_requests: -1",
    ],
)
def test_what_ray_would_take_is_taken(sound: str) -> None:
    assert problems(planted(QUEUED, sound)[0]) == []


@pytest.mark.parametrize(
    "wrong",
    ["max_ongoing_request: 64", "max_concurrent_queries: 64", "max_ongoing_requests: 0"],
)
def test_a_wrong_limit_is_not_told_again_of_what_it_limits(wrong: str) -> None:
    text, line = planted("max_ongoing_requests: 64", wrong)

    assert [one.line for one in problems(text)] == [line]


@pytest.mark.parametrize("file", ["/opt/app.py", "../app.py"])
def test_of_a_file_elsewhere_no_module_is_guessed(file: str) -> None:
    (found,) = problems(planted("deployments.app:build_app", f"{file}:build_app")[0])

    assert found.reason == f"cannot import {file}:build_app: names a file, not a module"


@pytest.mark.parametrize("option", ["resources: {disk: {}}", "num_cpus: {}"])
def test_a_number_of_four_hundred_digits_is_a_finding(option: str) -> None:
    text, line = planted("num_cpus: 0.5", option.replace("{}", "9" * 400))

    assert [one.line for one in problems(text)] == [line]


def test_no_module_of_python_itself_is_what_was_meant() -> None:
    text, _ = planted("proxy_location", "grpc_options: {grpc_servicer_functions: [nope.f]}\np")

    (found,) = [one for one in problems(text) if "nope" in one.reason]

    assert found.reason == "cannot import nope.f: there is no module nope"


def test_a_name_that_stands_in_many_places_is_not_sought_elsewhere() -> None:
    text, _ = planted("min_replicas: 1", "name: foo")

    (found,) = problems(text)

    assert "of the whole file" not in found.reason


def test_twelve_mistakes_at_once_are_all_named_by_their_lines() -> None:
    text, lines = SOUND, []
    for right, wrong, _ in KEYS:
        if wrong in TOGETHER:
            text = text.replace(right, wrong, 1)
            lines.append(text[: text.index(wrong)].count("\n") + 1)

    assert len(lines) == 12
    assert [one.line for one in problems(text)] == sorted(lines)


def test_two_applications_may_not_share_name_or_route() -> None:
    tree = yaml.safe_load(SOUND)
    tree["applications"] *= 2

    places = [one.place for one in problems(yaml.safe_dump(tree))]

    assert places == ["applications.1.name", "applications.1.route_prefix"]


def test_nothing_to_serve_is_no_configuration() -> None:
    assert [one.place for one in problems("applications: []")] == ["applications"]
    assert [one.place for one in problems("{}")] == ["applications"]
    assert [one.place for one in problems("")] == [""]


BUILDERS = """
from ray.serve import Application, deployment

APP = deployment(name="Any")(dict).bind()

def build(args: dict[str, int]) -> Application:
    return APP

def unsaid(args):
    return APP

def nothing(args: dict[str, int]) -> None:
    "Builds nothing."

def both(args: dict[str, int], other: int) -> Application:
    return APP
"""


@pytest.fixture
def other_graph(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a module of another graph."""
    (tmp_path / "a_graph_elsewhere.py").write_text(BUILDERS)
    monkeypatch.syspath_prepend(tmp_path)
    return "a_graph_elsewhere"


def with_graph(import_path: str) -> str:
    """Another graph, with a mistake that can be told of any."""
    tree = yaml.safe_load(SOUND)
    application = tree["applications"][0]
    application["import_path"] = import_path
    application["args"] = {"anything": 1}
    application["deployments"] = [{"name": "Any"}, {"name": "Other", "max_replica": 1}]
    return yaml.safe_dump(tree)


@pytest.mark.parametrize("name", ["build", "unsaid", "APP"])
def test_of_another_graph_neither_arguments_nor_deployments_are_judged(
    name: str, other_graph: str
) -> None:
    found = problems(with_graph(f"{other_graph}:{name}"))

    assert [one.place for one in found] == ["applications.0.deployments.1.max_replica"]


@pytest.mark.parametrize("name", ["nothing", "both", "deployment", "biuld"])
def test_what_builds_nothing_elsewhere_is_told_and_nothing_else_of_that_graph(
    name: str, other_graph: str
) -> None:
    found = problems(with_graph(f"{other_graph}:{name}"))

    assert sorted(one.place for one in found) == [
        "applications.0.deployments.1.max_replica",
        "applications.0.import_path",
    ]


@pytest.mark.parametrize("wrong", ["deployments.app", "deployments.app:AppArgs", "my.app:graph"])
def test_a_wrong_import_path_leaves_all_other_checks_of_this_graph_on(wrong: str) -> None:
    text = SOUND.replace("deployments.app:build_app", wrong, 1)
    for right, misspelt in [
        ("bundle: bundle", "bundel: bundle"),
        ("deadline_s: 2.0", "deadlne_s: 2.0"),
        ("fusion: meta_learning", "fusion: nonsense"),
        ("name: NMFScorer", "name: NMFScorerr"),
    ]:
        text = text.replace(right, misspelt, 1)

    places = [one.place.removeprefix("applications.0.") for one in problems(text)]

    assert places == [
        "import_path",
        "args.bundel",
        "args.deadlne_s",
        "args.fusion",
        "deployments.1.name",
    ]


def test_a_key_that_is_merged_in_does_not_stand_twice() -> None:
    text = SOUND.replace(
        "http_options:", "logging_config: {<<: &log {log_level: INFO}, log_level: DEBUG}\nx:"
    ).split("\nlogging_config: &logging")[0]

    assert all("twice" not in one.reason for one in problems(text))


def test_a_file_that_holds_itself_is_refused() -> None:
    with pytest.raises(yaml.YAMLError, match="hold itself"):
        MarkedYaml.parse("applications: &a [*a]")


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 9)
    | st.floats()
    | st.sampled_from(["", "auto", "x"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["name", "min_replicas", "policy", "y", 5]), inner, max_size=3
        )
    ),
    max_leaves=5,
)
TREE = yaml.safe_load(SOUND)
PLACES = [
    ("http_options",),
    ("http_options", "port"),
    ("logging_config",),
    ("applications",),
    ("applications", 0),
    *[("applications", 0, key) for key in (*TREE["applications"][0], "runtime_env")],
    ("applications", 0, "args", "ranking"),
    ("applications", 0, "deployments", 0),
    *[
        ("applications", 0, "deployments", 0, key)
        for key in (
            *TREE["applications"][0]["deployments"][0],
            "num_replicas",
            "user_config",
            "request_router_config",
            "gang_scheduling_config",
            "deployment_actors",
            "placement_group_bundles",
            "placement_group_strategy",
            "max_replicas_per_node",
        )
    ],
    ("applications", 0, "deployments", 0, "autoscaling_config", "policy"),
    *[
        ("applications", 0, "deployments", 0, "ray_actor_options", key)
        for key in ("resources", "runtime_env", "num_gpus")
    ],
]


@settings(deadline=None, max_examples=300)
@given(st.sampled_from(PLACES), VALUES)
def test_no_value_at_any_place_ends_in_a_traceback(
    place: tuple[str | int, ...], value: object
) -> None:
    tree = yaml.safe_load(SOUND)
    inner = tree
    for part in place[:-1]:
        inner = inner[part]
    inner[place[-1]] = value

    for one in problems(yaml.safe_dump(tree)):
        assert one.reason
        assert "\n" not in one.said
