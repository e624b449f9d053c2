"""`python -m cli`, where the `carillon` script is not on the path."""

import sys

from cli.main import main

sys.exit(main())
