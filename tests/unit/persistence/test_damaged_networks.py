"""A network takes what it will be fed and reads no other file, or it is refused by name."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, external_data_helper, helper, numpy_helper

from hybridrec.errors import ArtifactError
from hybridrec.fusion import meta
from hybridrec.fusion.learned import ADAPTIVE_INPUTS, LEARNED_INPUTS
from hybridrec.fusion.network import OUTPUTS
from hybridrec.models import audio, two_tower
from hybridrec.models.external_data import has_external_data
from hybridrec.models.onnx import ROWS_TOGETHER, OnnxNetwork
from hybridrec.persistence.layout import NETWORKS
from tests.unit.persistence.damage import assert_all_refuse, refused, rewrite

FILES = list(NETWORKS)
SECRET = np.full(4, 7, np.float32)


def test_the_signatures_are_those_that_the_models_feed_and_read(tiny_bundle: Path) -> None:
    models = {
        "user_tower.onnx": (two_tower.USER_INPUTS, ("embeddings",)),
        "item_tower.onnx": (two_tower.ITEM_INPUTS, ("embeddings",)),
        "audio_predictor.onnx": (audio.INPUTS, audio.OUTPUTS),
        "meta_fusion.onnx": (meta.INPUTS, OUTPUTS),
        "learned_weights.onnx": (LEARNED_INPUTS, OUTPUTS),
        "adaptive.onnx": (ADAPTIVE_INPUTS, OUTPUTS),
    }

    assert set(models) == set(NETWORKS)
    assert sorted(path.name for path in tiny_bundle.glob("*.onnx")) == sorted(NETWORKS)
    for file, (inputs, outputs) in models.items():
        assert sorted(NETWORKS[file].inputs) == sorted(inputs)
        assert tuple(NETWORKS[file].outputs) == outputs


def renamed(network: onnx.ModelProto, kind: str) -> None:
    named = getattr(network.graph, kind)[0]
    for node in network.graph.node:
        for ends in (node.input, node.output):
            ends[:] = ["stranger" if end == named.name else end for end in ends]
    named.name = "stranger"


def another_type(network: onnx.ModelProto) -> None:
    """Takes numbers of double width where the first input was."""
    one = network.graph.input[0]
    before, target = one.name, one.type.tensor_type.elem_type
    one.type.tensor_type.elem_type = TensorProto.DOUBLE
    for node in network.graph.node:
        node.input[:] = ["cast" if end == before else end for end in node.input]
    network.graph.node.insert(0, helper.make_node("Cast", [before], ["cast"], to=target))


def another_width(network: onnx.ModelProto) -> None:
    """Takes one column more of the last input, and drops it."""
    one = network.graph.input[-1]
    dim = one.type.tensor_type.shape.dim[1]
    for node in network.graph.node:
        node.input[:] = ["cut" if end == one.name else end for end in node.input]
    width = np.array([dim.dim_value], np.int64)
    names = {"begin": np.array([0]), "end": width, "axis": np.array([1])}
    network.graph.initializer.extend(
        numpy_helper.from_array(array.astype(np.int64), name) for name, array in names.items()
    )
    network.graph.node.insert(0, helper.make_node("Slice", [one.name, *names], ["cut"]))
    dim.dim_value += 1


def another_output(network: onnx.ModelProto) -> None:
    """Gives one column less of the first output."""
    one = network.graph.output[0]
    for node in network.graph.node:
        node.output[:] = ["whole" if end == one.name else end for end in node.output]
    dim = one.type.tensor_type.shape.dim[1]
    names = {"begin": 0, "end": dim.dim_value - 1, "axis": 1}
    network.graph.initializer.extend(
        numpy_helper.from_array(np.array([value], np.int64), name) for name, value in names.items()
    )
    network.graph.node.append(helper.make_node("Slice", ["whole", *names], [one.name]))
    dim.dim_value -= 1


def not_a_number(network: onnx.ModelProto) -> None:
    for tensor in network.graph.initializer:
        array = numpy_helper.to_array(tensor)
        if array.dtype == np.float32 and array.ndim:
            tensor.CopyFrom(numpy_helper.from_array(np.full_like(array, np.nan), tensor.name))


def fixed_size(network: onnx.ModelProto) -> None:
    """Takes as many rows as come to a network at the least, and no others."""
    for one in network.graph.input:
        one.type.tensor_type.shape.dim[0].dim_value = ROWS_TOGETHER


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(lambda network: renamed(network, "input"), id="another-input"),
        pytest.param(lambda network: renamed(network, "output"), id="another-output"),
        pytest.param(another_type, id="another-type"),
        pytest.param(another_width, id="another-width"),
        pytest.param(another_output, id="another-width-of-output"),
        pytest.param(fixed_size, id="a-fixed-number-of-rows"),
        pytest.param(not_a_number, id="weights-that-are-NaN"),
    ],
)
def test_a_network_that_does_not_fit_is_refused_by_its_name(
    bundle: Path, file: str, edit: Callable[[onnx.ModelProto], None]
) -> None:
    network = onnx.load(bundle / file)
    edit(network)
    rewrite(bundle, file, network.SerializeToString())

    assert_all_refuse(bundle, file)


@pytest.mark.parametrize("file", FILES)
def test_a_network_whose_operator_is_no_text_is_refused_and_nothing_is_printed(
    bundle: Path, file: str, capfd: pytest.CaptureFixture[str]
) -> None:
    network = (bundle / file).read_bytes()
    operator = onnx.load(bundle / file).graph.node[0].op_type.encode()
    rewrite(bundle, file, network.replace(operator, b"\xff" + operator[1:]))

    assert_all_refuse(bundle, file)
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize("file", ["user_tower.onnx", "item_tower.onnx", "audio_predictor.onnx"])
def test_a_network_of_fewer_terms_than_the_vocabularies_is_refused(bundle: Path, file: str) -> None:
    network = onnx.load(bundle / file)
    for tensor in network.graph.initializer:
        array = numpy_helper.to_array(tensor)
        if array.ndim == 2 and array.shape[0] in {19, 202}:  # genres, and users
            tensor.CopyFrom(numpy_helper.from_array(array[:-1], tensor.name))
    rewrite(bundle, file, network.SerializeToString())

    assert_all_refuse(bundle, file)


def outside(tensor: onnx.TensorProto, location: str) -> None:
    """Moves the values of a tensor to a file."""
    external_data_helper.set_external_data(tensor, location, offset=0, length=SECRET.nbytes)
    tensor.ClearField("raw_data")


def adding(tensor: onnx.TensorProto | None, nodes: list[onnx.NodeProto]) -> onnx.ModelProto:
    """A network that adds something to its input."""
    graph = helper.make_graph(
        nodes,
        "adding",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 4])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 4])],
        [] if tensor is None else [tensor],
    )
    model: onnx.ModelProto = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8
    )
    return model


def in_initializer(location: str) -> onnx.ModelProto:
    tensor = numpy_helper.from_array(SECRET, "secret")
    outside(tensor, location)
    return adding(tensor, [helper.make_node("Add", ["x", "secret"], ["y"])])


def in_constant(location: str) -> onnx.ModelProto:
    tensor = numpy_helper.from_array(SECRET, "secret")
    outside(tensor, location)
    constant = helper.make_node("Constant", [], ["secret"], value=tensor)
    return adding(None, [constant, helper.make_node("Add", ["x", "secret"], ["y"])])


def in_branch(location: str) -> onnx.ModelProto:
    tensor = numpy_helper.from_array(SECRET, "secret")
    outside(tensor, location)
    value = helper.make_tensor_value_info("given", TensorProto.FLOAT, [4])
    node = helper.make_node("Identity", ["secret"], ["given"])
    branch = helper.make_graph([node], "branch", [], [value], [tensor])
    yes = numpy_helper.from_array(np.array(True), "yes")  # noqa: FBT003  a value of the network
    choice = helper.make_node("If", ["yes"], ["some"], then_branch=branch, else_branch=branch)
    return adding(yes, [choice, helper.make_node("Add", ["x", "some"], ["y"])])


PLACES = [in_initializer, in_constant, in_branch]


@pytest.mark.parametrize("network", PLACES)
@pytest.mark.parametrize("location", ["weights.bin", "../weights.bin", "*/_ORT_MEM_ADDR_/*"])
def test_no_network_reads_outside_its_file(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    network: Callable[[str], onnx.ModelProto],
    location: str,
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    for folder in (tmp_path, here):
        (folder / "weights.bin").write_bytes(SECRET.tobytes())
    monkeypatch.chdir(here)
    model = network(location).SerializeToString()

    assert has_external_data(model)
    with pytest.raises(ArtifactError, match="outside its file") as caught:
        OnnxNetwork("some.onnx", model, ("x",), ("y",))

    assert caught.value.file == "some.onnx"


def test_a_field_whose_number_is_too_long_hides_nothing() -> None:
    model = in_initializer("weights.bin")
    graph = model.graph.SerializeToString()
    model.ClearField("graph")
    # the number of the graph's field, 7, after a cut to 32 bits
    hidden = b"\xba\x80\x80\x80\x10" + bytes([len(graph) & 127 | 128, len(graph) >> 7]) + graph

    with pytest.raises(ValueError, match="no message can have"):
        has_external_data(model.SerializeToString() + hidden)
    with pytest.raises(ArtifactError, match=r"some\.onnx"):
        OnnxNetwork("some.onnx", model.SerializeToString() + hidden, ("x",), ("y",))


def test_the_same_network_with_its_weights_inside_is_run() -> None:
    tensor = numpy_helper.from_array(SECRET, "secret")
    model = adding(tensor, [helper.make_node("Add", ["x", "secret"], ["y"])]).SerializeToString()

    (found,) = OnnxNetwork("some.onnx", model, ("x",), ("y",)).run({"x": np.ones((1, 4), "f4")})

    assert not has_external_data(model)
    assert found.tolist() == [[8.0] * 4]


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("location", ["weights.bin", "../weights.bin", "/etc/hostname"])
def test_a_network_of_a_bundle_that_names_another_file_is_refused(
    bundle: Path, file: str, location: str
) -> None:
    network = onnx.load(bundle / file)
    tensor = next(one for one in network.graph.initializer if one.HasField("raw_data"))
    (bundle.parent / "weights.bin").write_bytes(tensor.raw_data)
    outside(tensor, location)
    rewrite(bundle, file, network.SerializeToString())

    assert "outside its file" in refused(bundle).reason
    assert_all_refuse(bundle, file)


@pytest.mark.parametrize("n_bytes", [1, 10, 100, 1000])
def test_half_a_network_is_refused_in_one_line(tiny_bundle: Path, n_bytes: int) -> None:
    model = (tiny_bundle / "user_tower.onnx").read_bytes()[:n_bytes]

    with pytest.raises(ArtifactError, match="user_tower"):
        OnnxNetwork("user_tower.onnx", model, two_tower.USER_INPUTS, ("embeddings",))
