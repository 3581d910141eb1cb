"""The words that tell a category, in English, German, French and Spanish; `*`: the word goes on."""

CODE = """
python|javascript|typescript|java|kotlin|c++|c#|php|perl|haskell|golang|matlab|sql|sqlite
postgres*|mysql|mongodb|redis|html|css|reactjs|react component*|react app*|react hook*|in react
angular|django|flask|fastapi|node.js|numpy|pandas|pytorch|tensorflow|docker*|kubernetes|bash
powershell|regex*|regular expression|git|github|xml|yaml|rest api|api|endpoint|graphql|backend
frontend|web app*|web service*|excel formula|google sheets|vlookup|sverweis|recherchev|buscarv
makro|vba|source code|pseudocode|codebase*|programming|programmier*|programmation|programación
code review|this code|my code|unit test*|stack trace|traceback|segmentation fault|core dumped
erreur de segmentation|syntax error|for loop|while loop|linked list|quicksort|mergesort
recursion|recursive function|async|compile error*|won't compile|does not compile|compiler|debug*
deadlock*|localhost|environment variable*|pip install|npm|chmod|sudo|command line|one-liner
shell script|dockerfile|pull request|merge conflict|data structure|operating system
undefined is not|undefined reference|undefined behavio*|nullpointer*|jquery|arduino
write a program|write a script|write a function|write code|my script|my program|refactor*
schreib* code|quellcode|schreib* ein programm|funktion schreiben|mein code|mein programm
écris un programme|écris une fonction|mon code|mon programme|code source|écris un script
escribe un programa|escribe una función|mi código|mi programa|código fuente|un programa en
hazme un programa|solo el código|script en|algorithm*|algorithmus|algorithme*|algoritmo*|rust
terminal|linux|ubuntu|spreadsheet formula|null pointer|stack overflow|plugin|unit-test*
datenbankabfrage|requête sql|consulta sql
"""

MATHEMATICS = """
solve for|equation*|integral of|the integral|integrate x*|integrate f*|derivative of
differentiate f*|theorem|probability|matrices|the matrix [|matrix multiplication|determinant of
eigenvalue*|square root*|cube root|prime number*|polynomial*|logarithm*|trigonometr*|hypotenuse
standard deviation|arithmetic mean|average of|factorial|permutation*|combinatori*|converges
is irrational|irrational number*|positive definite|expected number|how many ways|p-value
quadratic|formula for the|volume of a|area of a|perimeter|random variable*|calculus problem
compound interest|percent of|geometric series|modulo|congruen*|what percentage|gleichung*
ableitung*|leite f*|wahrscheinlichkeit|integriere f*|das integral|stammfunktion|quadratwurzel
primzahl*|beweise dass|vollständige induktion|logarithmus|matrizen|mittelwert|dreisatz
prozent von|berechne|wie viel sind|wie viel ist|nullstelle*|bruchrechnung|umfang eines
umfang des kreises|équation*|dérivée*|l'intégrale|probabilité*|racine carrée|nombres premiers
nombre premier|démontre que|démontre qu'il|démontrer que|combien font|combien fait|résous
résoudre l'équation|calcule|calculer|théorème|pourcentage|ecuación|ecuaciones|derivada*
deriva f*|la integral|probabilidad|raíz cuadrada|números primos|demuestra que|cuánto es
cuánto son|calcula|calcular|teorema|número* impares|por ciento de|arithmetic|geometry|triangle
binomial|vector space|eigenvector*|coin flip*|a coin is|two dice|odds of|dreieck|würfel*|quersumme
bruch|vecteurs|triángulo|fracciones|dados
"""

