"""JSON schemas of the configuration, of claims and of tables, as files of the package."""

from pathlib import Path

#: the folder of the schemas
SCHEMAS = Path(__file__).parent
