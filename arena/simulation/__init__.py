"""Made-up votes and visitors, studies of intervals, the load test and the benchmark."""
