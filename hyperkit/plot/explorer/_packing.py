"""The data of a page as one text: arrays in the smallest types that hold them, zlib, base64.

Names and labels are inside, too: base64 has no letter that HTML could take for markup. Places are float64: in float32 a
cluster at polar radius 12 would open into a raster of steps of .005, at 16 of .3, and at 20 there would be nothing to
open. They are half of the page. The gap to the rim is not sent: the browser finds it from the place.
"""

from __future__ import annotations

import base64
import json
import struct
import zlib
from typing import Any

from numpy.typing import NDArray

_WORD = 8  # typed arrays of a browser start at multiples of their size


def packed(header: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> str:
    """Base64 of zlib of: length of the header (uint32), the header in JSON with the place of each array, the arrays.

    Whole numbers must not be negative. All is little-endian, as browsers are.
    """
    small = {name: _small(array) for name, array in arrays.items()}
    places, start = {}, 0
    for name, array in small.items():
        places[name] = [array.dtype.str[1:], start, len(array)]
        start += _padded(array.nbytes)
    # The places count from the first array; the header is as long as it takes, filled up with spaces.
    text = json.dumps(header | {"arrays": places}, allow_nan=False, ensure_ascii=False).encode()
    text += b" " * (_padded(4 + len(text)) - 4 - len(text))
    parts = [struct.pack("<I", len(text)), text]
    parts += [array.tobytes().ljust(_padded(array.nbytes), b"\0") for array in small.values()]
    return base64.b64encode(zlib.compress(b"".join(parts), 9)).decode("ascii")


def _small(array: NDArray[Any]) -> NDArray[Any]:
    if array.dtype.kind == "f":
        return array.astype(array.dtype.newbyteorder("<"))
    most = int(array.max(initial=0))
    return array.astype("<u1" if most < 2**8 else "<u2" if most < 2**16 else "<u4")


def _padded(size: int) -> int:
    return -(-size // _WORD) * _WORD
