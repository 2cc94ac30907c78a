"""Writes packages/checkpoint/fixtures: what the reference implementation of safetensors makes.

Run from the repository's root with Python 3.11 and `pip install safetensors==0.8.0`.
The values are written out in the tests too, so there is no seed.
"""

import ctypes
import struct
from pathlib import Path

from safetensors import TensorSpec, serialize_file

FOLDER = Path("packages/checkpoint/fixtures")
buffers = []  # The specs hold addresses only: keep what they point to.


def stored(dtype: str, letter: str, *values: float, shape: list[int] | None = None) -> TensorSpec:
    data = struct.pack(f"<{len(values)}{letter}", *values)
    buffers.append(ctypes.create_string_buffer(data, max(len(data), 1)))
    return TensorSpec(
        dtype=dtype,
        shape=[len(values)] if shape is None else shape,
        data_ptr=ctypes.addressof(buffers[-1]),
        data_len=len(data),
    )


# The dtypes that tensors have: reading and writing again must give the same bytes.
same = {
    "f32": stored("float32", "f", 0.5, -1.25, 3.0e38, float("inf"), 0.0, -0.0, shape=[2, 3]),
    "f16": stored("float16", "e", 0.5, -1.25, 65504.0),
    "i64": stored("int64", "q", 2**62 + 1, -1),
    "i32": stored("int32", "i", 2**31 - 1, -(2**31)),
    "u8": stored("uint8", "B", 0, 255),
    "i8": stored("int8", "b", -128, 127),
    "bool": stored("bool", "?", True, False, True),
    "scalar": stored("float32", "f", 7, shape=[]),
    "empty": stored("float32", "f", shape=[0, 4]),
    "naïve ☃": stored("float32", "f", 1),
}
serialize_file(same, FOLDER / "same.safetensors", {"made by": "safetensors 0.8.0 ☃"})

# The dtypes that are converted. bfloat16 0x3fc0 is 1.5, 0xc2f7 is -123.5.
converted = {
    "f64": stored("float64", "d", 1 / 3, -1e300),
    "bf16": stored("bfloat16", "H", 0x3FC0, 0xC2F7),
    "i16": stored("int16", "h", -32768, 32767),
}
serialize_file(converted, FOLDER / "converted.safetensors")
