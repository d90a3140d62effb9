"""Reads a dashboard into the model of Grafana's own SDK, and writes it out again: what the model does not know is lost."""

import json
import sys

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

register_default_plugins()
with open(sys.argv[1], encoding="utf-8") as file:
    dashboard = Dashboard.from_json(json.load(file))
print(JSONEncoder(sort_keys=True).encode(dashboard))
