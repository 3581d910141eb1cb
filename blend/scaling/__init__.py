"""The collaboration law (arXiv 2512.23340): what a pool of models reaches, by its parameters."""
