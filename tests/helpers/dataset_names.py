"""Data sets that load with their default settings."""

from ebmbench.core import plugins

#: the others need the path of a file
WITH_DEFAULTS = sorted(set(plugins.available("dataset")) - {"table", "image_folder", "image_archive"})
