from pathlib import Path

import pytest

from deployments.config_file import PACKAGED, ServeConfig, default_config
from hybridrec.errors import InvalidConfig

SMALL = """
applications:
  - name: one
    import_path: deployments.app:build_app
    args: {bundle: one, deadline_s: 1.0}
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "serve.yaml"
    path.write_text(SMALL)
    return path


def test_the_address_and_the_arguments_can_be_replaced(path: Path) -> None:
    config = ServeConfig.read(path).at("127.0.0.1", 8123).with_arguments(bundle="b")

    options = config.schema.http_options
    assert (options.host, options.port) == ("127.0.0.1", 8123)
    assert config.arguments == {"deadline_s": 1.0, "bundle": "b"}


def test_replacing_leaves_the_original_alone(path: Path) -> None:
    config = ServeConfig.read(path)

    config.at("127.0.0.1", 8123).with_arguments(bundle="b")

    assert config.arguments == {"bundle": "one", "deadline_s": 1.0}
    assert config.schema.http_options.port == 8000


def test_the_file_of_the_current_folder_comes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert default_config() == PACKAGED

    Path("serve_config.yaml").write_text(SMALL)

    assert default_config() == Path("serve_config.yaml")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("applications: []", "is empty", id="no application"),
        pytest.param("applications: [", "flow", id="no YAML"),
        pytest.param("a: 1\nb: &b [*b]", "hold itself", id="endless"),
        pytest.param("text", "mapping", id="no table"),
        pytest.param("applications: 5", "applications", id="wrong type"),
        pytest.param("http_options: {port: much}", "http_options.port", id="wrong port"),
    ],
)
def test_a_wrong_file_is_refused_in_one_line(path: Path, text: str, said: str) -> None:
    path.write_text(text)

    with pytest.raises(InvalidConfig) as refusal:
        ServeConfig.read(path)

    assert refusal.value.detail.startswith(f"{path}:")
    assert said in refusal.value.detail
    assert "\n" not in refusal.value.detail


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        pytest.param("a: 1\nb: c: d\n", 2, "mapping values are not allowed", id="two colons"),
        pytest.param("a: 1\nb: 'x\n", 3, "unexpected end of stream", id="open quote"),
        pytest.param("a: 1\nb: 2\nc: !new 1\n", 3, "'!new'", id="unknown tag"),
        pytest.param("a: 1\nb: \a\n", 2, "U+0007", id="control character"),
    ],
)
def test_what_is_no_yaml_is_told_by_its_line(path: Path, text: str, line: int, said: str) -> None:
    path.write_text(text)

    with pytest.raises(InvalidConfig) as refusal:
        ServeConfig.read(path)

    assert refusal.value.detail.startswith(f"{path}:{line}: ")
    assert said in refusal.value.detail


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfig, match="No such file"):
        ServeConfig.read(tmp_path / "nowhere.yaml")


def test_a_second_application_is_refused(path: Path) -> None:
    path.write_text(SMALL + SMALL.split("applications:")[1].replace("one", "two"))
    with pytest.raises(InvalidConfig, match="route_prefix: / is the route_prefix of number 0"):
        ServeConfig.read(path)

    path.write_text(path.read_text() + "    route_prefix: /two")
    with pytest.raises(InvalidConfig, match="more than one application"):
        ServeConfig.read(path)


def test_of_several_mistakes_the_first_is_said_and_where_to_see_the_rest(path: Path) -> None:
    path.write_text(SMALL.replace("name:", "nam:").replace("deadline_s: 1.0", "deadline_s: 0"))

    with pytest.raises(InvalidConfig) as refusal:
        ServeConfig.read(path)

    assert refusal.value.detail == (
        f"{path}:3: applications.0.nam: is no option here; did you mean name?;"
        f" 1 more: hybridrec check {path}"
    )


def test_what_is_replaced_need_not_be_in_the_file(path: Path) -> None:
    path.write_text(SMALL.replace("bundle: one, ", ""))

    assert ServeConfig.read(path, bundle="two").arguments["bundle"] == "two"
    with pytest.raises(InvalidConfig, match=r"args\.bundle"):
        ServeConfig.read(path)


def test_a_file_in_another_encoding_is_refused(path: Path) -> None:
    path.write_bytes(SMALL.replace("one", "\u00fc").encode("latin-1"))

    with pytest.raises(InvalidConfig, match="UTF-8"):
        ServeConfig.read(path)
