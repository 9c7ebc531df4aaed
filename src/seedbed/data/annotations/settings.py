"""The settings that all readers of annotation tools share."""

from dataclasses import dataclass

from seedbed.data.annotations.align import DISCONTINUOUS, MISALIGNED, OVERLAPPING, Rules
from seedbed.data.annotations.document import LABELLED, UNLABELLED
from seedbed.data.readers import choose
from seedbed.data.text_files import check_encoding
from seedbed.errors import InputError

REFUSE, ALL_LABELS = "refuse", "all"
SEVERAL_LABELS = (REFUSE, "first", "join", ALL_LABELS)
"""What a text with several classes is: an error, a text of the first, of a class of its own (``a+b``), or of all of
them, which makes the data set one of multi-label classification."""

WITHOUT_SPANS = (UNLABELLED, LABELLED)
"""What a text without spans is, of readers with this setting: their tools do not tell whether it was annotated."""


@dataclass(frozen=True)
class AnnotationSettings:
    """How annotations become examples.

    ``annotator``: whose annotation is taken where there are several: ``first``, ``majority`` or a name. ``misaligned``,
    ``overlapping``, ``discontinuous``: see `seedbed.data.annotations.align`. ``several_labels``: see
    ``SEVERAL_LABELS``.
    """

    annotator: str = "first"
    misaligned: str = "split"
    overlapping: str = "longest"
    discontinuous: str = "cover"
    several_labels: str = REFUSE
    encoding: str = "utf-8"

    def __post_init__(self) -> None:
        choose("misaligned", self.misaligned, MISALIGNED)
        choose("overlapping", self.overlapping, OVERLAPPING)
        choose("discontinuous", self.discontinuous, DISCONTINUOUS)
        choose("several_labels", self.several_labels, SEVERAL_LABELS)
        choose("without_spans", getattr(self, "without_spans", UNLABELLED), WITHOUT_SPANS)
        check_encoding(self.encoding)
        if not self.annotator:
            raise InputError("dataset.reader.annotator=: give first, majority or a name")

    @property
    def rules(self) -> Rules:
        """How spans are aligned to tokens."""
        return Rules(self.misaligned, self.overlapping, self.discontinuous)
