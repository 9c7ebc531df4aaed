"""MiniLM against PyTorch and onnxruntime: the largest difference by layer, and pieces a second, in turn in one run.

``python -m tests.bench.transformer FOLDER PYTHON``: a model's folder, and the Python of an environment with torch,
transformers, onnx, onnxscript and onnxruntime; seedbed needs none of them.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROUNDS = 7
TEXTS = 200

PEERS = """
import json, sys, time
import numpy as np, onnxruntime, torch
from transformers import AutoModel

class Layers(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, ids, mask):
        return tuple(self.model(input_ids=ids, attention_mask=mask, output_hidden_states=True).hidden_states)

folder, batches, rows, rounds, graph = sys.argv[1:]
torch.set_num_threads(2)
model = Layers(AutoModel.from_pretrained(folder).eval())
example = torch.ones(2, 7, dtype=torch.long)
axes = {name: {0: "texts", 1: "pieces"} for name in ("ids", "mask")}
plain = Layers(AutoModel.from_pretrained(folder, attn_implementation="eager").eval())
torch.onnx.export(plain, (example, example), graph, input_names=["ids", "mask"], dynamic_axes=axes, dynamo=False)
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 2
session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
batches = [np.array(ids) for ids in json.load(open(batches))]
batches = [(np.maximum(ids, 0), (ids >= 0).astype(np.int64)) for ids in batches]
with torch.inference_mode():
    for n in range(int(rounds)):
        started = time.perf_counter()
        layers = [model(torch.from_numpy(ids), torch.from_numpy(mask)) for ids, mask in batches]
        between = time.perf_counter()
        of_graph = [session.run(None, {"ids": ids, "mask": mask}) for ids, mask in batches]
        print(between - started, time.perf_counter() - between, flush=True)
        sys.stdin.readline()
np.savez(rows, *[np.stack([layer.numpy() for layer in of_batch]) for of_batch in layers])
"""


def main(folder: str, python: str) -> None:
    """Print differences and ratios."""
    from tests.bench.elmo import imdb_sentences

    from seedbed.embeddings.transformer import Transformer, _encoder
    from seedbed.embeddings.transformers.network import all_layers

    encoder = _encoder(Transformer(path=folder, max_length=256, long="cut"))
    texts = encoder.tokenizer.of_texts([" ".join(words) for words in imdb_sentences()[:TEXTS]])
    spans = [encoder.reading.spans(len(text.ids), encoder.tokenizer.special) for text in texts]
    batches = list(encoder.batches([text.ids for text in texts], spans))
    pieces = sum(int(batch.lengths.sum()) for batch in batches)
    run = encoder.program(all_layers(encoder.architecture))
    ours = [run(batch) for batch in batches]  # traces
    with tempfile.TemporaryDirectory() as name:
        ids, rows, graph = Path(name) / "ids.json", Path(name) / "layers.npz", Path(name) / "layers.onnx"
        masked = [np.where(np.arange(b.ids.shape[1]) < b.lengths[:, None], b.ids, -1).tolist() for b in batches]
        ids.write_text(json.dumps(masked), encoding="utf-8")
        command = [python, "-c", PEERS, folder, str(ids), str(rows), str(ROUNDS + 1), str(graph)]
        child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        times = []
        for n in range(ROUNDS + 1):
            peers = [float(word) for word in child.stdout.readline().split()]
            started = time.perf_counter()
            ours = [run(batch) for batch in batches]
            own = time.perf_counter() - started
            child.stdin.write("\n")
            child.stdin.flush()
            if n:  # the first one warms the others up
                times.append((own, *peers))
        child.wait()
        width = encoder.architecture.width
        worst = np.zeros(encoder.architecture.layers + 1)
        for batch, layers, expected in zip(batches, ours, np.load(rows).values(), strict=True):
            for row, length in enumerate(batch.lengths[: len(batch.work)]):
                own_layers = layers[row, :length].reshape(length, -1, width).swapaxes(0, 1)
                worst = np.maximum(worst, np.abs(own_layers - expected[:, row, :length]).max(axis=(1, 2)))
    speeds = [pieces / statistics.median(t[column] for t in times) for column in range(3)]
    print(f"{pieces:,} pieces, {ROUNDS} rounds, medians: seedbed {speeds[0]:,.0f} a second")
    for column, peer in ((1, "PyTorch"), (2, "onnxruntime")):
        ratios = [t[column] / t[0] for t in times]
        spread = f"{min(ratios):.2f} to {max(ratios):.2f}"
        print(f"{peer} {speeds[column]:,.0f} a second: ratio {statistics.median(ratios):.2f} ({spread}; goal: 1)")
    print("largest difference by layer: " + ", ".join(f"{value:.1e}" for value in worst))


if __name__ == "__main__":
    main(*sys.argv[1:])
