"""Votes as data sets in the forms that trainers and researchers load, each with its card."""
