"""Writer of Marian's binary model files with int8 weights, the format of ``model.*.intgemm.alphas.bin``.

Little-endian. Version and number of items; of each item the lengths of its name, shape and data and its type; all
names with a NUL; all shapes; a gap up to a multiple of 256 bytes; all data. An int8 matrix is followed by the factor
that its numbers were multiplied with. A matrix of ``[inputs, outputs]`` is stored the other way round, an embedding as
it is. Needs neither PyTorch nor NumPy.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Sequence
from dataclasses import dataclass

CONFIG = "special:model.yml"
VERSION = 1
INT8 = 0x0101
FLOAT32 = 0x0404
INTGEMM8 = 0x4101
_ALIGNMENT = 256


@dataclass(frozen=True)
class Item:
    """One named tensor. ``data`` is what the file holds, without padding."""

    name: str
    type: int
    shape: tuple[int, ...]
    data: bytes


def make_config(text: str) -> Item:
    """The item with the network's sizes, as YAML."""
    data = text.encode() + b"\0"
    return Item(CONFIG, INT8, (len(data),), data)


def make_floats(name: str, values: Sequence[float]) -> Item:
    """A row of numbers: biases, scales of layer norms, the largest expected inputs."""
    return Item(name, FLOAT32, (1, len(values)), array("f", values).tobytes())


def make_int8(name: str, shape: tuple[int, int], rows: Sequence[Sequence[float]]) -> Item:
    """A matrix as int8, rounded with one factor for all; ``rows`` are in the order in which they are stored."""
    largest = max(abs(value) for row in rows for value in row)
    factor = struct.unpack("<f", struct.pack("<f", 127 / largest))[0]
    data = array("b", (max(-127, min(127, round(value * factor))) for row in rows for value in row))
    return Item(name, INTGEMM8, shape, data.tobytes() + struct.pack("<f", factor))


def dump(items: Sequence[Item]) -> bytes:
    """The file's bytes."""
    names = [item.name.encode() + b"\0" for item in items]
    padded = [item.data + bytes(-len(item.data) % _ALIGNMENT) for item in items]
    head = struct.pack("<QQ", VERSION, len(items))
    for item, name, data in zip(items, names, padded, strict=True):
        head += struct.pack("<QQQQ", len(name), item.type, len(item.shape), len(data))
    head += b"".join(names) + b"".join(struct.pack(f"<{len(item.shape)}i", *item.shape) for item in items)
    gap = -(len(head) + 8) % _ALIGNMENT
    return head + struct.pack("<Q", gap) + bytes(gap) + b"".join(padded)
