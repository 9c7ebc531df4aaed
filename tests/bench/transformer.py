"""MiniLM against PyTorch's transformers: the largest difference by layer, and pieces a second, in turn in one run.

``python -m tests.bench.transformer FOLDER PYTHON``: a model's folder, and the Python of an environment with torch and
transformers; seedbed needs neither.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROUNDS = 3
TEXTS = 200

THEIRS = """
import json, sys, time
import numpy as np, torch
from transformers import AutoModel
torch.set_num_threads(2)
model = AutoModel.from_pretrained(sys.argv[1]).eval()
batches = [np.array(ids) for ids in json.load(open(sys.argv[2]))]
with torch.inference_mode():
    for n in range(int(sys.argv[4])):
        started = time.perf_counter()
        layers = []
        for ids in batches:
            tokens = torch.from_numpy(np.maximum(ids, 0))
            mask = torch.from_numpy((ids >= 0).astype(np.int64))
            layers.append(model(input_ids=tokens, attention_mask=mask, output_hidden_states=True).hidden_states)
        print(time.perf_counter() - started, flush=True)
        sys.stdin.readline()
np.savez(sys.argv[3], *[np.stack([layer.numpy() for layer in of_batch]) for of_batch in layers])
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
        ids, rows = Path(name) / "ids.json", Path(name) / "layers.npz"
        masked = [np.where(np.arange(b.ids.shape[1]) < b.lengths[:, None], b.ids, -1).tolist() for b in batches]
        ids.write_text(json.dumps(masked), encoding="utf-8")
        command = [python, "-c", THEIRS, folder, str(ids), str(rows), str(ROUNDS + 1)]
        child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        ratios = []
        for n in range(ROUNDS + 1):
            theirs = float(child.stdout.readline())
            started = time.perf_counter()
            ours = [run(batch) for batch in batches]
            own = time.perf_counter() - started
            child.stdin.write("\n")
            child.stdin.flush()
            if n:  # the first warms PyTorch up
                ratios.append(theirs / own)
                print(f"seedbed {pieces / own:,.0f} pieces/s, PyTorch {pieces / theirs:,.0f}: ratio {theirs / own:.2f}")
        child.wait()
        width = encoder.architecture.width
        worst = np.zeros(encoder.architecture.layers + 1)
        for batch, layers, expected in zip(batches, ours, np.load(rows).values(), strict=True):
            for row, length in enumerate(batch.lengths[: len(batch.work)]):
                own_layers = layers[row, :length].reshape(length, -1, width).swapaxes(0, 1)
                worst = np.maximum(worst, np.abs(own_layers - expected[:, row, :length]).max(axis=(1, 2)))
    print(f"{pieces:,} pieces; median ratio {np.median(ratios):.2f} (goal: at least 1)")
    print("largest difference by layer: " + ", ".join(f"{value:.1e}" for value in worst))


if __name__ == "__main__":
    main(*sys.argv[1:])
