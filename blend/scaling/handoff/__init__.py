"""The hand-off matrix (arXiv 2603.03111): how members go on after replies that others wrote."""
