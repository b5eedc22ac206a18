"""From the bytes of a text table to its cells: packing, encoding, separators, the header.

pandas splits the text. What is decided here is what its lines mean: a first line without a single number is a header,
one with the two counts of word2vec's format is none and no point either, and which line each row stands in, for errors.
"""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import lzma
import re
import zipfile
import zlib
from typing import Any, NoReturn

from ._cells import DECIMAL_COMMA, Cells, first_holds_names, kind
from ._tables import Wanted

_READS = "hyperkit reads CSV, TSV, XLSX, Parquet, Feather, h5ad, NPY and NPZ files"
# What files of other kinds begin with, and the suffix that has them read.
_MAGIC = {b"PAR1": ".parquet", b"ARROW1": ".feather", b"\x89HDF": ".h5ad", b"\x93NUMPY": ".npy"}
_SEPARATORS = {"tab": "\t", r"\t": "\t", "space": r"\s+", " ": r"\s+"}


def read_text(data: bytes, source: str, wanted: Wanted) -> Cells:
    """The cells of a text table, which may be packed."""
    text = _decoded(_unpacked(data, source), wanted.encoding, source)
    lines = text.rstrip("\n").split("\n")
    if wanted.comment is not None:
        lines = ["" if line.lstrip().startswith(wanted.comment) else line for line in lines]
    filled = [number for number, line in enumerate(lines) if line.strip()]
    if not filled:
        raise ValueError(f"{source} is empty; a table of points is needed")
    if _is_count(lines, filled):
        lines[filled.pop(0)] = ""
    said = re.fullmatch(r"sep=(.)\s*", lines[filled[0]]) if len(filled) > 1 else None  # as Excel has it
    if said:
        lines[filled.pop(0)] = ""
    try:
        separator = said[1] if said and wanted.sep is None else _separator(lines, filled, source, wanted)
        return _split(lines, source, wanted, separator)
    except ValueError as error:
        mark = lines[filled[0]].lstrip()[0]
        if wanted.comment is not None or mark not in "#%":
            raise
        raise ValueError(f"{error}; if lines that begin with {mark} are comments, pass --comment {mark}") from error


def _unpacked(data: bytes, source: str) -> bytes:
    """Told by the first bytes, as stdin has no suffix."""
    ways = {b"\x1f\x8b": gzip.decompress, b"BZh": bz2.decompress, b"\xfd7zXZ": lzma.decompress, b"PK\x03\x04": _unzip}
    for magic, unpack in ways.items():
        if data.startswith(magic):
            try:
                return unpack(data)
            except (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, RuntimeError) as error:
                raise ValueError(f"{source} cannot be unpacked, perhaps it is damaged: {error}") from None
            except ValueError as error:
                raise ValueError(f"{source} {error}") from None
    return data


