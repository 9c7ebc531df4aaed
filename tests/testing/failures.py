"""What the checks of `seedbed.testing` find."""


def failures(checks):
    """Run checks, at least one; return the messages of those that fail."""
    messages, checks = [], list(checks)
    assert checks
    for check in checks:
        try:
            check()
        except AssertionError as error:
            messages.append(str(error))
    return messages
