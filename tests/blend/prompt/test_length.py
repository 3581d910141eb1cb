"""How long a message may be, and what a visitor is told of it."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from blend.message import MessageTooLong
from blend.prompt.length import Length, check_lengths

COUNTS = st.integers(0, 5_000)


@example("0", [Length(0, 0), Length(1, 0)])
@given(st.text(min_size=1), st.lists(st.none() | st.builds(Length, COUNTS, COUNTS), max_size=4))
def test_a_message_is_refused_exactly_where_one_member_cannot_read_it(text, lengths) -> None:
    too_long = any(length and length.tokens > length.room for length in lengths)
    try:
        check_lengths(text, lengths)
    except MessageTooLong as refusal:
        assert too_long and str(refusal).count(".") == 1
    else:
        assert not too_long


def test_the_sentence_is_about_the_least_room_and_tells_the_numbers() -> None:
    said = "This message has about 1,530 tokens; the models here read at most 1,020"
    with pytest.raises(MessageTooLong, match=f"{said}: shorten it to about 1,900 characters"):
        check_lengths("x" * 3_000, [Length(1_530, 1_020), Length(1_530, 1_400), None])
    with pytest.raises(MessageTooLong, match=f"{said} beside the system message: shorten"):
        check_lengths("x" * 3_000, [Length(1_530, 1_020, system=True)])
    with pytest.raises(MessageTooLong, match="The system message is longer"):
        check_lengths("Hi", [Length(1, -3, system=True)])
