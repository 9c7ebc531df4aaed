"""``seedbed sync``."""

import sys
from collections.abc import Sequence

from seedbed.cli.arguments import command, key_values

KEYS = ("tracking", "tracking.uri", "tracking.experiment", "tracking.artifacts")
PARSER = command(
    "sync",
    "Deliver the results that a study kept on this machine while its store did not answer (the spool, in\n"
    "$SEEDBED_STATE, else the user's folder for states of programs). Each is delivered once; what a kill has cut is\n"
    "left out, and named. Any command on the store does the same first.\n\n"
    "  tracking.uri=URI  tracking.experiment=NAME  tracking=server     the store, as for the study",
    "  seedbed sync tracking.uri=postgresql://db/results\n  seedbed sync tracking=server",
)
PARSER.add_argument("keys", nargs="*", metavar="KEY=VALUE", help=", ".join(KEYS))


def main(arguments: Sequence[str]) -> int:
    """Deliver the spool of a store; 1 where something was damaged."""
    keys = key_values(PARSER.parse_intermixed_args(arguments).keys, KEYS)
    from seedbed.config.study import build_tracking
    from seedbed.tracking.opening import open_store
    from seedbed.tracking.spool import other_stores, spool_files
    from seedbed.tracking.spooling import deliver_spool

    tracking = build_tracking([f"{key}={value}" for key, value in keys.items()])
    if not spool_files(tracking):
        print(f"{tracking.shown_address}: nothing is in its spool")
        for store in other_stores(tracking):
            print(f"there is a spool of {store}: seedbed sync tracking.uri={store}")
        return 0
    delivery = deliver_spool(open_store(tracking), lambda line: print(f"seedbed: {line}", file=sys.stderr))
    print(f"{tracking.shown_address}: {delivery.summary or 'nothing was left to deliver'}")
    return 1 if delivery.damaged else 0
