"""Why a vote or a thumb has no row in a data set, in the words of its card."""

NO_TEXTS = "its words were not kept, or were deleted"
TIE = "it was a tie"
BOTH_BAD = "both replies were bad"
SAME = "both sides say the same"
APART = "the sides had parted before their last reply, so that no prompt is common to both"
EMPTY = "a reply that was judged is empty"
UNFINISHED = "the reply did not come to its end"
