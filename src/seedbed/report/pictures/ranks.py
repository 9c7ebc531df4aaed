"""The critical-difference picture: arms on a line of average ranks, bars over those that are not told apart."""

from typing import TYPE_CHECKING

from seedbed.report.pictures.labels import short_names
from seedbed.report.pictures.palette import arm_styles
from seedbed.report.pictures.rendering import FAINT, INK, Picture, drawing
from seedbed.report.pictures.scores import WIDTH
from seedbed.report.statistics.ranks import not_separated
from seedbed.report.wording import sanitize

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from seedbed.report.analysis.across_datasets import DatasetAnalyses, Ranking

NAME = "ranks"


def rank_picture(found: "DatasetAnalyses") -> Picture | None:
    """A panel a ranking (Demsar 2006, figure 1); None without any."""
    if not found.rankings:
        return None
    from matplotlib.figure import Figure

    with drawing():
        lines = [len(ranking.arms) + len(_groups(ranking)) for ranking in found.rankings]
        figure = Figure(figsize=(WIDTH, sum(1.15 + 0.27 * number for number in lines)), layout="constrained")
        ratios = [4 + number for number in lines]
        panels = figure.subplots(len(lines), 1, squeeze=False, gridspec_kw={"height_ratios": ratios})[:, 0]
        for axes, ranking in zip(panels, found.rankings, strict=True):
            _panel(axes, ranking, found.arms)
        panels[-1].set_xlabel("average rank, 1 is best")
        title = "Average ranks over data sets; a bar joins arms that Nemenyi's test does not tell apart (5 %)"
        return Picture.of(figure, NAME, title, f"Average ranks. {'. '.join(map(_told, found.rankings))}.")


def _panel(axes: "Axes", ranking: "Ranking", arms: tuple[str, ...]) -> None:
    averages, styles, groups = ranking.averages, arm_styles(arms), _groups(ranking)
    order = sorted(range(len(averages)), key=lambda place: averages[place])
    last = len(ranking.arms)
    for height, place in enumerate(order):
        style = styles[ranking.arms[place]]
        axes.plot([1, averages[place]], [height, height], color=FAINT, linewidth=0.8, zorder=1)
        axes.scatter([averages[place]], [height], s=36, color=style.colour, marker=style.marker, zorder=3)
    for row, group in enumerate(groups):
        ends = [averages[group[0]], averages[group[-1]]]
        axes.plot(ends, [last + row, last + row], color=INK, linewidth=4, solid_capstyle="butt", zorder=2)
        for end, place in zip(ends, (group[0], group[-1]), strict=True):
            below = order.index(place)
            axes.plot([end, end], [below, last + row], color=INK, linewidth=0.6, linestyle=":", zorder=1)
    names = short_names([ranking.arms[place] for place in order])
    axes.set_yticks(range(last), names)
    axes.set_ylim(last + len(groups) - 0.4, -1.1)
    apart = ranking.test.critical_difference
    axes.plot([1, 1 + apart], [-0.75, -0.75], color=INK, linewidth=1.2, marker="|", markersize=6)
    axes.set_xlim(0.8, max(last, 1 + apart) + 0.2)
    axes.set_xticks(range(1, last + 1))
    axes.set_title(f"{ranking.label}, {len(ranking.datasets)} data sets, critical difference {apart:.2f}", loc="left")


def _groups(ranking: "Ranking") -> list[tuple[int, ...]]:
    return not_separated(ranking.averages, ranking.test.critical_difference)


def _told(ranking: "Ranking") -> str:
    ranked = sorted(zip(ranking.averages, ranking.arms, strict=True))
    return f"{ranking.label}: " + ", ".join(f"{sanitize(arm, 60)} {average:.2f}" for average, arm in ranked)
