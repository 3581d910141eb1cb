"""How fast a roster is, against its limits and against what runs beside it in the same run."""
