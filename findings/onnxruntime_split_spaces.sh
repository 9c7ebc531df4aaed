#!/usr/bin/env bash
# ONNX Runtime's StringSplit without a delimiter splits at spaces only: words with a tab or a line end between them stay one.
# Version: onnxruntime 1.32.0 (CPU) with onnx 1.23.2 and numpy 2.4.6
# Expected: without a delimiter the operator splits at consecutive whitespace characters, as its definition says and ONNX's own
#   reference evaluator does
# Seen: "a b" is two words, "a<tab>b" and "a<line end>b" are one, and of "a <line end> b" the line end is a word: a model that
#   contains its tokenizer looks up other words than those that its reference finds
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check onnxruntime==1.32.0 onnx==1.23.2 numpy==2.4.6
cd "$work"
"$work/env/bin/python" - <<'PYTHON'
import numpy as np
import onnxruntime
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator

node = helper.make_node("StringSplit", ["texts"], ["words", "counts"])
inputs = [helper.make_tensor_value_info("texts", TensorProto.STRING, [None])]
outputs = [
    helper.make_tensor_value_info("words", TensorProto.STRING, [None, None]),
    helper.make_tensor_value_info("counts", TensorProto.INT64, [None]),
]
graph = helper.make_graph([node], "split", inputs, outputs)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
texts = np.array(["a b", "a  b", "a\tb", "a\nb", "a \n b"], dtype=object)
reference = ReferenceEvaluator(model).run(["counts"], {"texts": texts})[0].tolist()
session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
counts = session.run(["counts"], {"texts": texts})[0].tolist()
assert reference == [2, 2, 2, 2, 2], reference
if counts != [2, 2, 1, 1, 3]:
    raise SystemExit(f"the numbers of words are others now: {counts}")
print(f"as seen: words of {texts.tolist()}: {counts}, by the reference {reference}")
PYTHON
