"""The page on labels: one sentence, the curves, tables, and how the numbers are computed."""

from pathlib import Path

from seedbed.files import write_whole
from seedbed.report.analysis.label_growth import LabelGrowth
from seedbed.report.analysis.results_table import table_bytes
from seedbed.report.pages.html import TEMPLATES, page_assets, picture_on_page, template
from seedbed.report.pictures.label_growth import growth_picture
from seedbed.report.sections.label_growth import (
    curve_table,
    forecast_table,
    label_sentences,
    labels_answer,
    lacking_table,
    reach_table,
)
from seedbed.report.sections.label_savings import saving_tables
from seedbed.report.wording import sanitize

FOLDER = "labels"
"""The folder of the page in that of a study."""


def write_labels(growth: LabelGrowth, output: Path, *, title: str) -> Path:
    """Write ``labels/index.html``, its picture and ``labels/forecasts.csv`` into ``output``; return the page.

    All content is rendered before the first file is written.
    """
    picture = growth_picture(growth)
    tables = [
        ("Labels for the target", [reach_table(growth)]),
        ("What a better representation saves", saving_tables(growth.analysis)),
        ("Where labels are lacking", [lacking_table(growth)]),
        ("The curves", [curve_table(growth)]),
    ]
    page = template(TEMPLATES / "labels.html.j2").render(
        title=sanitize(title),
        answer=labels_answer(growth),
        noisy=growth.best.is_noisy(growth.size),
        lines=label_sentences(growth),
        forecasts=forecast_table(growth),
        picture=picture_on_page(picture),
        sections=[(name, [one for one in of if one.rows]) for name, of in tables if any(one.rows for one in of)],
        **page_assets(growth.analysis.arms, [TEMPLATES / "page.css"], [TEMPLATES / "page.js"]),
    )
    files = {
        "index.html": page.encode("utf-8"),
        "growth.svg": picture.svg,
        "growth.png": picture.png,
        "forecasts.csv": _forecasts(growth),
    }
    for name, content in files.items():
        write_whole(Path(output) / FOLDER / name, content)
    return Path(output) / FOLDER / "index.html"


def _forecasts(growth: LabelGrowth) -> bytes:
    """Return a row per arm and size, measured or forecast, as CSV."""
    import pandas as pd

    rows = []
    for arm in growth.with_floor(growth.arms):
        sizes = sorted({*arm.sizes, *growth.forecast_sizes})
        for one in arm.at(sizes):
            rows.append({
                "arm": arm.label, "n_train": one.size, "metric": growth.analysis.metric,
                "measured": arm.measured.get(one.size), "forecast": one.mean, "low": one.ci_low, "high": one.ci_high,
            })  # fmt: skip
    return table_bytes(pd.DataFrame(rows))
