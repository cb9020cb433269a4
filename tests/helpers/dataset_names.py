"""Data sets that load with their default settings, and what the others need."""

from ebmbench.core import plugins

#: settings without which a data set is not: the path of a file
NEEDED = {name: {"path": "mine"} for name in ("table", "image_folder", "image_archive")}

WITH_DEFAULTS = sorted(set(plugins.available("dataset")) - set(NEEDED))
