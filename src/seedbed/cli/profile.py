"""The table of ``profile=true``: the time of a run by stage."""

from seedbed.stages import Stopwatch


def print_times(stopwatch: Stopwatch) -> None:
    """Print the seconds of each stage until now, their sum, and the wall time."""
    from rich.console import Console

    from seedbed.report.pages.terminal import rich_table
    from seedbed.report.sections.stage_times import time_table

    times, wall = stopwatch.seconds(), stopwatch.elapsed()
    console = Console()
    console.print(rich_table(time_table(times), console.width))
    console.print(f"wall time: {wall:,.2f} s", highlight=False)