CREATIVE = """
story|stories|poem|poems|haiku|limerick|sonnet|ballad|lyrics|song|rap|joke|jokes|riddle|dialogue
dialog|monologue|screenplay|novel|opening chapter|fairy tale|fable|legend|tale|slogan|tagline
speech|toast|fan fiction|fanfiction|love letter|verse|verses|rhyme|parody|catchy name|names for
gedicht|gedichte|eine geschichte|kurze geschichte|geschichte für|geschichte über|märchen|witz
gutenachtgeschichte|kurzgeschichte|ein lied|liedtext|reim|spruch|eine rede|drehbuch|einen roman
eine fabel|eine sage|werbespruch|liebesbrief|krimi|poème|poésie|une histoire|courte histoire
histoire pour|histoire drôle|un conte|blague|chanson|légende|une nouvelle|un roman|un discours
scénario|poema|cuento|una historia|historia corta|historia de amor|chiste|canción|fábula|leyenda
soneto|un discurso|eslogan|un guion|relato|una novela
"""

MAKE = """
write|compose|create|invent|make up|make me|tell me|tell us|give me|come up with|continue
rewrite|imagine|i need|i want|craft|draft|generate|think of|let|schreib|schreibe|schreiben
dichte|reime|erfinde|erzähl|erzähle|verfasse|ich brauche|denk dir|lass|setze fort|gib mir
mach mir|écris|écrire|rédige|raconte|raconte-moi|raconte-nous|invente|fais-moi|crée|escribe
escríbeme|inventa|cuéntame|cuenta|compón|crea|hazme|imagina|redacta|continúa|dame
"""

ROLE_PLAY = """
roleplay*|role-play|role play|stay in character|pretend to be|pretend you*|let's play a game
in the voice of|could talk|could speak|make up a|rollenspiel|tu so als|stell dir vor du bist
bleib in der rolle|jeu de rôle|fais comme si|reste dans ton rôle|juego de rol|haz como si
finge que|finge ser
"""

FORM = """
as a table|in a table|make a table|a table with|as json|in json|as csv|as yaml|in markdown
as markdown|markdown table|bullet point*|bullet list|numbered list|one per line|its own line
all caps|upper case|uppercase|lower case|lowercase|alphabetical order|separated by
comma separated|only output|output only|answer only|reply only|respond only|only answer|only the
nothing else|no explanation*|no comments|without using|without the word|without the letter
do not use|don't use|do not mention|don't mention|do not include|don't include|use no
start* with|begin* with|end with|ends with|or less|or fewer|at most|no more than|maximum of
exactly|word limit|haiku|sonnet|limerick|acrostic|max|rhyming|step by step|als tabelle
in einer tabelle|eine tabelle|als json|stichpunkt*|aufzählung|nummerierte liste
in großbuchstaben|durch kommas|alphabetisch*|antworte nur|nur mit|nur den|nur die antwort
nichts anderes|ohne erklärung*|ohne das wort|ohne die wörter|ohne kommentar|verwende kein*
benutze kein*|genau|höchstens|maximal|nicht mehr als|beginnt mit|endet mit|strophen
un tableau avec|dans un tableau|sous forme de tableau|en json|liste à puces|liste numérotée
en majuscules|ordre alphabétique|réponds uniquement|réponds seulement|rien d'autre
sans explication*|sans commentaire*|sans le mot|sans utiliser|n'utilise pas|exactement|maximum
au plus|pas plus de|commence par|se termine par|alexandrins|en una tabla|una tabla con
lista numerada|viñetas|en mayúsculas|orden alfabético|responde solo|solo con|solo el|solo la
nada más|sin explicaci*|sin descripci*|sin comentario*|sin la palabra|sin usar|no uses
exactamente|máximo|como mucho|no más de|menos de|empieza por|termina con|que rime
"""

UNITS_OF_TEXT = """
word|words|sentence|sentences|line|lines|paragraph|paragraphs|bullet point|bullet points|stanza
stanzas|verses|characters|letters|syllables|rows|columns|steps|wort|wörter|wörtern|satz|sätze
sätzen|zeile|zeilen|absätze|strophen|stichpunkte|stichpunkten|zeichen|mot|mots|phrase|phrases
ligne|lignes|paragraphes|strophes|vers|caractères|palabra|palabras|frase|frases|línea|líneas
párrafos|estrofas|versos|caracteres
"""

