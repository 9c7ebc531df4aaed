"""``seedbed explore``."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from seedbed.cli.arguments import command, takes_settings
from seedbed.cli.explore_settings import LIMIT, MAX_LIMIT, ExploreSettings, parse_settings

if TYPE_CHECKING:
    from seedbed.embeddings.contextual import ContextualSettings
    from seedbed.progress.tokens import TokenProgress
    from seedbed.senses.exploration import Exploration, StaticNeighbors
    from seedbed.senses.occurrences import SearchResult
    from seedbed.tracking.store import Store

NEAREST_WORDS = 10

PARSER = takes_settings(
    command(
        "explore",
        "Explore the contextual vectors of one word in many sentences: plot them for each layer of a model, measure\n"
        "how well its senses are separated, and list the nearest contexts of each occurrence. Writes a picture, a\n"
        "page and tables, and logs them to MLflow.\n\n"
        "  word=WORD        case is ignored; forms=WORD,WORDS,WORDED adds other forms of the word\n"
        "  senses=FILE      one sentence per line, tokens separated by spaces, optionally after SENSE and a tab; or a\n"
        "                   .csv with the columns sense and text; or a name in conf/senses; default: that of WORD\n"
        "  dataset=NAME     take the sentences of a data set instead\n"
        "  embedding=elmo   a model of contextual vectors\n"
        "  static=glove     also the nearest words in a table of static vectors; default: the static part of a stack\n"
        f"  limit={LIMIT}        maximum number of occurrences, evenly spaced; up to {MAX_LIMIT:,}\n"
        "  output=FOLDER    default: seedbed-out/explore/WORD\n"
        "Other keys: embedding.KEY static.KEY dataset.KEY tracking.KEY device=cpu.",
        "  seedbed explore word=work\n"
        "  seedbed explore word=bank dataset=movie_reviews embedding=elmo_small static=glove\n"
        "  seedbed explore word=play forms=plays,played senses=play.tsv",
    )
)


def main(arguments: Sequence[str]) -> int:
    """Explore a word, write the files, log them, and print a summary."""
    options = PARSER.parse_intermixed_args(arguments)
    settings = parse_settings(options.settings, options.config_dir)
    from seedbed.files import writable_folder
    from seedbed.tracking.store_checks import usable_location

    folder = writable_folder(settings.output)
    usable_location(settings.tracking)
    if settings.tracking.database is None:  # check a server before anything is computed
        from seedbed.tracking.opening import open_store

        open_store(settings.tracking)
    exploration, seconds = explore(settings)
    from seedbed.senses.terminal import print_exploration
    from seedbed.senses.write import write_exploration

    paths = write_exploration(exploration, folder, _about(settings, exploration))
    print_exploration(exploration)
    store, run_id = _log(settings, exploration, paths, seconds)
    print(f"MLflow UI: {store.ui_command()}")
    print(f"picture: {folder / 'senses.png'}")
    print(f"page: {paths[-1]}")
    print(f"run: {run_id}")
    return 0


def explore(settings: ExploreSettings) -> tuple["Exploration", float]:
    """Return the exploration and the seconds that its vectors took. Raises InputError before a model is loaded."""
    from dataclasses import replace

    from seedbed.progress.tokens import TokenProgress
    from seedbed.senses.exploration import Exploration, layer_views
    from seedbed.senses.vectors import CachedModel
    from seedbed.studies.contextual import Chosen

    search, forms = _search(settings)
    settings.embedding.content()  # raises for missing files, and for state=carried
    static, notes = _nearest_words(settings, search)
    name = settings.embedding.name_of_model()
    exploration = Exploration(settings.word, forms, settings.sentences.name, name, search, (), static, notes)
    started = time.perf_counter()
    with TokenProgress(name) as progress:
        embedding = cast(
            "ContextualSettings", Chosen(settings.embedding, lambda: _before_loading(settings, progress))
        )  # a proxy
        layers = layer_views(CachedModel(embedding, progress.on_progress), exploration)
    return replace(exploration, layers=layers), time.perf_counter() - started


def _before_loading(settings: ExploreSettings, progress: "TokenProgress") -> None:
    """Called if the model is loaded: not if all vectors are in the cache."""
    from seedbed.devices import select_device

    progress.log(f"opening {settings.embedding.name_of_model()}")
    select_device(settings.device)


def _search(settings: ExploreSettings) -> tuple["SearchResult", tuple[str, ...]]:
    """The occurrences, and the forms of the word, itself first."""
    from seedbed.embeddings.checks import check_lengths
    from seedbed.senses.occurrences import clip_sentences, find_occurrences
    from seedbed.senses.passages import corpus_passages, read_sentences

    if not isinstance(settings.sentences, Path):
        from seedbed.progress.study import StudyProgress

        StudyProgress().log(f"reading {settings.sentences.name}")
        forms = _distinct([settings.word, *settings.forms])
        search = find_occurrences(corpus_passages(settings.sentences.load()), forms, settings.limit)
        return clip_sentences(search, settings.embedding.max_tokens), forms
    sentences = read_sentences(settings.sentences)
    # The forms in a file are those of its own word.
    listed = sentences.forms if settings.word.casefold() in map(str.casefold, sentences.forms) else ()
    forms = _distinct([settings.word, *(settings.forms or listed)])
    search = find_occurrences(sentences.passages, forms, settings.limit)
    lengths = [(occurrence.passage.location, len(occurrence.passage.tokens)) for occurrence in search.occurrences]
    check_lengths(settings.embedding.max_tokens, lengths)
    return search, forms


def _distinct(forms: Sequence[str]) -> tuple[str, ...]:
    return tuple({form.casefold(): form for form in reversed(forms)}.values())[::-1]


def _nearest_words(
    settings: ExploreSettings, search: "SearchResult"
) -> tuple["StaticNeighbors | None", tuple[str, ...]]:
    """The static neighbors of the forms that occur, and a note about those without a vector."""
    if settings.static is None:
        return None, ()
    from seedbed.senses.exploration import StaticNeighbors
    from seedbed.senses.neighbors import nearest_words

    forms = list(dict.fromkeys(occurrence.form.casefold() for occurrence in search.occurrences))
    words = nearest_words(settings.static, forms, NEAREST_WORDS)
    missing = [form for form in forms if form not in words]
    notes = (f"{settings.static.name} has no vector for {', '.join(missing)}.",) if missing else ()
    return StaticNeighbors(settings.static.name, words), notes


def _about(settings: ExploreSettings, exploration: "Exploration") -> dict[str, object]:
    from seedbed.tracking.environment import versions

    return {
        "word": settings.word,
        "forms": ", ".join(exploration.forms),
        "sentences": settings.sentences if isinstance(settings.sentences, Path) else settings.sentences.name,
        "model": exploration.model,
        "versions": ", ".join(f"{name} {version}" for name, version in versions().items()),
    }


def _log(
    settings: ExploreSettings, exploration: "Exploration", paths: Sequence[Path], seconds: float
) -> tuple["Store", str]:
    from seedbed.tracking.environment import environment_tags
    from seedbed.tracking.explorations import log_exploration
    from seedbed.tracking.opening import open_store

    search = exploration.search
    params = {
        "word": settings.word, "forms": ",".join(exploration.forms), "sentences": exploration.source,
        "model": exploration.model, "model_digest": settings.embedding.digest(), "limit": settings.limit,
        "static": settings.static.name if settings.static else "",
    }  # fmt: skip
    metrics = {"occurrences": len(search.occurrences), "occurrences_found": search.total, "seconds": seconds}
    for layer in exploration.layers:
        if layer.silhouette is not None:
            metrics[f"silhouette/layer_{layer.number}"] = layer.silhouette
        metrics[f"variance_drawn/layer_{layer.number}"] = sum(layer.plane.explained_variance)
    store = open_store(settings.tracking)
    tags = environment_tags() | {"seedbed.name": f"explore {settings.word}"}
    return store, log_exploration(store, params, metrics, paths, tags)
