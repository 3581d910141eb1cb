"""A blend in a terminal: python -m blend chat [--roster R] [--contender NAME]."""

import argparse
from contextlib import closing
from dataclasses import replace

from anyio.from_thread import BlockingPortal, start_blocking_portal

from blend.cli.event_loop import items_of
from blend.cli.terminal import Terminal
from blend.command_line import finish
from blend.conversation import Conversation
from blend.engine import Blend, check_length
from blend.members import MemberError, SamplingError
from blend.message import MessageError, clean_message
from blend.roster import BlendSpec, Roster, RosterError, contender, loading, read

HELP = """\
/undo         take back the last message and its reply
/regenerate   draw anew who answers the last message
/clear        a new conversation
/system TEXT  a persona or system message for what follows; without TEXT: none
/quit         end, as Ctrl-D does; Ctrl-C stops a reply
//...         a message that begins with a slash"""


class Chat:
    """One conversation with a blend, and the commands that change it. failed: replies that did."""

    def __init__(self, blend: Blend, terminal: Terminal, portal: BlockingPortal, longest: int):
        self.failed = 0
        self._blend = blend
        self._terminal = terminal
        self._portal = portal
        self._longest = longest
        self._talk = Conversation()

    def handle(self, line: str) -> bool:
        """Obey a command or answer a message; false where the line was the last one."""
        line = line.strip()
        if line.startswith("/") and not line.startswith("//"):
            return self._obey(*line[1:].split(maxsplit=1))
        if line:
            try:
                talk = self._talk.ask(line.removeprefix("/"), self._longest)
                check_length(self._blend.members.values(), talk)
                self._talk = talk
            except MessageError as error:
                self._terminal.tell(str(error))
            else:
                self._answer()
        return True

    def _obey(self, command: str = "help", rest: str = "") -> bool:
        tell, turns = self._terminal.tell, self._talk.turns
        if command in ("undo", "regenerate") and not turns:
            tell(f"There is nothing to {command} yet.")
        elif command == "undo":
            tell(f"Taken back: {turns[-1].prompt}")
            self._talk = self._talk.undo()
        elif command == "regenerate":
            self._talk = self._talk.regenerate()
            self._answer()
        elif command == "clear":
            self._talk = Conversation(system=self._talk.system)
            tell("A new conversation.")
        elif command == "system":
            self._persona(rest)
        elif command == "help":
            tell(HELP)
        elif command != "quit":
            tell(f"There is no command /{command}: /help lists them.")
        return command != "quit"

    def _persona(self, text: str) -> None:
        try:
            system = clean_message(text, self._longest) if text else ""
        except MessageError as error:
            self._terminal.tell(str(error))
            return
        self._talk = replace(self._talk, system=system, drawn=None)
        self._terminal.tell("From now on with this persona." if text else "No persona any more.")

    def _answer(self) -> None:
        """Stream the reply to the last message; Ctrl-C stops it and keeps what was said."""
        conversation, turn, headed, printed = self._talk, self._talk.turns[-1], None, 0
        thinking = False
        try:
            with closing(items_of(self._blend.reply(conversation), self._portal)) as growing:
                for turn in growing:
                    if turn.draws and turn.draws != headed:
                        if headed is not None:
                            self._terminal.say("\n")
                        self._terminal.head(turn.draws[-1])
                        printed = turn.sentences[-1].start if turn.sentences else 0
                        headed, thinking = turn.draws, False
                    if turn.thought and not (turn.reply or thinking):
                        thinking = True
                        self._terminal.aside("thinking… ")
                    self._terminal.say(turn.reply[printed:])
                    printed = len(turn.reply)
        except KeyboardInterrupt:
            if not self._terminal.lively:
                raise
            self._terminal.say(" (stopped)")
        if headed is not None:
            self._terminal.say("\n")
        if turn.error:
            self.failed += 1
            self._terminal.tell(turn.error)
        self._talk = conversation.answered(turn)
        if turn.finished:
            self._talk = self._portal.call(self._blend.ahead, self._talk)


def _find_contender(roster: Roster, name: str | None) -> BlendSpec:
    """The contender of that name, else the one that the roster is about. Raises RosterError."""
    specs = {spec.name: spec for spec in roster.contenders}
    if name is not None and name not in specs:
        known = ", ".join(specs)
        raise RosterError(f"{roster.path}: no contender {name!r}: choose one of {known}")
    return specs[name or roster.focus]


def talk(args: argparse.Namespace) -> int:
    """Load the contender's members, then answer line by line; 1 where a reply failed in a pipe."""
    roster = read(args.roster)
    spec = _find_contender(roster, args.contender)
    members = loading.load_members(
        [member for member in roster.members if member.name in spec.needs]
    )
    terminal = Terminal(roster)
    try:
        with start_blocking_portal() as portal:
            blend = contender.assemble(spec, members)
            chat = Chat(blend, terminal, portal, roster.settings.longest_message)
            if args.system:
                chat.handle(f"/system {args.system}")
            if terminal.lively:
                terminal.tell(f"{roster.title}: {spec.name} of {', '.join(spec.members)}. /help")
                if roster.note:
                    terminal.tell(roster.note)
            for line in terminal.lines():
                if not chat.handle(line):
                    break
    finally:
        loading.close_members(members)
    return 1 if chat.failed and not terminal.lively else 0


def main(argv: list[str]) -> int:
    """The command; 2 for what the caller can mend, 130 when stopped by Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m blend chat", description=__doc__, epilog=HELP)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--roster", default="embedded", help="a shipped roster's name or a .toml")
    parser.add_argument("--contender", metavar="NAME", help="a blend or a member of the roster")
    parser.add_argument("--system", metavar="TEXT", help="a persona or system message")
    args = parser.parse_args(argv)
    errors = (RosterError, MemberError, SamplingError)
    return finish("blend chat", lambda: talk(args), errors)
