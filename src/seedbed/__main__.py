"""``python -m seedbed``."""

import sys

from seedbed.cli.main import main

sys.exit(main())
