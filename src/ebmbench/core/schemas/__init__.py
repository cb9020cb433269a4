"""JSON schemas of the configuration, of claims and of tables, as files of the package."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

#: the folder of the schemas
SCHEMAS = Path(__file__).parent

#: libyaml reads the schema of the configuration ten times as fast as PyYAML without it
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_schema(path: Path) -> Mapping[str, Any]:
    """Read the JSON schema in a YAML file."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)
