"""`python -m infra.local.simulator`."""

from infra.local.simulator.command import main

raise SystemExit(main())
