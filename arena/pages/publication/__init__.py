"""Where conversations may be published: the notice, the switch, and a battle that is kept back."""
