"""Finds out whether a network keeps weights outside its own file.

ONNX lets a tensor name a file, or even an address in memory, from which its values are read. A
bundle is sealed file by file, so none of its networks may: nothing that is not sealed is read.
This walks the Protobuf wire format, since serving has no ONNX library; field numbers are those of
onnx.proto.
"""

from collections.abc import Iterator

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_DATA_LOCATION, _EXTERNAL_DATA = 14, 13
_LAST_TAG = 2**32 - 1

_PARTS: dict[str, dict[int, str]] = {
    "model": {7: "graph", 20: "training", 25: "function"},
    "training": {1: "graph", 2: "graph"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "function": {7: "node", 11: "attribute"},
    "node": {5: "attribute"},
    "attribute": {
        5: "tensor",
        6: "graph",
        10: "tensor",
        11: "graph",
        22: "sparse",
        23: "sparse",
    },
    "sparse": {1: "tensor", 2: "tensor"},
    "tensor": {},
}
"""Kinds of messages, and which of their fields lead to tensors."""


def has_external_data(model: bytes) -> bool:
    """Whether any tensor of a network has its values elsewhere.

    Raises:
        ValueError: it is no Protobuf message.
    """
    waiting = [("model", memoryview(model))]
    while waiting:
        kind, message = waiting.pop()
        for number, value in _fields(message):
            if kind == "tensor" and number in {_DATA_LOCATION, _EXTERNAL_DATA} and value != 0:
                return True
            if number in _PARTS[kind] and isinstance(value, memoryview):
                waiting.append((_PARTS[kind][number], value))
    return False


def _fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Number and value of each field; of those of fixed width, 0."""
    place = 0
    while place < len(message):
        tag, place = _varint(message, place)
        if tag > _LAST_TAG:  # readers differ in what is left of it
            raise ValueError("holds a field that no message can have")
        number, form = tag >> 3, tag & 7
        if form == _VARINT:
            value, place = _varint(message, place)
            yield number, value
        elif form == _BYTES:
            size, place = _varint(message, place)
            yield number, message[place : place + size]
            place += size
        elif form in {_FIXED32, _FIXED64}:
            yield number, 0
            place += 4 if form == _FIXED32 else 8
        else:
            raise ValueError("is no message in the format of Protobuf")
    if place > len(message):
        raise ValueError("ends too early")


def _varint(message: memoryview, place: int) -> tuple[int, int]:
    """A number of variable width, and the place after it."""
    value = 0
    for shift in range(0, 70, 7):
        if place >= len(message):
            raise ValueError("ends too early")
        byte = message[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:  # noqa: PLR2004  the bit that says that more follows
            return value, place
    raise ValueError("holds a number that is too long")
