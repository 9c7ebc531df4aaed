"""A linear-chain conditional random field (Lafferty et al. 2001) of all replicates and sentences at once.

The score of tags y of a sentence with scores s of its tokens, as the layer on a BiLSTM has it (Lample et al. 2016, Ma &
Hovy 2016), is ``start[y_1] + sum_t s[t, y_t] + sum_t pair[y_t-1, y_t] + end[y_T]``, and the probability of y is
proportional to its exponential. Sums over all sequences are computed by a scan over the tokens, whose steps are matrix
products of exponentials relative to the highest (Rabiner 1989), and where these could vanish, sums in the log domain.

Arrays: scores ``[R, T, B, K]`` and mask ``[R, T, B, 1]``, 1 for tokens and 0 for padding, which is on the right;
transitions ``start [R, K]``, ``pair [R, K, K]`` (from, to) and ``end [R, K]``. All are float32.
"""

from dataclasses import dataclass

from seedbed.backend import loop, with_gradient
from seedbed.devices import uses_gpu
from seedbed.types import Tensor

NEVER = -1e9
"""The score of what must not be: its exponential is 0, and sums with it stay finite."""

FAR = 40.0
"""How far scores of transitions are from 0, and log sums of what may be behind the highest, at most in products."""


@dataclass(frozen=True)
class Transitions:
    """The scores of first tags, of pairs and of last tags."""

    start: Tensor
    pair: Tensor
    end: Tensor


def log_partition(scores: Tensor, transitions: Transitions, mask: Tensor) -> Tensor:
    """Return the logarithm of the sum over all sequences, ``[R, B]``; of a sentence without tokens 0.

    Its gradient is computed from marginals of tags and pairs, so that memory is ``T`` times that of one token.
    """

    def forward(
        scores: Tensor, start: Tensor, pair: Tensor, end: Tensor, mask: Tensor
    ) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
        scores, mask = _tokens_first(scores), _tokens_first(mask)
        alphas, total = _alphas(scores, start, pair, end, mask)
        return (total,), (scores, start, pair, end, mask, alphas)

    def backward(residuals: tuple[Tensor, ...], upstream: tuple[Tensor, ...]) -> tuple[Tensor | None, ...]:
        from keras import ops

        mask, alphas = residuals[4:]
        share = ops.expand_dims(upstream[0] * _has_tokens(mask), -1)
        betas, pairs = _betas(residuals, share)
        of_tags = _probabilities(alphas + betas, mask) * share
        is_last = mask - ops.concatenate([mask[1:], ops.zeros_like(mask[:1])], axis=0)
        of_last = ops.sum(of_tags * is_last, axis=(0, 2))
        return _tokens_first(of_tags), ops.sum(of_tags[0], axis=1), pairs, of_last, None

    arrays = (scores, transitions.start, transitions.pair, transitions.end, mask)
    (total,) = with_gradient(forward, backward)(*arrays)
    return total * _has_tokens(_tokens_first(mask))


def marginals(scores: Tensor, transitions: Transitions, mask: Tensor) -> Tensor:
    """Return the probability of each tag of each token, ``[R, T, B, K]``, 0 at padding."""
    scores, mask = _tokens_first(scores), _tokens_first(mask)
    alphas, _ = _alphas(scores, transitions.start, transitions.pair, transitions.end, mask)
    arrays = (scores, transitions.start, transitions.pair, transitions.end, mask, alphas)
    betas, _ = _betas(arrays, None)
    return _tokens_first(_probabilities(alphas + betas, mask))


def sequence_score(scores: Tensor, transitions: Transitions, mask: Tensor, tags: Tensor) -> Tensor:
    """Return the score of the sequences ``tags [R, T, B]``: ``[R, B]``; of a sentence without tokens 0."""
    from keras import ops

    k, r = scores.shape[-1], ops.shape(tags)[0]
    chosen = ops.one_hot(tags, k, dtype=scores.dtype) * mask
    is_last = mask - ops.concatenate([mask[:, 1:], ops.zeros_like(mask[:, :1])], axis=1)
    total = ops.sum(scores * chosen, axis=(1, 3))
    total = total + ops.sum(chosen[:, 0] * ops.expand_dims(transitions.start, 1), axis=-1)
    total = total + ops.sum(chosen * is_last * ops.reshape(transitions.end, (r, 1, 1, k)), axis=(1, 3))
    before = ops.concatenate([tags[:, :1], tags[:, :-1]], axis=1)
    place = (ops.reshape(ops.arange(r, dtype="int32"), (r, 1, 1)) * k + before) * k + tags
    has_both = ops.concatenate([ops.zeros_like(mask[:, :1]), mask[:, 1:]], axis=1)[..., 0]
    return total + ops.sum(ops.take(ops.reshape(transitions.pair, (-1,)), place) * has_both, axis=1)


