"""How a tagger turns the scores of tokens into tags: each alone, by Viterbi over them, or with a CRF."""

from collections.abc import Mapping
from dataclasses import dataclass

from seedbed.model.crf import NEVER, Transitions, log_partition, marginals, sequence_score, viterbi
from seedbed.model.tag_schemes import TagSet
from seedbed.model.weights import Weight
from seedbed.types import Tensor

SOFTMAX, CONSTRAINED, CRF = "softmax", "constrained", "crf"
DECODERS = (SOFTMAX, CONSTRAINED, CRF)

NONE, DECODING, BOTH = "none", "decoding", "both"
CONSTRAINTS = (NONE, DECODING, BOTH)

START, PAIR, END = "crf/start", "crf/pair", "crf/end"


def transition_weights(tags: int) -> dict[str, Weight]:
    """Return the weights of a CRF, float32 and zero at first: it begins as a softmax over each token."""
    return {START: Weight((tags,), "zeros"), PAIR: Weight((tags, tags), "zeros"), END: Weight((tags,), "zeros")}


@dataclass(frozen=True)
class Decoding:
    """The decoder of a network with its tags.

    ``constraints``: where a CRF allows only sequences of the scheme; a `CONSTRAINED` softmax does in decoding.
    """

    decoder: str
    constraints: str
    tags: TagSet

    @property
    def is_constrained(self) -> bool:
        """Whether predicted sequences are those of the scheme."""
        return self.decoder == CONSTRAINED or (self.decoder == CRF and self.constraints != NONE)

    def losses(self, weights: Mapping[str, Tensor], scores: Tensor, targets: Tensor, mask: Tensor) -> Tensor:
        """Return the negative log probability of the gold sequences of a CRF, ``[R, B]``.

        ``scores``: float32 ``[R, T, B, K]``; ``mask``: ``[R, T, B, 1]``.
        """
        transitions = self._transitions(weights, scores, self.constraints == BOTH)
        return log_partition(scores, transitions, mask) - sequence_score(scores, transitions, mask, targets)

    def probabilities(self, weights: Mapping[str, Tensor], scores: Tensor, mask: Tensor) -> Tensor:
        """Return the probabilities of the IOB2 tags of each token, ``[R, T, B, labels]``.

        Of a CRF its marginals, with the constraints that it decodes with; else the softmax.
        """
        from keras import ops

        if self.decoder == CRF:
            inside = marginals(scores, self._transitions(weights, scores, self.is_constrained), mask)
        else:
            inside = ops.softmax(scores, axis=-1)
        if self.tags.inside == self.tags.labels:
            return inside
        first, last, has_two = self.tags.sources
        return ops.take(inside, first, axis=-1) + ops.take(inside, last, axis=-1) * has_two

    def predicted(self, weights: Mapping[str, Tensor], scores: Tensor, mask: Tensor) -> Tensor | None:
        """Return the numbers of the IOB2 tags of the best sequences, int32 ``[R, T, B]``.

        None where each token has the most probable of its tags.
        """
        from keras import ops

        if self.decoder == SOFTMAX:
            return None
        best = viterbi(scores, self._transitions(weights, scores, self.is_constrained), mask)
        return best if self.tags.inside == self.tags.labels else ops.take(self.tags.label_of, best, axis=0)

    def _transitions(self, weights: Mapping[str, Tensor], scores: Tensor, constrained: bool) -> Transitions:
        """The scores of transitions; those that the scheme does not allow are `NEVER`."""
        from keras import ops

        allowed, replicates = self.tags.allowed, ops.shape(scores)[0]

        def of(name: str, may_be: Tensor) -> Tensor:
            own = ops.cast(weights[name], "float32") if self.decoder == CRF else ops.zeros(
                (replicates, *may_be.shape), "float32"
            )  # fmt: skip
            return ops.where(may_be[None], own, NEVER) if constrained else own

        return Transitions(of(START, allowed.start), of(PAIR, allowed.pair), of(END, allowed.end))
