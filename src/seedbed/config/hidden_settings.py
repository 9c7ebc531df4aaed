"""Addresses with a password are given to the jobs of a sweep by the environment, not in settings that Hydra writes."""

import os
from collections.abc import Mapping, Sequence

from seedbed.config.override_syntax import override_key
from seedbed.config.schema import ADDRESSES
from seedbed.masking import masked

VARIABLE = "SEEDBED_TRACKING_{}"
"""Environment variable of an address; jobs of a launcher have the environment of the process that starts them."""


def hidden(settings: Sequence[str], addresses: Mapping[str, str]) -> list[str]:
    """Return settings with each address that has a secret replaced by one that reads it from the environment.

    ``addresses``: the values of ``ADDRESSES``, from the command line or a file: Hydra writes all settings of a sweep
    into ``multirun.yaml``, in clear. Sets the variables in this process.
    """
    secret = {key: address for key, address in addresses.items() if masked(address) != address}
    replaced = {f"tracking.{key}" for key in secret}
    for key, address in secret.items():
        os.environ[VARIABLE.format(key.upper())] = address
    kept = [setting for setting in settings if override_key(setting) not in replaced]
    return kept + [f"tracking.{key}=${{oc.env:{VARIABLE.format(key.upper())}}}" for key in ADDRESSES if key in secret]
