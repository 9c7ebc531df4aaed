"""The card of a shipped model: what it is, the evidence for it, what it was trained and not tested on."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from seedbed.cells import EXAMPLES, Finding, Row, SizeUnit
from seedbed.report.analysis.floor import floor_name
from seedbed.report.analysis.scores import Scale
from seedbed.report.pages.markdown import escaped
from seedbed.saved_models.description import NETWORK, Description
from seedbed.saved_models.requirement import requirement
from seedbed.shipping.ensemble_score import EnsembleScore
from seedbed.shipping.winner import Evidence

_FILES = (
    "`manifest.json` has the size and the sha256 of each file; a changed file is refused. `model.json`: labels, text "
    "preparation and settings. `config.json`: all settings of the study's arm. `weights.safetensors`, `words.json`: "
    "arrays and words. Nothing is pickled, and no code of the folder runs."
)
_ONNX = (
    " `model.onnx`: the same model for ONNX runtimes; inputs `ids` int64 `[texts, tokens]`, 0 for padding and unknown "
    "words, and `lengths` int64 `[texts]`; output `probabilities` float32 `[texts, {}]`, the mean of the replicates "
    "(`replicates`: of each). `onnx.json`: the words of the ids from 1 on, other spellings, and the labels in order."
)


@dataclass(frozen=True)
class Facts:
    """What a card says besides the description of its model.

    ``rows``: of the cells; ``again``: how many were trained again, and their mean score then; ``where``: the study.
    ``together``: the score of the ensemble, or why there is none; ``refit``: whether validation examples were added;
    ``onnx``: whether the folder has a graph of ONNX.
    """

    evidence: Evidence
    rows: Sequence[Row]
    findings: Sequence[Finding]
    where: str
    kept_words: str
    again: tuple[int, float, float] | None = None
    together: EnsembleScore | str = ""
    refit: bool = False
    onnx: bool = False


def card(description: Description, facts: Facts) -> str:
    """Return the card in Markdown, in the style of a model card of the Hugging Face hub."""
    tagging = description.per_token
    kind = "token-classification" if tagging else "text-classification"
    is_arm = description.kind == NETWORK
    method = description.name if is_arm else floor_name(description.kind)
    parts = [
        f"---\npipeline_tag: {kind}\nlibrary_name: seedbed\ntags: [seedbed, few-shot]\n---",
        f"# {escaped(method, 80)} on {escaped(description.dataset, 80)}",
        _what(description, EXAMPLES if facts.refit else facts.evidence.size_unit),
        _use("tags" if tagging else "labels" if description.multilabel else "label"),
        "## Evidence\n\n" + "\n".join(f"- {escaped(line, 600)}" for line in _evidence(facts)),
        "## Training data\n\n" + _draws(description),
        "## Cost\n\n" + _cost(facts.rows),
        "## Contamination and protocol\n\n" + _findings(facts.findings),
        "## Intended use and limits\n\n" + "\n".join(f"- {line}" for line in _limits(description, facts)),
        "## Files\n\n" + _FILES + _ONNX.format("tokens, tags" if tagging else "labels") * facts.onnx,
        _versions(description),
    ]  # fmt: skip
    return "\n\n".join(parts) + "\n"


def _use(attribute: str) -> str:
    commands = 'seedbed predict model=. text="..."\nseedbed predict model=. input=texts.txt output=labels.csv'
    code = (
        'import seedbed\n\nmodel = seedbed.load_model(".")\n'
        f'for predicted in model.predict(["..."]):\n    print(predicted.{attribute})'
    )
    return f"## Use\n\n```sh\n{commands}\n```\n\n```python\n{code}\n```"


def _what(description: Description, unit: SizeUnit) -> str:
    number = len(description.replicates)
    together = f"An ensemble of {number} replicates that predict together" if number > 1 else "One replicate"
    labels = ", ".join(f"`{escaped(label, 40)}`" for label in description.labels[:40])
    more = f" and {len(description.labels) - 40} more" * (len(description.labels) > 40)
    noun = "Tags" if description.per_token else "Labels"
    sizes = sorted({one.n_train for one in description.replicates})
    fewest = f"{sizes[0]:,} to " * (len(sizes) > 1)
    each = "each " * (number > 1)
    return f"{together}, {each}trained on {fewest}{unit.count(sizes[-1])}.\n\n{noun}: {labels}{more}."


def _evidence(facts: Facts) -> list[str]:
    scale = facts.evidence.scale
    lines = [*facts.evidence.sentences, f"From {facts.where}, at {facts.evidence.size}."]
    if facts.again:
        number, before, now = facts.again
        lines.append(
            f"{number} replicates were trained again for this folder; their mean {facts.evidence.metric} then was "
            f"{scale.show(before)}, now {scale.show(now)}."
        )
    lines += _searched(facts)
    lines += ["These scores are those of single replicates."] if len(facts.rows) != 1 else []
    if len(facts.rows) > 1 or facts.evidence.is_floor:
        lines.append(_together(facts.together, scale))
    if facts.refit:
        lines.append(
            "The replicates of this folder were then trained on their training and validation examples together, for "
            "the number of epochs (or with the parameter of the probe) that was best on validation before. Their score "
            "is not measured: all scores here are those of the models without the validation examples."
        )
    return lines


def _searched(facts: Facts) -> list[str]:
    """What a search had to do with the replicates: their settings, and the examples of those of ``tune.refit``."""
    settings, evidence = {str(row.get("setting", "default")) for row in facts.rows}, facts.evidence
    if not settings - {"default"}:
        return []
    lines = ["The settings of each replicate were chosen by a search, on its own validation examples."]
    if "refit" in settings:
        scores = _measured(facts.rows, evidence.metric)
        mean = evidence.scale.show(sum(scores) / len(scores)) if scores else "not measured"
        lines.append(
            "The replicates of this folder were trained with them on training and validation examples together "
            f"(tune.refit=true); their mean {evidence.metric} is {mean}. The scores above are those without."
        )
    return lines


def _together(score: EnsembleScore | str, scale: Scale) -> str:
    if isinstance(score, str):
        return f"The score of the ensemble was not measured: {score}."
    which = "the" if score.examples == score.tested else f"those {score.examples:,} of {score.tested:,}"
    return (
        f"The ensemble of all replicates has {score.metric} {scale.show(score.mean)} by the mean of the probabilities "
        f"and {scale.show(score.vote)} by vote, on {which} test examples that all replicates share; a single replicate "
        f"has {scale.show(score.single)} there on average."
    )


def _draws(description: Description) -> str:
    rows = [
        f"| {one.replicate} | {one.n_train:,} | {one.data_seed} | {one.init_seed} | `{one.draw[:16]}` | "
        f"`{one.cell[:16]}` |"
        for one in description.replicates
    ]
    head = "| replicate | n_train | data seed | init seed | draw | cell |\n|---:|---:|---:|---:|---|---|\n"
    return (
        f"Data set: {escaped(description.dataset, 80)}, with the digest `data` {escaped(description.data[:16])}. "
        "Digests `draw` of the drawn examples and `cell` of the cells, as in `results.csv`; first 16 digits:\n\n"
        + head
        + "\n".join(rows)
    )


def _cost(rows: Sequence[Row]) -> str:
    seconds, joules, weights = (_measured(rows, name) for name in ("seconds", "energy_j", "trained_weights"))
    said = [f"training {sum(seconds):.1f} s for all replicates"] if seconds else []
    said += [f"energy {sum(joules):,.0f} J"] if joules else []
    said += [f"{weights[0]:,.0f} trained weights in each replicate"] if weights else []
    return f"In the study: {'; '.join(said)}." if said else "Not measured."


def _versions(description: Description) -> str:
    versions = ", ".join(f"{escaped(name)} {escaped(one)}" for name, one in description.versions.items())
    return f'Install: `pip install "{requirement(description)}"`. Versions: {versions}.'


def _measured(rows: Sequence[Row], name: str) -> list[float]:
    values = [float(row.get(name, math.nan)) for row in rows]
    return [value for value in values if math.isfinite(value)]


def _findings(findings: Sequence[Finding]) -> str:
    if not findings:
        return "The linter of the study found nothing."
    return "\n".join(f"- {escaped(found.rule, 60)}: {escaped(found.text, 400)}" for found in findings)


def _limits(description: Description, facts: Facts) -> list[str]:
    text = description.text
    lines = [
        f"For texts like those of {escaped(description.dataset, 80)}; labels outside the list are never predicted.",
        "Not tested on other sources, domains, languages or periods, nor on texts written to mislead it.",
        "Probabilities were not calibrated.",
        *(["A label is predicted where its probability is above 0.5."] if description.multilabel else []),
        f"Texts are split as tokenizer={text.tokenizer}"
        + (", in lower case" if text.lowercase else "")
        + (f", and cut to {text.max_tokens:,} tokens" if text.max_tokens else "")
        + ".",
    ]
    return [*lines, facts.kept_words] if facts.kept_words else lines
