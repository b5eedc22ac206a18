from . import pl, tl

__all__ = ["pl", "tl"]
