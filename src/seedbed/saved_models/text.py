"""From a text to the tokens that a model reads, as its data set made them."""

from collections.abc import Sequence
from dataclasses import dataclass

from seedbed.data.dataset import ENDS, Dataset
from seedbed.data.length_limit import MOST_TOKENS
from seedbed.data.tokenization import NORMALISATIONS, TOKENIZERS, Tokenization, check_tokenizer, without_halves
from seedbed.errors import InputError


@dataclass(frozen=True)
class TextPreparation:
    """The settings of a `seedbed.data.dataset.Dataset` that make the tokens of a text; see there."""

    tokenizer: str = "spaces"
    lowercase: bool = False
    normalise: str = "none"
    max_tokens: int | None = None
    keep_tokens: str = "first"

    def __post_init__(self) -> None:
        choices = {"tokenizer": TOKENIZERS, "normalise": NORMALISATIONS, "keep_tokens": ENDS}
        for key, valid in choices.items():
            if getattr(self, key) not in valid:
                raise InputError(f"text.{key}={getattr(self, key)}: choose {', '.join(valid)}")
        if self.max_tokens is not None and self.max_tokens < 1:
            raise InputError(f"text.max_tokens={self.max_tokens}: must be at least 1, or null for no limit")
        check_tokenizer("text.tokenizer", self.tokenizer)

    @classmethod
    def of(cls, dataset: Dataset) -> "TextPreparation":
        """Return that of a data set."""
        return cls(dataset.tokenizer, dataset.lowercase, dataset.normalise, dataset.max_tokens, dataset.keep_tokens)

    def tokens(self, text: str | Sequence[str]) -> tuple[str, ...]:
        """Return the tokens of a text, or of one that is tokenized already; cut as those of the data set.

        Raises InputError for a text of more than `seedbed.data.length_limit.MOST_TOKENS` that is not cut.
        """
        words, _ = without_halves(text if isinstance(text, str) else tuple(filter(None, text)))
        tokens = Tokenization(self.tokenizer, self.lowercase, self.normalise).tokens(words)
        longest = self.max_tokens or MOST_TOKENS
        if len(tokens) <= longest:
            return tokens
        if self.max_tokens is None:
            raise InputError(f"a text of {len(tokens):,} tokens, and the most is {MOST_TOKENS:,}: split it")
        return tokens[:longest] if self.keep_tokens == "first" else tokens[-longest:]
