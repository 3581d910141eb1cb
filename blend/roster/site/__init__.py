"""What a roster tells the site beside its models and blends: the goal, the reasons for votes."""
