"""What can go wrong with a member, and with what it is asked."""


class MemberError(RuntimeError):
    """A member could not answer. reason: in one line, without its name.

    MemberError(RuntimeError)
    ├── MemberDown      it takes no requests now
    │   └── DeviceUnavailable   nor does any other: there is no device to run on
    ├── Unanswerable    the request is at fault: `sentence` tells the visitor the mend
    │   ├── TooLong        it does not fit the member's window
    │   └── NoContinuation   the member cannot go on with the beginning of a reply
    └── MemberTimeout   it took longer than a visitor should wait
    SamplingError(ValueError)   a sampling setting that is wrong, or that an engine cannot honour
    """

    def __init__(self, member: str, reason: str):
        reason = " ".join(reason.split())  # libraries write over several lines
        super().__init__(f"{member}: {reason}")
        self.member = member
        self.reason = reason


class MemberDown(MemberError):
    """The member takes no requests: it still loads, was stopped, or its engine died."""


class DeviceUnavailable(MemberDown):
    """The device that all members run on is not available; `reason` is for the visitor."""


class Unanswerable(MemberError):
    """The request cannot be answered as it is; who sent it can mend it."""

    sentence = "This cannot be answered as it is: say it in another way."


class TooLong(Unanswerable):
    """The message does not fit the window, even without everything before it."""

    sentence = "This message is longer than the models here can read: shorten it."


class NoContinuation(Unanswerable):
    """The member cannot go on with the beginning of a reply."""

    sentence = (
        "The beginning of a reply cannot be continued here: let a user's message be the last one."
    )


class MemberTimeout(MemberError):
    """The member was silent for longer than the limit."""


class SamplingError(ValueError):
    """A sampling setting is out of its range, or a member's engine cannot honour it."""
