"""The commands of blend that need no database: python -m blend train."""

import sys

from blend import train

if __name__ == "__main__":
    if sys.argv[1:2] != ["train"]:
        sys.exit("usage: python -m blend train [options]")
    sys.exit(train.main(sys.argv[2:]))
