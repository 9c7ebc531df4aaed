"""What ``seedbed data show`` prints of exports of annotation tools: annotators, agreement, and all that was changed."""

from collections.abc import Iterator

from seedbed.data.annotations.agreement import agreement
from seedbed.data.annotations.examples import annotators, statuses
from seedbed.data.annotations.files import Annotated


def annotation_lines(found: Annotated, task: str, most: int) -> Iterator[str]:
    """Yield the lines on annotated documents, with up to ``most`` changes."""
    groups = [group for of_split in found.groups.values() for group in of_split]
    yield "documents: " + ", ".join(f"{number:,} {status}" for status, number in statuses(groups) if number)
    by_annotator = annotators(groups)
    if len(by_annotator) > 1:
        yield "annotators: " + ", ".join(f"{name or 'no name'} {n:,}" for name, n in by_annotator.most_common())
        yield from (f"agreement: {line}" for line in agreement(groups, task == "tagging"))
    if found.changes:
        shown = found.changes[: max(most, 0)]
        rest = (
            "" if len(shown) == len(found.changes) else f", the first {len(shown):,} (--changes {len(found.changes)})"
        )
        yield f"changes: {len(found.changes):,}{rest}"
        yield from (f"  {change.where}: {change.kind.replace('_', ' ')}: {change.detail}" for change in shown)