LANGUAGES = """
english|german|french|spanish|italian|portuguese|dutch|polish|russian|chinese|mandarin|cantonese
japanese|korean|arabic|turkish|hindi|greek|latin|swedish|danish|norwegian|finnish|hungarian
czech|ukrainian|hebrew|vietnamese|thai|deutsch|deutsche|deutschen|englisch|englische|englischen
französisch|französische|französischen|spanisch|spanische|spanischen|italienisch|italienischen
portugiesisch|türkisch|russisch|latein|japanisch|chinesisch|polnisch|niederländisch|anglais
allemand|français|espagnol|italien|portugais|japonais|chinois|russe|arabe|néerlandais|inglés
alemán|francés|español|italiano|portugués|japonés|chino|ruso|árabe|catalán
"""

TRANSLATION = """
translate|translated|translation*|translating|conjugate|conjugation|proofread|grammar
grammatical*|how do you say|how to say|how would you say|spelling|pronounce*|subjunctive
past participle|preposition*|vocabulary|proverb|idiom|synonym for|correct my
is it correct to say|native speaker|übersetz*|wie sagt man|konjunktiv|konjugier*|grammatik
rechtschreibung|heißt es|korrigier*|aussprache|auf deutsch|sprichwort|vokabel*|dativ|akkusativ
genitiv|plural von|schreibt man|tradui*|traduction|comment dit-on|comment on dit|conjugue*
conjugaison|grammaire|orthographe|corrige les|corrige mon|corrige ce|subjonctif|passé simple
passé composé|proverbe|prononce*|traduce|traduzca|traducir|traducción|traduceme|tradúceme
cómo se dice|conjuga|gramática|ortografía|corrige este|corrige mi|corrige el|subjuntivo
se escribe|refrán|pronuncia*
"""

SMALL_TALK = """
how are you|how's it going|what's up|who are you|what are you|what can you do|are you there
are you a|are you human|are you real|are you ok|your name|your favourite|your favorite
do you like|do you love|do you dream|do you have feelings|do you sleep|do you feel
nice to meet you|thank you|thanks|good morning|good evening|good night|good afternoon|see you
i'm bored|i am bored|i love you|i hate you|you are stupid|you're stupid|you are funny
you're funny|bad day|good day|lonely|talk for a bit|just talk|tell me something|my name is
i'm sad|i am sad|tell me about yourself|goodbye|wie geht's|wie geht es dir|geht's dir
wer bist du|was bist du|bist du ein*|wie heißt du|was kannst du|guten morgen|guten tag
guten abend|gute nacht|danke|mir ist langweilig|alles klar|blöden tag|schlechten tag
ich liebe dich|magst du|hast du gut|bis morgen|erzähl mir was|einsam|träumst du|bist du da|ça va
comment vas-tu|comment allez-vous|qui es-tu|tu es un|es-tu|je m'ennuie|tu t'appelles|merci
bonne soirée|bonne nuit|bonne journée|t'appelles-tu|je t'aime|tu aimes|quoi de neuf
que sais-tu faire|qué tal|cómo estás|quién eres|eres una|eres un|cómo te llamas|estoy aburrid*
gracias|buenos días|buenas noches|buenas tardes|te quiero|qué puedes hacer|te gusta|hasta mañana
estoy triste
"""

GREETING = """
hi|hello|hey|hiya|yo|howdy|greetings|hi there|hello there|hey there|good morning|good evening
hallo|moin|moin moin|servus|grüß gott|guten tag|guten morgen|na|hi du|bonjour|salut|coucou
bonsoir|hola|buenas|buenos días|buenas tardes|ok|okay|lol|test|yes|no|haha
"""
