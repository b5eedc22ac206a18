"""Graphs of networkx through the files it writes: what cannot be written, or comes back otherwise, shows."""

import inspect
import io
import json

import networkx as nx

# Where networkx knows the word, it warns of leaving it out; before 3.4 it did not.
_EDGES = {"edges": "edges"} if "edges" in inspect.signature(nx.node_link_data).parameters else {}


def _through(write, read, graph):
    file = io.BytesIO()
    write(graph, file)
    file.seek(0)
    return read(file)


FILES = {
    "GraphML": lambda graph: _through(nx.write_graphml, nx.read_graphml, graph),
    "GEXF": lambda graph: _through(nx.write_gexf, nx.read_gexf, graph),
    "JSON": lambda graph: nx.node_link_graph(json.loads(json.dumps(nx.node_link_data(graph, **_EDGES))), **_EDGES),
}
