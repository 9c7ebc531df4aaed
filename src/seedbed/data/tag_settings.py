"""Settings for the notation of tags; readers of tagged sets inherit them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from seedbed.data.raw_example import RawExample
from seedbed.data.tag_names import TagNames, file_of
from seedbed.errors import InputError
from seedbed.label_sets import tags_of

SCHEMES = ("auto", "iob2", "iob1", "ioe", "bilou", "brackets", "bare")
"""``bilou`` is also read with other letters (BIOES, BMES, BMEWO); ``brackets``: ``(PER*``, ``*``, ``*)``; ``bare``: a
run of one type is one entity."""

NO_SEPARATOR = "none"


@dataclass(frozen=True)
class TagSettings:
    """How tags are written; empty settings are detected from all tags, or refused where they are ambiguous.

    ``outside``: the tag outside entities, such as ``OTHER``. ``tag_separator``: the characters between prefix and type,
    such as ``_`` (``none``: nothing). ``tag_suffix``: the prefix follows the type (``PER-B``). ``untyped``: the
    tags are prefixes alone, and this is the name of their only type. ``tag_names``: names of tags that are numbers, a
    list, a mapping, or a file of them (see ``tag_names``).
    """

    scheme: str = "auto"
    outside: str = ""
    tag_separator: str = ""
    tag_suffix: bool = False
    untyped: str = ""
    tag_names: Any = ""  # a list, a mapping or a file name; Any, as OmegaConf has no union of them

    LATER: ClassVar[tuple[str, ...]] = ("outside", "tag_separator", "tag_suffix", "untyped", "tag_names")
    """Keys added after the first release: digests of settings leave them out while they are empty."""

    def __post_init__(self):
        if self.scheme not in SCHEMES:
            raise InputError(f"dataset.reader.scheme={self.scheme}: choose {', '.join(SCHEMES)}")
        for key in ("tag_separator", "tag_suffix", "untyped"):
            if getattr(self, key) and self.scheme in ("bare", "brackets"):
                raise InputError(
                    f"dataset.reader.{key}={getattr(self, key)}: tags of scheme {self.scheme} have no prefixes"
                )
        if isinstance(self.tag_names, dict):
            object.__setattr__(self, "tag_names", {str(key): name for key, name in self.tag_names.items()})
        if self.untyped and (self.tag_separator or self.tag_suffix):
            raise InputError(f"dataset.reader.untyped={self.untyped}: tags without types have no separator or suffix")

    def named(self, examples: Iterable[RawExample], path: Path) -> Iterator[RawExample]:
        """Return the sentences with tags named by ``tag_names`` if set; raises InputError."""
        if not self.tag_names:
            return iter(examples)
        names = TagNames(self.tag_names, path)
        return (raw._replace(target=names.of(tags_of(raw.target), f"{path}:{raw.line}")) for raw in examples)

    def extra_files(self, path: Path) -> list[Path]:
        """Return the files, other than a data file, that name its tags."""
        file = file_of(self.tag_names, path)
        return [file] if file else []
