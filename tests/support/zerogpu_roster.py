"""The text of a roster for ZeroGPU: a member, and the blend of two."""

MEMBER = """
[[member]]
name = "{name}"
path = "{path}"
{options}
[member.sampling]
temperature = 0.0
max_tokens = {tokens}
"""
BLEND = '[[blend]]\nname = "Blended"\nmembers = ["{}", "{}"]\n'
