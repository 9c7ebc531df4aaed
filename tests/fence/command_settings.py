"""Bad settings: numbers without bounds, names that nothing can hold, files that cannot be read, launchers, backends."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

from tests.fence.command_input import ARMS, CommandInput

LONG = 10**12
HEAD = "# @package _global_\n"
FILE = "experiment/mine.yaml"
OWN = "--config-dir . experiment=mine"
BOUNDS = "config/test_bounds.py"
ERRORS = "config/test_hydra_errors.py"
YAML = "config/test_yaml_files.py"

NUMBERS = {
    # what is set: what is said
    f"seed={2**63}": "seed=.* must be at most 1,000,000,000,000",
    f"seed={'9' * 5000}": "a number of thousands of digits",
    "seed=-1": "must be at least 0",
    "seed=0x10": "must be of type int|hexadecimal|seed=",
    "seed=1e3": "must be of type int",
    f"sizes=[{LONG}]": "sizes=.* must be at most",
    "sizes=[[4]]": "must be of type list",
    "sizes=[0]": "different numbers",
    "sizes=[10,10]": "different numbers",
    "sizes=[500]": "and a draw needs",
    f"replicates={LONG}": "at most 1000",
    f"encoder.filters={LONG}": "must be at most 65,536",
    f"encoder.widths=[{LONG}]": "must be at most 1,000",
    f"embedding.dim={LONG}": "must be at most 65,536",
    f"training.epochs={LONG}": "must be at most 1,000,000",
    f"training.batch_size={LONG}": "must be at most 1,000,000",
    f"training.group_size={LONG}": "must be at most 10,000",
    f"training.patience={LONG}": "must be at most 1,000,000",
    f"sampling.test={LONG}": "must be at most 1,000,000,000",
    "sampling.validation=-1": "sampling.validation=-1",
    "training.learning_rate=nan": "must be a finite number",
    "training.learning_rate=inf": "must be a finite number",
    "training.learning_rate=-1": "training.learning_rate=-1",
    "training.clip_norm=1e300": r"must be at most 3.4e\+38",
    f"dataset.max_tokens={LONG}": "must be at most",
    f"tracking.patience={LONG}": "tracking.patience",
    "only=[5]": "replicates are numbered 0 to 0",
}
"""Settings of a study, each refused before anything is trained."""

NAMES = {
    "an arm of 7,000 characters": ([f"arms={{{'a' * 7000}: []}}"], "arm"),
    "an arm without a name": (["arms={'': []}"], "arm"),
    "a study that leads out": (["name=../x"], "must be usable as the name of a folder"),
    "a study of 400 characters": ([f"name={'n' * 400}"], "name=.* must be usable as the name of a folder"),
    "an output of 5,000 characters": ([f"output={'o' * 5000}"], "File name too long"),
    "an output below a file": (["output=texts.csv/below"], "output="),
    "an output that is a device": (["output=/dev/full"], "output="),
    "a tracking experiment of 5,000 characters": ([f"tracking.experiment={'e' * 5000}"], "tracking.experiment"),
}

FILES: dict[str, tuple[str | bytes, str]] = {
    "a tab": ("training:\n\tepochs: 3\n", r"mine.yaml:3"),
    "a bracket that is never closed": ("sizes: [1, 2\n", "mine.yaml:"),
    "a quote that is never closed": ("name: 'x\n", "mine.yaml:"),
    "a key twice": ("seed: 1\nseed: 2\n", "seed"),
    "a list": ("- a\n- b\n", "this is no mapping"),
    "a number": ("5\n", "this is no mapping"),
    "a list for a mapping": ("training: [epochs]\n", "training: must be a mapping"),
    "a list for the arms": ("arms: []\n", "arms: must be a mapping"),
    "a list for the settings of Hydra": ("hydra: []\n", "hydra: must be a mapping"),
    "Latin-1": ("name: gr\xf6\xdfe\n".encode("latin-1"), "mine.yaml.*(utf-8|UTF-8)"),
    "NUL characters": (bytes(100), "mine.yaml"),
    "a Python object": ("name: !!python/object/apply:os.system [ls]\n", "mine.yaml"),
    "an alias without an anchor": ("name: *a\n", "mine.yaml"),
    "an anchor within itself": ("arms: &a {x: *a}\n", "mine.yaml"),
    "aliases of a billion values": (
        "a0: &a0 [1,1,1,1,1,1,1,1,1]\n" + "".join(f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]\n"
        for n in range(1, 10)), "mine.yaml"),
    "200 levels": ("name: " + "[" * 200 + "]" * 200 + "\n", "mine.yaml"),
    "5 MB": ("# " + "x" * 5_000_000 + "\n", "mine.yaml"),
    "an interpolation that resolves to nothing": ("name: ${nope}\n", "nope"),
    "an interpolation of itself": ("name: ${name}\n", "name"),
    "a circle of two": ("name: ${title}\ntitle: ${name}\n", "title|name"),
    "a variable that is not set": ("name: ${oc.env:SEEDBED_NOPE}\n", "SEEDBED_NOPE"),
    "a resolver that is not there": ("name: ${nope:1}\n", "nope"),
    "an interpolation that is not closed": ("name: ${name\n", "name|mine.yaml"),
    "an expansion without end": (
        "x0: [1,1]\n" + "".join(f"x{n}: ['${{x{n - 1}}}','${{x{n - 1}}}']\n" for n in range(1, 40)), "mine.yaml|x"),
    "itself among its defaults": ("defaults:\n  - mine\n", "mine"),
    "defaults of another file that is not there": ("defaults:\n  - override /dataset: nope\n", "nope"),
    "defaults that are a text": ("defaults: trec\n", "defaults"),
    "a key that is not there": ("repliactes: 3\n", "did you mean replicates"),
    "null for a group": ("dataset: null\n", "dataset"),
    "another class": ("encoder: {_target_: os.system}\n", "os.system"),
}  # fmt: skip
"""Files of a study: the content, and what is said."""


def is_pipe(folder: Path) -> None:
    (folder / "experiment").mkdir()
    os.mkfifo(folder / FILE)


def is_socket(folder: Path) -> None:
    (folder / "experiment").mkdir()
    before = os.getcwd()
    os.chdir(folder)
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(FILE)
    os.chdir(before)


def is_loop(folder: Path) -> None:
    (folder / "experiment").mkdir()
    (folder / FILE).symlink_to("mine.yaml")


PLACES: dict[str, Callable[[Path], None]] = {
    "a pipe": is_pipe, "a socket": is_socket, "a link to itself": is_loop,
    "a folder": lambda folder: (folder / FILE).mkdir(parents=True),
}  # fmt: skip

WORDS = {
    # words of the command line after the settings of a study: what is said
    "encoder.unitss=3": "did you mean",
    "sizes=[10": "cannot read|sizes",
    "arms={a: [": "arms",
    "=3": "write key=value",
    "nonsense": "write key=value",
    "training=[1,2]": "takes one name",
    "encoder=cnn,pool": "several values",
    "name=${nope}": "nope",
    "name=${name}": "name",
    "~encoder": "encoder",
    "+new.key=3": "no such key|no key",
    "dataset.reader=null": "dataset.reader",
    "experiment=quickstrat": "did you mean experiment=quickstart",
    "launcher=nope": "launcher",
    "device=tpu": "device=tpu",
}

SWEEPS = {
    "seed=x,y": "must be of type int",
    "encoder=cnn,poool": "encoder=poool",
    "seed=1,2 hydra/launcher=nope": "hydra/launcher=nope",
    "seed=1,2 hydra/launcher=[basic]": "hydra/launcher",
    "seed=1,2 hydra.launcher=nope": "hydra.launcher",
    "seed=1,2 hydra.launcher.n_jobs=2": "the basic launcher has no n_jobs",
    "seed=1,2 hydra/launcher=joblib hydra.launcher.n_jobs=many": "n_jobs",
    "seed=1,2 hydra/launcher=submitit_slurm": "",
    "seed=1,2 hydra/sweeper=nope": "hydra/sweeper=nope",
    "seed=1,2 hydra.mode=NOPE": "hydra.mode",
    "seed=1,2 hydra.sweep.dir=texts.csv/below": "texts.csv",
    "seed=range(1,1000000000)": "seed",
    "seed=interval(0,1)": "an interval is searched, not swept",
    "seed=1,2 name=${nope}": "nope",
    "seed=1,2 tracking.uri=foo": "not the address of a store",
}


def inputs() -> list[CommandInput]:
    """Return the inputs, in the order of the page."""
    found = [
        CommandInput("number", shown(word), ["compare", "CSV", word], says=said, covered=BOUNDS)
        for word, said in NUMBERS.items()
    ]
    found += [
        CommandInput("name", name, ["compare", "CSV", *words], says=said, covered="tracking/test_store_limits.py")
        for name, (words, said) in NAMES.items()
    ]
    found += [
        CommandInput("file of a study", name, f"show {OWN}", says=said, covered=YAML,
                     files={FILE: content if isinstance(content, bytes) else HEAD + content})
        for name, (content, said) in FILES.items()
    ]  # fmt: skip
    found += [
        CommandInput("file of a study", name, f"show {OWN}", says="mine", covered=YAML, make=make)
        for name, make in PLACES.items()
    ]
    found += [
        CommandInput("command line", word, ["compare", "CSV", word], says=said, covered=ERRORS)
        for word, said in WORDS.items()
    ]
    found += [
        CommandInput("sweep, run -m", words, ["run", "-m", "CSV", *words.split()], says=said,
                     covered="config/test_sweep.py")
        for words, said in SWEEPS.items()
    ]  # fmt: skip
    found += [
        CommandInput("KERAS_BACKEND", f"{name!r}", ["compare", "CSV", ARMS], says=f"KERAS_BACKEND={name}",
                     environment={"KERAS_BACKEND": name}, covered="test_backend.py")
        for name in ("torch", "numpy", "nonsense")
    ]  # fmt: skip
    return found


def shown(word: str) -> str:
    return word if len(word) < 60 else f"{word[:20]}… ({len(word):,} characters)"
