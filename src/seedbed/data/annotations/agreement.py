"""Agreement of annotators: Cohen's kappa of two, Krippendorff's alpha of more, F1 of spans for tagging."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

from seedbed.data.annotations.document import LABELLED, Document
from seedbed.data.annotations.examples import Group


def agreement(groups: Iterable[Group], tagging: bool) -> Iterator[str]:
    """Yield lines on the agreement of the annotators, of the documents that at least two have annotated."""
    shared = [usable for group in groups if len(usable := _usable(group)) > 1]
    if not shared:
        yield "no document was annotated by two"
        return
    names = sorted({version.annotator for versions in shared for version in versions})
    if not tagging:
        ratings = [{version.annotator: "+".join(sorted(version.labels)) for version in usable} for usable in shared]
        if len(names) == 2:
            yield f"Cohen's kappa of {' and '.join(names)} {cohen_kappa(ratings, *names):.3f}, on {_texts(len(shared))}"
        else:
            alpha = krippendorff_alpha([list(rating.values()) for rating in ratings])
            yield f"Krippendorff's alpha {alpha:.3f}, of {len(names)} annotators on {_texts(len(shared))}"
        return
    for first, second in combinations(names, 2):
        pairs = [
            (by_name[first], by_name[second])
            for versions in shared
            if {first, second} <= (by_name := {version.annotator: version for version in versions}).keys()
        ]
        if pairs:
            yield f"span F1 of {first} and {second} {span_f1(pairs):.3f}, on {_texts(len(pairs))}"


def cohen_kappa(ratings: Iterable[dict[str, str]], first: str, second: str) -> float:
    """Return the kappa of two annotators (Cohen 1960); 1 where both use one class alone, the same."""
    from sklearn.metrics import cohen_kappa_score

    rated = [(rating[first], rating[second]) for rating in ratings if first in rating and second in rating]
    if len({label for pair in rated for label in pair}) < 2:
        return 1.0
    return float(cohen_kappa_score(*zip(*rated, strict=True)))


def krippendorff_alpha(units: Iterable[Sequence[str]]) -> float:
    """Return Krippendorff's alpha for nominal values (Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability").

    ``units``: the values of each text, at least two, one for each annotator that has one. 1 where all are one value.
    """
    coincidences: Counter[tuple[str, str]] = Counter()
    for values in units:
        counts = Counter(values)
        for one, many in counts.items():
            for other, number in counts.items():
                coincidences[one, other] += many * (number - (one == other)) / (len(values) - 1)  # type: ignore[assignment]
    totals: Counter[str] = Counter()
    for (one, _), number in coincidences.items():
        totals[one] += number
    n = totals.total()
    observed = sum(number for (one, other), number in coincidences.items() if one != other)
    expected = sum(totals[one] * totals[other] for one in totals for other in totals if one != other) / (n - 1)
    return 1.0 - observed / expected if expected else 1.0


def span_f1(pairs: Iterable[tuple[Document, Document]]) -> float:
    """Return the F1 of spans with the same edges and label (Hripcsak and Rothschild 2005); 1 where there is no span."""
    same = total = 0
    for first, second in pairs:
        spans, others = set(first.spans), set(second.spans)
        same += len(spans & others)
        total += len(spans) + len(others)
    return 2 * same / total if total else 1.0


def _usable(group: Group) -> list[Document]:
    return [version for version in group.versions if version.status == LABELLED]


def _texts(number: int) -> str:
    return f"{number:,} text{'s' if number != 1 else ''}"
