"""The databases that leases are in."""

import gc

from seedbed.tracking.lease_databases import OtherDatabase
from seedbed.tracking.settings import Tracking


def test_connections_are_closed_with_the_database(tmp_path):
    # psycopg 3.3 warns of each connection that is collected while it is open
    database = OtherDatabase(Tracking(uri=f"sqlite:///{tmp_path}/x.db"))
    with database.transaction() as execute:
        assert execute("SELECT 1", {}).scalar() == 1
    engine = database._engine
    assert engine.pool.checkedin() == 1
    del database, execute
    gc.collect()
    assert engine.pool.checkedin() == 0
