"""What a call that must be refused says."""

import re

import pytest

from seedbed.errors import InputError


def refusal(call, *arguments, match="", **settings):
    """Return the message of the InputError that a call raises: one line, in which ``match`` is found."""
    with pytest.raises(InputError) as caught:
        call(*arguments, **settings)
    message = str(caught.value)
    assert "\n" not in message
    assert re.search(match, message)
    return message
