"""A roster of remote members by their lines."""

from blend.roster import read


def roster(place, *members: str):
    """A roster of members by their lines; the blend has all of them."""
    names = [f'"m{n}"' for n in range(len(members))]
    tables = [
        f'[[member]]\nname = {name}\nengine = "remote"\n{lines}\n'
        + ('model = "m"\n' if "model =" not in lines else "")
        for name, lines in zip(names, members, strict=True)
    ]
    path = place / "r.toml"
    path.write_text("".join(tables) + f'[[blend]]\nname = "All"\nmembers = [{", ".join(names)}]\n')
    return read(path)