def _unzip(data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if "xl/workbook.xml" in archive.namelist():
            raise ValueError("is a workbook: give its name the suffix .xlsx")
        # macOS puts a file of its own beside each.
        names = [name for name in archive.namelist() if not name.endswith("/") and not name.startswith("__MACOSX/")]
        if len(names) != 1:
            found = ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")
            raise ValueError(f"holds {len(names)} files ({found}); pack one table alone, or unpack it first")
        return archive.read(names[0])


def _decoded(data: bytes, encoding: str | None, source: str) -> str:
    try:
        text = data.decode(encoding or "utf-8")
    except LookupError:
        raise ValueError(f"--encoding {encoding} is not known; such as utf-16, latin-1 or cp1252 are") from None
    except UnicodeError as error:
        if encoding is None:
            _explain_bytes(data, source)
        raise ValueError(f"{source} is not a text table in --encoding {encoding}: {error}") from None
    if "\0" in text:  # pandas ends a cell there, and would read 1\x002 as 1
        _explain_bytes(data, source)
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return text.replace("\n\ufeff", "\n")  # of files that were joined, each has one


def _explain_bytes(data: bytes, source: str) -> NoReturn:
    """Raise, and name the option if another encoding is at hand."""
    for magic, suffix in _MAGIC.items():
        if data.startswith(magic):
            raise ValueError(f"{source} is not a text table: give its name the suffix {suffix}")
    guess = None
    if data.startswith((b"\xff\xfe\0\0", b"\0\0\xfe\xff")):
        guess = "utf-32"
    elif data.startswith((b"\xff\xfe", b"\xfe\xff")):
        guess = "utf-16"
    else:
        for encoding, zeros in {"utf-16-le": data[1::2], "utf-16-be": data[::2]}.items():
            if zeros.count(0) > 0.9 * len(zeros):  # of Western text every second byte
                guess = encoding
    if guess is not None:
        raise ValueError(f"{source} is not a text table in UTF-8, but in {guess.upper()}: pass --encoding {guess}")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        if not any(byte in data for byte in range(9)):
            line = data[: error.start].replace(b"\r\n", b"\n").replace(b"\r", b"\n").count(b"\n") + 1
            raise ValueError(
                f"{source} is not a text table in UTF-8: line {line} has the byte {data[error.start]:#x}; pass the "
                "encoding it has, such as --encoding latin-1 (Western Europe) or cp1252 (Excel on Windows)"
            ) from None
    raise ValueError(f"{source} is not a text table; {_READS}")


def _is_count(lines: list[str], filled: list[int]) -> bool:
    """Whether the text is that of word2vec: a line with the numbers of rows and columns, then a name and so many."""
    if len(filled) < 2:
        return False
    counts, first = lines[filled[0]].split(), lines[filled[1]].split()
    return counts == [str(len(filled) - 1), str(len(first) - 1)]


def _separator(lines: list[str], filled: list[int], source: str, wanted: Wanted) -> str:
    """The one asked for, that of the suffix, or the likeliest, as a pattern of pandas."""
    if wanted.sep is not None:
        separator = _SEPARATORS.get(wanted.sep, wanted.sep)
        if len(separator) > 1 and separator != r"\s+":
            raise ValueError(f"--sep {wanted.sep} must be one character, tab or space")
        return separator
    opening = re.sub(r'"[^"]*"', '""', _first_row(lines[filled[0] :]))  # what is quoted separates nothing
    # A separator beside which every comma is that of a number.
    for other, cells in {**{mark: opening.split(mark) for mark in "\t;|"}, r"\s+": opening.split()}.items():
        if len(cells) > 1 and all(DECIMAL_COMMA.fullmatch(cell) for cell in cells):
            return other
    name = re.sub(r"\.(gz|bz2|zip|xz)$", "", source.lower())
    # Bars may part the words of a label, and count only where nothing else separates.
    candidates = "\t;" if wanted.decimal == "," and (" " in opening or not {*"\t;|"}.isdisjoint(opening)) else "\t,;"
    likeliest = "\t" if name.endswith((".tsv", ".tab")) else max(candidates, key=opening.count)
    if likeliest not in opening:
        likeliest = "|"
    return likeliest if likeliest in opening else r"\s+"


def _first_row(lines: list[str]) -> str:
    """The lines up to the one in which all quotes have ended."""
    row, is_open = [], False
    for line in lines:
        row.append(line)
        is_open ^= line.count('"') % 2 == 1
        if not is_open:
            break
    return "".join(row)


def _split(lines: list[str], source: str, wanted: Wanted, separator: str) -> Cells:
    text = "\n".join(lines)
    begins = _begins(lines, separator, source)
    ends = [*(begin - 1 for begin in begins[1:]), len(lines) - 1]
    filled = [record for record, begin in enumerate(begins) if lines[begin].strip()][:2]
    opening = ["\n".join(lines[begins[record] : ends[record] + 1]) for record in filled]
    widths = [_parse(record, separator, wanted, source).shape[1] for record in opening]
    frame = _parse(text, separator, wanted, source, max(widths))
    if len(frame) != len(begins):
        raise ValueError(f"{source} has quotes that do not say where its cells end")

    frame = frame[(frame != "").any(axis=1)]
    width, is_short = frame.shape[1], frame.iloc[:, -1] == ""
    while frame.shape[1] > 1 and (frame.iloc[:, -1] == "").all():  # of rows that end with a separator
        frame = frame.iloc[:, :-1]
    headings = [str(column) for column in range(frame.shape[1])]
    first = [" ".join(cell.split()) for cell in frame.iloc[0, : widths[0]]]
    header = _is_header(first, source) if wanted.header is None else wanted.header
    if header:
        if len(frame) == 1:
            raise ValueError(f"{source} has a header but no rows")
        frame = frame.iloc[1:]
        if len(first) < len(headings) - 1:
            raise ValueError(f"{source}: the header has {len(first)} cells, and the rows have {len(headings)}")
        headings = ["", *first] if len(first) == len(headings) - 1 else first
    closing = (separator, '""')  # of a row whose last cell is empty: pandas fills up one that has too few cells
    for record in frame.index[is_short[frame.index]]:
        line = lines[ends[record]]
        line = line if wanted.comment is None else line.partition(wanted.comment)[0]
        if not line.rstrip(" ").endswith(closing):
            full = frame.index[~is_short[frame.index]]
            if len(full) and is_short.mean() > 0.5:  # the odd one is the long one
                raise ValueError(f"{source}: line {begins[full[0]] + 1} has {width} cells, and most have fewer")
            raise ValueError(f"{source}: line {begins[record] + 1} has fewer than {width} cells")
    return Cells(source, frame, headings, header, [begins[record] + 1 for record in frame.index], wanted.decimal)


def _begins(lines: list[str], separator: str, source: str) -> list[int]:
    """Number of the line, from 0, in which each row begins: a quoted cell may run over several.

    Python's reader says where a quote has no end, or text follows it; pandas would make one cell of many rows.
    """
    if not any('"' in line for line in lines):
        return list(range(len(lines)))
    if separator == r"\s+":
        for number, line in enumerate(lines, start=1):
            if line.count('"') % 2:
                raise ValueError(f'{source}: line {number} opens a quote (") that does not end on the same line')
        return list(range(len(lines)))
    reader = csv.reader((line + "\n" for line in lines), delimiter=separator, skipinitialspace=True, strict=True)
    begins = [0]
    try:
        begins.extend(reader.line_num for _ in reader)
    except csv.Error:
        raise ValueError(
            f'{source}: line {begins[-1] + 1} opens a quote (") that does not end at the end of a cell; '
            'inside a quoted cell a quote is written twice ("")'
        ) from None
    return begins[:-1]


def _parse(text: str, separator: str, wanted: Wanted, source: str, width: int | None = None) -> Any:
    import pandas as pd

    try:
        frame = pd.read_csv(
            io.StringIO(text),
            sep=separator,
            header=None,
            names=None if width is None else range(width),
            index_col=False,
            dtype=str,
            keep_default_na=False,
            skip_blank_lines=False,
            skipinitialspace=True,
            comment=wanted.comment,
        )
    except pd.errors.ParserError as error:
        text = str(error).rpartition("C error: ")[2].strip()
        hint = "" if wanted.sep else "; if another character separates its cells, pass --sep"
        raise ValueError(f"{source} is no text table: {text}{hint}") from None
    return frame


def _is_header(cells: list[str], source: str) -> bool:
    named = first_holds_names(cells)
    headings = cells[named:]
    if headings == [str(column) for column in range(len(headings))]:  # what pandas writes over columns without a name
        if named:
            return True
        line = ",".join(cells)
        raise ValueError(f"{source}: the first line, {line}, may be a header or a point; pass --header or --no-header")
    return all(kind(cell) == "text" and not DECIMAL_COMMA.fullmatch(cell) for cell in headings)
