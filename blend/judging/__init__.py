"""Judges: which of two continuations of a conversation is better, asked in both orders."""

from blend.judging.judge import Judge, MemberJudge, RewardJudge
from blend.judging.verdicts import Answer, Verdicts

__all__ = ["Answer", "Judge", "MemberJudge", "RewardJudge", "Verdicts"]
