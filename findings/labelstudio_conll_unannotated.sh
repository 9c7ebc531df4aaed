#!/usr/bin/env bash
# The CoNLL export of Label Studio writes a task that nobody has annotated as a sentence without entities.
# Version: label-studio-sdk 2.1.2 (label_studio_sdk.converter)
# Expected: only annotated tasks are exported, as cancelled ones are left out; or the others are marked
# Seen: "Otto slept ." of a task with "annotations": [] is a sentence of O, like one that was read and has no entity:
#       a tagger that is trained on the export learns that its names are none
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check label-studio-sdk==2.1.2
cd "$work"
"$work/env/bin/python" - <<'PYTHON'
import json
from pathlib import Path

from label_studio_sdk.converter import Converter

labels = '<Labels name="label" toName="text"><Label value="PER"/></Labels>'
span = {"start": 0, "end": 4, "text": "Anna", "labels": ["PER"]}
result = {"from_name": "label", "to_name": "text", "type": "labels", "value": span}
tasks = [
    {"id": 1, "data": {"text": "Anna sang ."}, "annotations": [{"id": 1, "completed_by": 1, "result": [result]}]},
    {"id": 2, "data": {"text": "Otto slept ."}, "annotations": []},
    {"id": 3, "data": {"text": "Ida left ."}, "annotations": [
        {"id": 3, "completed_by": 1, "was_cancelled": True, "result": []}]},
]
Path("tasks.json").write_text(json.dumps(tasks))
config = f'<View>{labels}<Text name="text" value="$text"/></View>'
Converter(config, project_dir=None).convert_to_conll2003("tasks.json", "out", is_dir=False)
rows = [line.split() for line in Path("out/result.conll").read_text().splitlines() if line]
tags = {row[0]: row[-1] for row in rows}
assert tags["Anna"] == "B-PER" and "Ida" not in tags, tags
if tags.get("Otto") != "O":
    raise SystemExit(f"the task without annotations is exported otherwise now: {tags}")
print("as seen: the task that nobody annotated is a sentence of O, the cancelled one is left out")
PYTHON
