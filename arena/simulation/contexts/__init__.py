"""Made-up blends whose members follow one another by chance, and whether that is found."""
