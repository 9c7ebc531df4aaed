#!/usr/bin/env bash
# class_encode_column of a DatasetDict numbers the labels of each split on its own: where a split lacks a label, the same number
# is another label in train and in test.
# Version: datasets 5.2.0 with pyarrow 25.0.1, pandas 3.1.1 and numpy 2.4.6
# Expected: one ClassLabel for the whole DatasetDict; its splits have the same features, and the numbers are compared across them
# Seen: with negative, neutral, positive in train and no neutral in test, 1 is neutral in train and positive in test, without a
#   warning: predictions that name every label rightly have an accuracy of 0.5 by number. One label that is rare suffices,
#   or a few-shot train split; class_encode_column before train_test_split is right
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check --no-compile datasets==5.2.0 pyarrow==25.0.1 pandas==3.1.1 numpy==2.4.6
HF_HOME="$work/home" "$work/env/bin/python" - <<'PYTHON'
import warnings

from datasets import Dataset, DatasetDict, disable_progress_bars

warnings.simplefilter("error")
disable_progress_bars()
train = ["negative", "neutral", "positive", "neutral"]
test = ["negative", "positive", "positive", "negative"]
splits = DatasetDict(
    train=Dataset.from_dict({"text": ["bad", "so so", "good", "fair"], "label": train}),
    test=Dataset.from_dict({"text": ["poor", "great", "fine", "awful"], "label": test}),
)
encoded = splits.class_encode_column("label")
names = {split: data.features["label"].names for split, data in encoded.items()}
if names["train"] == names["test"]:
    raise SystemExit(f"the splits share their labels now: {names}")
assert names == {"train": ["negative", "neutral", "positive"], "test": ["negative", "positive"]}, names
predicted = [names["train"].index(name) for name in test]  # by a model of train that makes no mistake
gold = encoded["test"]["label"][:]
accuracy = sum(a == b for a, b in zip(predicted, gold, strict=True)) / len(gold)
assert accuracy == 0.5, (predicted, gold)
print(f"as seen: 1 is {names['train'][1]} in train and {names['test'][1]} in test; right predictions have accuracy {accuracy}")
PYTHON
