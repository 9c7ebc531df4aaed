"""``seedbed explore``."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from seedbed.cli.arguments import command, takes_settings
from seedbed.cli.explore_settings import LIMIT, MOST, Asked, ask

NEAREST_WORDS = 10

PARSER = takes_settings(
    command(
        "explore",
        "One word in many sentences: its contextual vectors in each layer of a model, as points of a plane; how well\n"
        "its senses lie apart; which contexts are near which. Writes a picture, a page and tables, and logs them.\n\n"
        "  word=WORD        case aside; forms=WORD,WORDS,WORDED names further forms of it\n"
        "  senses=FILE      one sentence a line, tokens split by spaces, after SENSE and a tab if it is known; .csv\n"
        "                   with the columns sense and text; a bare name is one of conf/senses; default: that of WORD\n"
        "  dataset=NAME     the sentences of a data set\n"
        "  embedding=elmo   a model of contextual vectors\n"
        "  static=glove     also the nearest words in a table of static vectors; default: that of a stack\n"
        f"  limit={LIMIT}        so many occurrences, evenly chosen, {MOST:,} at most\n"
        "  output=FOLDER    default: seedbed-out/explore/WORD\n"
        "and keys of these: embedding.KEY static.KEY dataset.KEY tracking.KEY device=cpu.",
        "  seedbed explore word=work\n"
        "  seedbed explore word=bank dataset=movie_reviews embedding=elmo_small static=glove\n"
        "  seedbed explore word=play forms=plays,played senses=play.tsv",
    )
)


def main(arguments: Sequence[str]) -> int:
    """Explore a word, write the files, log them, and print what came out."""
    given = PARSER.parse_intermixed_args(arguments)
    asked = ask(given.settings, given.config_dir)
    from seedbed.files import writable_folder
    from seedbed.tracking.usable import usable_place

    folder = writable_folder(asked.output)
    usable_place(asked.tracking)
    if asked.tracking.database is None:  # a server is asked before anything is computed
        from seedbed.tracking.opening import open_store

        open_store(asked.tracking)
    exploration, seconds = explored(asked)
    from seedbed.senses.terminal import print_exploration
    from seedbed.senses.write import write_exploration

    paths = write_exploration(exploration, folder, _about(asked, exploration))
    print_exploration(exploration)
    store, run_id = _log(asked, exploration, paths, seconds)
    print(f"MLflow UI: {store.ui_command()}")
    print(f"picture: {folder / 'senses.png'}")
    print(f"page: {paths[-1]}")
    print(f"run: {run_id}")
    return 0


def explored(asked: Asked) -> tuple[Any, float]:
    """The exploration, and the seconds that its vectors took. What is wrong is said before a model is opened."""
    from dataclasses import replace

    from seedbed.cli.embed import Chosen
    from seedbed.cli.embed_progress import TokenProgress
    from seedbed.senses.exploration import Exploration, layer_views
    from seedbed.senses.vectors import CachedModel

    found, forms = _occurrences(asked)
    asked.embedding.content()  # files that are missing, and state=carried
    static = _nearest_words(asked, found)
    source = asked.senses.name if asked.senses else asked.dataset.name
    name = asked.embedding.name_of_model()
    exploration = Exploration(asked.word, forms, source, name, found, (), *static)
    started = time.perf_counter()
    with TokenProgress(name) as progress:
        model = CachedModel(Chosen(asked.embedding, lambda: _opening(asked, progress)), progress.hear)
        layers = layer_views(model, exploration)
    return replace(exploration, layers=layers), time.perf_counter() - started


def _opening(asked: Asked, progress: Any) -> None:
    """What is done before the model is opened, if it is: the vectors may all be in the cache."""
    from seedbed.backend import select_device

    progress.say(f"opening {asked.embedding.name_of_model()}")
    select_device(asked.device)


def _occurrences(asked: Asked) -> tuple[Any, tuple[str, ...]]:
    """What was found, and the forms that were looked for, the word first."""
    from seedbed.senses.occurrences import find, within
    from seedbed.senses.passages import corpus_passages, read_sentences

    if asked.senses is None:
        from seedbed.cli.study import say

        say(f"reading {asked.dataset.name}")
        forms = _distinct([asked.word, *asked.forms])
        found = find(corpus_passages(asked.dataset.load()), forms, asked.limit)
        return within(found, asked.embedding.max_tokens), forms
    sentences = read_sentences(asked.senses)
    # The forms that a file names are those of its own word.
    own = sentences.forms if asked.word.casefold() in map(str.casefold, sentences.forms) else ()
    forms = _distinct([asked.word, *(asked.forms or own)])
    found = find(sentences.passages, forms, asked.limit)
    asked.embedding.refuse_long([(one.passage.place, len(one.passage.tokens)) for one in found.occurrences])
    return found, forms


def _distinct(forms: Sequence[str]) -> tuple[str, ...]:
    return tuple({form.casefold(): form for form in reversed(forms)}.values())[::-1]


def _nearest_words(asked: Asked, found: Any) -> tuple:
    """The static neighbours of the forms that occur, and a note on those that have no vector."""
    if asked.static is None:
        return ()
    from seedbed.senses.exploration import StaticNeighbours
    from seedbed.senses.nearness import nearest_words

    forms = list(dict.fromkeys(one.form.casefold() for one in found.occurrences))
    near = nearest_words(asked.static, forms, NEAREST_WORDS)
    lacking = [form for form in forms if form not in near]
    notes = (f"{asked.static.name} has no vector for {', '.join(lacking)}.",) if lacking else ()
    return StaticNeighbours(asked.static.name, near), notes


def _about(asked: Asked, exploration: Any) -> dict[str, Any]:
    from seedbed.tracking.environment import versions

    sentences = asked.senses or asked.dataset.name
    return {"word": asked.word, "forms": ", ".join(exploration.forms), "sentences": sentences,
            "model": exploration.model, "versions": ", ".join(f"{k} {v}" for k, v in versions().items())}  # fmt: skip


def _log(asked: Asked, exploration: Any, paths: Sequence[Path], seconds: float) -> tuple[Any, str]:
    from seedbed.tracking.environment import environment_tags
    from seedbed.tracking.explorations import log_exploration
    from seedbed.tracking.opening import open_store

    found = exploration.found
    params = {
        "word": asked.word, "forms": ",".join(exploration.forms), "sentences": exploration.source,
        "model": exploration.model, "model_digest": asked.embedding.digest(), "limit": asked.limit,
        "static": asked.static.name if asked.static else "",
    }  # fmt: skip
    metrics = {"occurrences": len(found.occurrences), "occurrences_found": found.total, "seconds": seconds}
    for layer in exploration.layers:
        if layer.silhouette is not None:
            metrics[f"silhouette/layer_{layer.number}"] = layer.silhouette
        metrics[f"variance_drawn/layer_{layer.number}"] = sum(layer.plane.shares)
    store = open_store(asked.tracking)
    tags = environment_tags() | {"seedbed.name": f"explore {asked.word}"}
    return store, log_exploration(store, params, metrics, paths, tags)
