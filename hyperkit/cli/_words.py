"""Messages of the package in the words of the command line: ``max_iter=5000`` is ``--max-iter 5000`` there.

An option of a command is declared with the name that Python has for it, ``("--starts", "n_init")``; so the command
itself says what to call a parameter that a warning or an error names.
"""

from __future__ import annotations

import re

import click


def in_words_of(command: click.Command | None, text: str) -> str:
    """The text with each parameter that is an option of the command called by it.

    A parameter is what an equals sign follows, or what has an underscore: "labels" may be a word of English.
    """
    for option in [] if command is None else command.params:
        if isinstance(option, click.Option) and option.name is not None:
            flag = max(option.opts, key=len)
            if option.is_flag:
                text = re.sub(rf"\b{option.name}=True\b", flag, text)
            text = re.sub(rf"\b{option.name}=(['\"]?)([\w.+-]+)\1", rf"{flag} \2", text)
            text = re.sub(rf"\b{option.name}=", flag, text)
            if "_" in option.name:
                text = re.sub(rf"\b{option.name}\b", flag, text)
    return text
