"""Replies of the worst kind: Markdown, HTML and LaTeX, and what lies between them."""

from hypothesis import strategies as st

NAMED = (
    r"\<b>x",
    "x ``` <b>x",
    r"`` \`<b>x\` ``",
    r"\<img src=https://example.org/x.png>",
    "![x](https://example.org/x.png) ![y][z]\n\n[z]: https://example.org/y.png",
    r"\<video src=https://example.org/v.mp4 autoplay>\</video>",
    r"\<svg onload=alert(1)>\<use href='https://example.org/s.svg#x'/>\</svg>",
    r"\<p style='background:url(https://example.org/c.png)'>x\</p>",
    r"\<div style='position:fixed;inset:0' id=vote-1 class=chip>over\</div>",
    r"\<form action=https://example.org>\<input type=password>\<button class=copy>Log in\</button>",
    r"\<label for='vote-1'>Read on\</label>",
    "[a](javascript:alert(1)) [b](data:text/html,x) [c](/logout) [d](https://example.org 'x<b>')",
    "    if a < b:\n\n~~~\nif a < b and c & d\n~~~\n\n```\nif a < b\n```",
    r"\(a < b\), \[ \frac{1}{2} \text{<img src=x>} \], $\href{javascript:alert(1)}{x}$",
    r"$\class{chip}{x} \style{position:fixed}{y} \rule{99em}{99em} \hspace{-99em}$",
    "\n\n    indented\n\ttab  \ntrailing  \n\n",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=a>'>",
    "\0 \r\n \r \x0b \x7f \u2028 \ufeff \u202e {{x}} ${value} @children {% x %} __i18n__{}",
)

MARKS = r"""
< > & " ' ` ~ * _ # + - = | ! [ ] ( ) { } \ $ : / ; . 1. @ ``` ~~~ `` ** __
]( ![ \< \` \( \) \[ \] $$ \frac{a}{b} \text{<b>} ^2 _i \begin{matrix} &\\ \end{matrix}
&lt; &#60; &amp;lt; <b> </b> <!-- --> <![CDATA[ ]]> <?x <script> </script> <style> <svg> <math> </p>
<textarea> </textarea> <title> <template> <annotation-xml> <mglyph> <select> <noscript> <plaintext>
href= src= srcdoc= data= style= id=vote-1 class=chip onerror=alert(1) for=vote-1 url(https://e.org)
<a <img <iframe <object <form <input <label
https://example.org/x http:// www.example.org //x a@b.org javascript: data: word שלום 中文。 é 🙂
"""
PIECES = (*NAMED, *MARKS.split(), " ", "\n", "\n\n", "\n    ", "\t", "\0", "\r", "\r\n", "\u202e")
PIECES += ("> ", "- ", "1. ", "| a | b |\n|-|-|\n", "---\n", "# ", " = ", "[a]: /b\n")

replies = (
    st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=12)
    .map("".join)
    .map(lambda text: text.encode(errors="ignore").decode())
    .filter(str.strip)
)
"""Without lone surrogates, which cannot be sent to a browser."""

LONG = 31_900
WORST = {
    name: (piece * LONG)[:LONG]
    for name, piece in {
        "lines": "\n",
        "spaces": " ",
        "brackets": "[",
        "closed": "[a]",
        "pictures": "![",
        "links": "[a](",
        "angles": "<",
        "autolinks": "<http://a",
        "addresses": "www.a@b.c/(",
        "comments": "<!--",
        "ampersands": "&",
        "stars": "*a ",
        "emphasis": "*a _b ",
        "strong": "**a*",
        "backticks": "`",
        "quotes": ">",
        "quote lines": "> a\n> > b\n",
        "lists": "- ",
        "numbers": "1. a\n",
        "headings": "# a\n",
        "rules": "---\n",
        "fences": "```\n",
        "pipes": "|a|b|\n|-|-|\n",
        "dollars": "$x+y$ ",
        "open formulas": "\\(",
        "formulas": "\\(x_{12}^3\\) ",
        "tildes": "~~a ",
        "definitions": "[a]: b\n",
        "entities": "&#60;",
    }.items()
} | {
    "wide table": "|" + "a|" * 5_000 + "\n|" + "-|" * 5_000 + "\n" + "|\n" * 5_000,
    "deep list": "".join(" " * n * 2 + "- a\n" for n in range(170)),
    "deep emphasis": "*" * 15_900 + "a" + "*" * 15_900,
    "deep brackets": "[" * 15_900 + "]" * 15_900,
    "deep formula": "$" + "{" * 15_900 + "}" * 15_900 + "$",
}
