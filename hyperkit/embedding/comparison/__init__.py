"""Two embeddings of the same rows, side by side: in which they agree, and where not."""

from ._comparison import compare
from ._result import EmbeddingComparison, key_lines

__all__ = ["EmbeddingComparison", "compare", "key_lines"]
