"""Tables that are no text: sheets, Parquet, Feather, and the embeddings of an h5ad file.

Each is read by the library that people write it with, which comes with an extra where pandas has none of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from ._cells import Cells
from ._tables import Wanted


def read_frame(file: str, wanted: Wanted) -> Cells:
    """The cells of a file that is a table by its suffix."""
    return _READERS[Path(file).suffix.lower()](file, wanted)


def _read_sheet(file: str, wanted: Wanted) -> Cells:
    """A sheet of a workbook; rows are called by the number that they have there."""
    with _reading(file, "openpyxl", "files"):
        import pandas as pd

        with pd.ExcelFile(file, engine="openpyxl") as book:
            frames = book.parse(None, header=None, dtype=object)
    filled = {name: one.dropna(axis=1, how="all").dropna(how="all") for name, one in frames.items()}
    frame = _sheet_named(wanted.sheet, filled, file)
    number = int(frame.index[0]) + 1
    first = [None if cell != cell else cell for cell in frame.iloc[0]]  # an empty cell is NaN
    are_text = [isinstance(cell, str) for cell in first if cell is not None]
    header = all(are_text) if wanted.header is None else wanted.header
    headings = [str(column) for column in range(frame.shape[1])]
    if header:
        frame = frame.iloc[1:]
        if frame.empty:
            raise ValueError(f"{file} has a header but no rows")
        if None in first[1:]:
            raise ValueError(
                f"{file}: line {number} is taken for the header, and is empty above some columns; give each column a "
                "heading, take out what is above the header, or pass --no-header"
            )
        headings = ["" if cell is None else " ".join(str(cell).split()) for cell in first]
    return Cells(file, frame, headings, header, [int(row) + 1 for row in frame.index])


def _sheet_named(sheet: str | None, sheets: dict[str, Any], file: str) -> Any:
    """The sheet that is wanted, or the only one that has cells: old programs made three sheets at once."""
    filled = [name for name, frame in sheets.items() if not frame.empty]
    found = ", ".join(map(repr, filled))
    if not filled:
        raise ValueError(f"{file} is empty; a table of points is needed")
    if sheet is None and len(filled) > 1:
        raise ValueError(f"{file} has several sheets; pass --sheet with one of: {found}")
    if sheet is not None and sheet not in sheets:
        raise ValueError(f"{file} has no sheet {sheet!r}; pass --sheet with one of: {found}")
    if sheet is not None and sheet not in filled:
        raise ValueError(f"{file}: sheet {sheet!r} is empty; pass --sheet with one of: {found}")
    return sheets[filled[0] if sheet is None else sheet]


def _read_parquet(file: str, wanted: Wanted) -> Cells:
    with _reading(file, "pyarrow", "files"):
        import pandas as pd

        return _of_frame(file, pd.read_parquet(file))


def _read_feather(file: str, wanted: Wanted) -> Cells:
    with _reading(file, "pyarrow", "files"):
        import pandas as pd

        return _of_frame(file, pd.read_feather(file))


def _read_h5ad(file: str, wanted: Wanted) -> Cells:
    """An embedding of the cells, their names, and what is known of each; the counts stay on the disk."""
    import numpy as np

    with _reading(file, "anndata", "anndata"):
        import anndata

        adata = anndata.read_h5ad(file, backed="r")
        embeddings, obs = {key: adata.obsm[key] for key in adata.obsm}, adata.obs
        adata.file.close()
    key = _embedding_named(wanted.obsm, {key: table.shape for key, table in embeddings.items()}, file)
    import pandas as pd

    points = np.asarray(embeddings[key])
    if points.ndim != 2 or points.dtype.kind not in "fiu":
        raise ValueError(f"{file}: obsm[{key!r}] is no table of numbers")
    coordinates = pd.DataFrame(points, index=obs.index, columns=[f"x{column + 1}" for column in range(points.shape[1])])
    # Of obs only what is asked for: the rest are numbers and texts of every kind.
    asked = {name for name in (wanted.labels, wanted.groups, wanted.index) if name is not None}
    missing = sorted(asked - set(obs.columns)) if wanted.labels_needed else []
    if missing:
        raise ValueError(f"{file} has no column {missing[0]!r} in obs; it has: {', '.join(map(str, obs.columns))}")
    return _of_frame(file, pd.concat([coordinates, obs[[name for name in obs.columns if name in asked]]], axis=1))


def _embedding_named(obsm: str | None, shapes: dict[str, tuple[int, ...]], file: str) -> str:
    found = ", ".join(f"{key} ({shape[1]} columns)" for key, shape in shapes.items())
    if not shapes:
        raise ValueError(f"{file} has no embedding in obsm; write one there first, with scanpy or hyperkit")
    if obsm is None and len(shapes) > 1:
        raise ValueError(f"{file} has several embeddings in obsm; pass --obsm with one of: {found}")
    if obsm is not None and obsm not in shapes:
        raise ValueError(f"{file} has no obsm[{obsm!r}]; pass --obsm with one of: {found}")
    key = obsm or next(iter(shapes))
    if obsm is None:
        click.echo(f"Points: obsm[{key!r}] of {file}", err=True)
    return key


def _of_frame(file: str, frame: Any) -> Cells:
    """A frame with its index in first place, if that is not only the number of the row.

    Under an empty heading, which is that of names; of several levels each has its own.
    """
    import pandas as pd

    if frame.empty:
        raise ValueError(f"{file} holds no rows")
    headings = [str(column) for column in frame.columns]
    if not isinstance(frame.index, pd.RangeIndex):
        levels = frame.index.to_frame(index=False)
        frame = pd.concat([levels, frame.reset_index(drop=True)], axis=1)
        headings = ([""] if levels.shape[1] == 1 else [str(level) for level in levels.columns]) + headings
    return Cells(file, frame, headings, header=True)


@contextmanager
def _reading(file: str, library: str, extra: str) -> Iterator[None]:
    """Name what must be installed, or the file that is none of its kind: each library has errors of its own."""
    try:
        yield
    except ImportError as error:
        raise ImportError(f'{library} is needed to read {file}: pip install "hyperkit-geometry[{extra}]"') from error
    except MemoryError as error:
        raise MemoryError(f"{file} does not fit; {error}" if str(error) else f"{file} does not fit") from error
    except OSError:
        if not Path(file).is_file():
            raise
        raise ValueError(f"{file} is no {Path(file).suffix} file, or a damaged one") from None
    except Exception as error:
        if isinstance(error, ValueError) and str(error).startswith(file):
            raise
        raise ValueError(f"{file} is no {Path(file).suffix} file, or a damaged one") from None


_READERS = {
    ".xlsx": _read_sheet,
    ".xlsm": _read_sheet,
    ".parquet": _read_parquet,
    ".pq": _read_parquet,
    ".feather": _read_feather,
    ".h5ad": _read_h5ad,
}
FRAMES = tuple(_READERS)
WORKBOOKS = tuple(suffix for suffix, read in _READERS.items() if read is _read_sheet)
