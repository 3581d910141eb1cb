"""What a published data set holds: the rows and the messages of a version."""

import json

NAME = "me/battles"
UNCHECKED = ("--license", "cc-by-4.0", "--unchecked")


def lines(server, version, form="arena", name=NAME):
    """The rows of a version."""
    data = server.repos[name].tags[f"v{version}"][1][f"{form}.jsonl"]
    return [json.loads(line) for line in data.splitlines()]


def prompts(server, version):
    return {row["conversation_a"][0]["content"][0]["text"] for row in lines(server, version)}
