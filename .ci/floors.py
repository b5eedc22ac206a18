"""Print the oldest dependencies that setup.cfg allows, as constraints for pip: `x>=a` becomes `x==a`."""

import configparser
import re
from pathlib import Path

config = configparser.ConfigParser()
config.read(Path(__file__).parents[1] / "setup.cfg")
for requirement in config["options"]["install_requires"].split("\n"):
    if requirement and not re.fullmatch(r"[\w.-]+>=[\d.]+", requirement):
        raise SystemExit(f"setup.cfg: {requirement!r} names no floor, or more than a floor; give it as x>=a")
    print(requirement.replace(">=", "=="))
