"""One YAML a run, checked by one strict schema: a file a section, `root` for the whole."""

from pipeline.config.load import dump_yaml, json_schema, load_config
from pipeline.config.root import Config

__all__ = ["Config", "dump_yaml", "json_schema", "load_config"]
