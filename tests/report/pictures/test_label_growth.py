"""The picture of ``seedbed labels``."""

import re

import numpy as np
import pandas as pd
import pytest

from seedbed.report.analysis.analysis import analyse
from seedbed.report.analysis.label_growth import label_growth
from seedbed.report.pictures.label_growth import growth_picture


@pytest.mark.parametrize("arms", [("a", "b"), ("an arm with a rather long name", "another arm with a long name")])
def test_its_text_can_be_read_on_a_phone_and_its_legend_is_inside(arms):
    rng, rows = np.random.default_rng(0), []
    for place, arm in enumerate(arms):
        for size in (25, 50, 100, 200):
            for replicate in range(6):
                score = 0.8 + 0.1 * place - 2 * size**-0.5 + rng.normal(0, 0.004)
                rows.append({"arm": arm, "n_train": size, "replicate": replicate, "test/accuracy": score})
    svg = growth_picture(label_growth(analyse(pd.DataFrame(rows)), asked=400)).svg.decode()
    width = float(re.search(r'viewBox="0 0 ([\d.]+)', svg)[1])
    assert 10 * 358 / width > 9  # pixels of its 10 points on a page that is 390 pixels wide
    legend = svg[svg.index('id="legend_') :]
    starts = [float(x) for x in re.findall(r"<text [^>]*?\bx=\"([\d.]+)", legend)]
    for arm in arms:
        assert arm in legend
    assert max(starts) + 6 * max(map(len, arms)) < width  # a letter of 10 points is at most 6 points wide on average