def viterbi(scores: Tensor, transitions: Transitions, mask: Tensor) -> Tensor:
    """Return the sequences with the highest score, int32 ``[R, T, B]``, 0 at padding (Viterbi 1967)."""
    from keras import ops

    scores, tokens = _tokens_first(scores), _tokens_first(mask)
    t, r, b, k = ops.shape(scores)
    k = scores.shape[-1]
    into = ops.expand_dims(ops.transpose(ops.reshape(transitions.pair, (-1, k, k)), (0, 2, 1)), 1)

    def step(carry: tuple[Tensor, ...], inputs: Tensor) -> tuple[tuple[Tensor, ...], Tensor]:
        best = carry[0] + inputs
        return (ops.max(ops.expand_dims(best, 2) + into, axis=-1),), best

    start = _of_sentences(transitions.start, b)
    _, bests = loop(step, (start,), scores, t)
    # The best tag before another one: recomputed, as a step has one output.
    rows, first = ops.reshape(into, (-1, k)), ops.expand_dims(ops.arange(r, dtype="int32") * k, 1)
    end = _of_sentences(transitions.end, b)

    def back(carry: tuple[Tensor, ...], inputs: tuple[Tensor, Tensor]) -> tuple[tuple[Tensor, ...], Tensor]:
        best, goes_on = inputs
        after = ops.where(goes_on > 0, ops.take(rows, carry[0] + first, axis=0), end)
        tag = ops.cast(ops.argmax(best + after, axis=-1), "int32")
        return (tag,), tag

    goes_on = ops.concatenate([tokens[1:], ops.zeros_like(tokens[:1])], axis=0)
    _, tags = loop(back, (ops.zeros((r, b), "int32"),), (ops.flip(bests, axis=0), ops.flip(goes_on, axis=0)), t)
    return _tokens_first(ops.flip(tags, axis=0)) * ops.cast(mask[..., 0], "int32")


