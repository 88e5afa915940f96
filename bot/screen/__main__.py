"""`python -m bot.screen`: a message a line in, a verdict a line out."""

import sys

from bot.screen.cli import main

sys.exit(main())
