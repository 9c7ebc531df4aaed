"""Checks that an encoder, an embedding, a task or a reader of one's own must pass.

``check_encoder(MyEncoder())`` raises AssertionError for the first that fails. For a test a check, with pytest::

    @pytest.mark.parametrize("check", encoder_checks(MyEncoder(dropout=0.2)), ids=str)
    def test_my_encoder(check):
        check()
"""

from seedbed.testing.checks import Check
from seedbed.testing.embeddings import check_embedding, embedding_checks
from seedbed.testing.encoders import check_encoder, encoder_checks
from seedbed.testing.readers import check_reader, reader_checks
from seedbed.testing.tasks import check_task, task_checks

__all__ = [
    "Check", "check_embedding", "check_encoder", "check_reader", "check_task", "embedding_checks", "encoder_checks",
    "reader_checks", "task_checks",
]  # fmt: skip