def _alphas(scores: Tensor, start: Tensor, pair: Tensor, end: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """The log sums over all beginnings up to each tag, ``[T, R, B, K]``, and over whole sequences, ``[R, B]``.

    Those of tags are relative to the highest of the token: float32 has steps of a thousandth at ten thousand.
    """
    from keras import ops

    t, _, b, _ = ops.shape(scores)
    k = scores.shape[-1]
    pair = ops.reshape(pair, (-1, k, k))
    into, weights = ops.expand_dims(ops.transpose(pair, (0, 2, 1)), 1), ops.exp(pair)
    start, end = _of_sentences(start, b), _of_sentences(end, b)
    first = (start, ops.zeros_like(start), ops.zeros_like(start[..., :1]))

    def product_step(
        carry: tuple[Tensor, Tensor, Tensor, Tensor], inputs: tuple[Tensor, Tensor]
    ) -> tuple[tuple[Tensor, Tensor, Tensor, Tensor], Tensor]:
        message, last, offset, far = carry
        score, real = inputs
        absolute = message + score
        alpha, highest = _relative(absolute)
        message = _log(_product(ops.exp(alpha), weights))
        last, offset = ops.where(real > 0, alpha, last), ops.where(real > 0, offset + highest, offset)
        return (message, last, offset, far | _is_far(alpha, absolute, real)), alpha

    def step(
        carry: tuple[Tensor, Tensor, Tensor], inputs: tuple[Tensor, Tensor]
    ) -> tuple[tuple[Tensor, Tensor, Tensor], Tensor]:
        message, last, offset = carry
        score, real = inputs
        alpha, highest = _relative(message + score)
        message, _, _ = _log_sum(ops.expand_dims(alpha, 2) + into)
        return (message, ops.where(real > 0, alpha, last), ops.where(real > 0, offset + highest, offset)), alpha

    def by_log_sums() -> tuple[Tensor, Tensor, Tensor]:
        (_, last, offset), alphas = loop(step, first, (scores, mask), t)
        return last, offset, alphas

    (_, last, offset, far), alphas = loop(product_step, (*first, _has_far_pairs(pair)), (scores, mask), t)
    products = last, offset, alphas
    last, offset, alphas = ops.cond(far, by_log_sums, lambda: products)
    total, _, _ = _log_sum(last + end)
    return alphas, total + offset[..., 0]


def _betas(arrays: tuple[Tensor, ...], share: Tensor | None) -> tuple[Tensor, Tensor]:
    """The log sums over all ends after each tag, ``[T, R, B, K]``, and the expected pairs ``[R, K, K]``.

    Sums are relative to any number of the token. Pairs of a token are the probability of the first tag times the part
    of the pair in the sum over second tags, so that they sum to one whatever was rounded at other tokens.
    ``arrays``: scores, transitions, mask, and the log sums of `_alphas`. ``share``: ``[R, B, 1]``, what the pairs of
    each sentence count; None: pairs are not computed.
    """
    from keras import ops

    scores, _, pair, end, mask, alphas = arrays
    t, r, b, _ = ops.shape(scores)
    k = scores.shape[-1]
    pair = ops.reshape(pair, (-1, k, k))
    out_of, weights = ops.expand_dims(pair, 1), ops.exp(pair)
    into = ops.transpose(weights, (0, 2, 1))
    none = ops.zeros((r, k, k), scores.dtype)

    def product_step(
        carry: tuple[Tensor, Tensor, Tensor], inputs: tuple[Tensor, ...]
    ) -> tuple[tuple[Tensor, Tensor, Tensor], Tensor]:
        beta, pairs, far = carry
        score, real, alpha, has_both = inputs
        relative, _ = _relative(score + beta)
        exponents = ops.exp(relative)
        sums = _product(exponents, into)
        before = _log(sums)
        if share is not None:
            of_first = _probabilities(alpha + before, has_both) * share / ops.where(sums == 0, 1.0, sums)
            pairs = pairs + _product(ops.transpose(of_first, (0, 2, 1)), exponents)
        far = far | _is_far(relative, score + beta, real)
        return (ops.where(real > 0, before, beta), pairs, far), beta

    def step(carry: tuple[Tensor, Tensor], inputs: tuple[Tensor, ...]) -> tuple[tuple[Tensor, Tensor], Tensor]:
        beta, pairs = carry
        score, real, alpha, has_both = inputs
        relative, _ = _relative(score + beta)
        before, exponents, sums = _log_sum(out_of + ops.expand_dims(relative, 2))
        if share is not None:
            of_first = _probabilities(alpha + before, has_both) * share / sums
            pairs = pairs + ops.sum(exponents * ops.expand_dims(of_first, -1), axis=1)
        return (ops.where(real > 0, before, beta), pairs), beta

    has_both = ops.concatenate([ops.zeros_like(mask[:1]), mask[1:]], axis=0)
    alphas_before = ops.concatenate([alphas[:1], alphas[:-1]], axis=0)
    inputs = tuple(ops.flip(x, axis=0) for x in (scores, mask, alphas_before, has_both))
    last = _of_sentences(end, b)

    def by_log_sums() -> tuple[Tensor, Tensor]:
        (_, pairs), betas = loop(step, (last, none), inputs, t)
        return betas, pairs

    (_, pairs, far), betas = loop(product_step, (last, none, _has_far_pairs(pair)), inputs, t)
    # The sums of a forbidden pair may have overflowed.
    products = betas, ops.where(weights == 0, 0.0, pairs * weights)
    betas, pairs = ops.cond(far, by_log_sums, lambda: products)
    return ops.flip(betas, axis=0), pairs


def _relative(x: Tensor) -> tuple[Tensor, Tensor]:
    """The numbers of the last axis relative to the highest, and the highest."""
    from keras import ops

    highest = ops.max(x, axis=-1, keepdims=True)
    return x - highest, highest


def _log(sums: Tensor) -> Tensor:
    """The logarithm of sums of exponentials; `NEVER` of what cannot be."""
    from keras import ops

    return ops.where(sums == 0, NEVER, ops.log(sums))


def _product(x: Tensor, y: Tensor) -> Tensor:
    """The matrix product; on a GPU as sums, as its products round their inputs to 10 bits (TF32) by default."""
    from keras import ops

    if uses_gpu():
        return ops.sum(ops.expand_dims(x, -1) * ops.expand_dims(y, -3), axis=-2)
    return ops.matmul(x, y)


def _is_far(relative: Tensor, x: Tensor, mask: Tensor) -> Tensor:
    """Whether a log sum of what may be is further behind the highest than products can have."""
    from keras import ops

    return ops.any((relative < -FAR) & (x > NEVER / 2) & (mask > 0))


def _has_far_pairs(pair: Tensor) -> Tensor:
    from keras import ops

    return ops.any((ops.abs(pair) > FAR) & (pair > NEVER / 2))


def _log_sum(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The logarithm of the sum of exponentials over the last axis, and the exponentials and their sum before it."""
    from keras import ops

    highest = ops.max(x, axis=-1, keepdims=True)
    exponents = ops.exp(x - highest)
    sums = ops.sum(exponents, axis=-1)
    return ops.log(sums) + highest[..., 0], exponents, sums


def _probabilities(log_sums: Tensor, mask: Tensor) -> Tensor:
    """Of the tags of each token, from the log sums over all sequences with each; they sum to one to the last digit."""
    from keras import ops

    relative, _ = _relative(log_sums)
    exponents = ops.exp(relative)
    return ops.where(mask > 0, exponents / ops.sum(exponents, axis=-1, keepdims=True), 0.0)


def _of_sentences(x: Tensor, sentences: Tensor) -> Tensor:
    """An array ``[R, K]`` for each of the sentences: ``[R, B, K]``."""
    from keras import ops

    return ops.broadcast_to(ops.expand_dims(x, 1), (ops.shape(x)[0], sentences, x.shape[-1]))


def _has_tokens(mask: Tensor) -> Tensor:
    """1 for sentences with tokens, ``[R, B]``, of a mask with tokens first."""
    return mask[0, :, :, 0]


def _tokens_first(x: Tensor) -> Tensor:
    """``[R, T, ...]`` as ``[T, R, ...]``, and back."""
    from keras import ops

    return ops.transpose(x, (1, 0, *range(2, len(x.shape))))
