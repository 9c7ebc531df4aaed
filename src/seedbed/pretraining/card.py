"""The card of a trained model: ``card.json`` for programs, ``README.md`` for people."""

import json
from pathlib import Path

from seedbed.files import write_whole
from seedbed.pretraining import files
from seedbed.pretraining.progress import Record

CARD, README = "card.json", "README.md"

Card = Record
"""The object in ``card.json``; its ``looks`` are the evaluations on held-out text."""

ENDS = {
    "epochs": "all epochs done",
    "patience": "held-out perplexity no longer fell",
    "time": "the time limit; the same command continues",
}


def write(folder: Path, card: Card) -> None:
    """Write both files. Raises InputError."""
    write_whole(folder / CARD, json.dumps(card, indent=1).encode())
    write_whole(folder / README, to_markdown(card).encode())


def to_markdown(card: Card) -> str:
    """Return the card in Markdown."""
    recipe, train, held_out, best = card["recipe"], card["train"], card["held_out"], card["best"]
    lstm = recipe["options"]["lstm"]
    filters = sum(number for _, number in recipe["options"]["char_cnn"]["filters"])
    lines = [
        f"# A biLM trained on {_escape(recipe['corpus'])}",
        "",
        f"ELMo (Peters et al. 2018) in the AllenNLP format, by `seedbed pretrain`: {filters} character filters, "
        f"{lstm['n_layers']} layers of {lstm['dim']} units and {lstm['projection_dim']} dimensions in each direction, "
        f"stored in {card['stored']}.",
        "",
        "```sh",
        f"seedbed embed embedding=elmo_own embedding.options={files.OPTIONS} embedding.weights={files.WEIGHTS} "
        "input=sentences.txt output=vectors.npz",
        "```",
        "",
        *_describe_text(card["text"]),
        "| text | documents | sentences | tokens |",
        "|---|---:|---:|---:|",
        f"| training | {train['documents']:,} | {train['sentences']:,} | {train['tokens']:,} |",
        f"| held out | {held_out['documents']:,} | {held_out['sentences']:,} | {held_out['tokens']:,} |",
        "",
        f"Vocabulary of the softmax: {card['vocabulary']:,} words; {held_out['unknown']:.1%} of the held-out tokens "
        "are unknown to it.",
    ]
    if "distil" in recipe:
        teacher = recipe["distil"]
        lines += ["", f"Before the training the token network learned the vectors of {_escape(teacher['vectors'])} "
                  f"({teacher['words']:,} words); the linear map to them is not part of the model."]  # fmt: skip
    if card["excluded"]:
        lines += ["", f"{card['excluded']:,} texts were excluded; their ids are in `excluded_ids.txt`."]
    if best:
        lines += [
            "", "| after words | training loss | perplexity, forward | backward | mean |", "|---:|---:|---:|---:|---:|",
            *(
                f"| {row['words']:,} | {row['loss']:.3f} | {row['forward']:.2f} | {row['backward']:.2f} | "
                f"{row['mean']:.2f} |"
                for row in card["looks"]
            ),
            "",
            "Perplexity is that of held-out text over the whole vocabulary, ends of sentences included. The weights "
            f"are those after {best['words']:,} words ({best['mean']:.2f}).",
        ]  # fmt: skip
    lines += [
        "",
        f"{card['seconds'] / 60:.1f} minutes on {card['backend']}, {card['words_a_second']:,.0f} words a second; "
        f"ended: {ENDS[card['ended']]}.",
        "",
        "The recipe:",
        "",
        "```json",
        json.dumps(recipe, indent=1),
        "```",
    ]
    return "\n".join(lines) + "\n"


def _describe_text(text: Card) -> list[str]:
    if "dataset" not in text:
        return []
    part = {"train": "training", "unlabelled": "unlabelled", "both": "training and unlabelled"}[text["part"]]
    return [f"The text: the {part} texts of the data set {_escape(text['dataset'])}, as its config divides it.", ""]


def _escape(name: str) -> str:
    """A name without markup of Markdown or HTML."""
    return "".join(letter if letter.isalnum() or letter in " ._-" else "_" for letter in name)
