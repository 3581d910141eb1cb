"""The words that speak for a criterion of a hard prompt, in the same four languages."""

ASKS = """
write|list|give me|name|explain|translate|describe|make|compare|summari*|design|propose|create
convert|correct|rewrite|plan|solve|prove|implement|turn my|make me|schreib*|nenne*|erkläre
übersetze|erstelle|vergleiche|plane|löse|beweise|formuliere|programmiere|écris|donne*|explique
traduis|fais|résous|rédige|corrige|escribe|dame|explica|traduce|haz*|compara|organiza|resuelve
redacta|deriva
"""

ASKS_MUCH = """
prove|derive|design|compare|analy*|trade-off*|architecture|each|in which order|and how|without
such that|reconcile|estimate|justify|beweise|leite her|vergleiche|analysiere|entwirf|jeweils
und wie|démontre*|compare*|analyse*|conçois|demuestra|compara|analiza|diseña|step by step
taking into account|consider|on the one hand|in detail|evaluate|ausführlich|bewerte
unter welchen|en détail|évalue*|en detalle|evalúa|ten en cuenta
"""

PROBLEM = """
fix|error|bug|fail*|crash*|does not work|doesn't work|not working|wrong|why does my|why is my
how should|solve|prove|optimi*|improve|adjust|should we|debug*|which test|show that|design
fehler|startet nicht|funktioniert nicht|woran liegt|löse|beweise|ursache*|was mache ich|erreur
plante|résous|démontre*|ne marche pas|comment choisir|falla|no funciona|qué significa|resuelve
demuestra|causas|pierde
"""

TECHNICAL = """
voltage|heat pump|engine|physics|chemi*|molecul*|quantum|dose|dosage|diagnos*|interaction
medication|symptom*|ibuprofen|contract|tenancy|law|legal|tax|clause|statistic*|significan*
acoustic*|database|server*|network|protocol|wärmepumpe|heizung|motor|physik|chemie|umsatzsteuer
steuer*|vertrag|gesetz|paragraph|recht|medikament|dosis|diagnose|datenbank|netzwerk|moteur
physique|chimie|contrat|loi|impôt*|médicament|base de données|droit|física|química|norma|ley
contrato|impuesto*|medicamento|base de datos|electric*|circuit|thermodynamic*|enzyme*|protein*
surgery|vaccine*|antibiotic*|court|liability|patent|accounting|mortgage|solar panel*|bearing
torque|vat|mehrwertsteuer|mietrecht|haftung|strom|tribunal|tva|électrique*|juzgado|iva|eléctric*
energía solar
"""

KNOWLEDGE = """
who|when was|when did|why|explain|what is|what's|what does|difference|capital of|history
how does|how tall|how high|works|revolution|war|philosoph*|econom*|biolog*|invest*|novel|rules
cause*|safe to|recipe|wer|wann|warum|erkläre|was ist|unterschied|hauptstadt|geschichte|wie hoch
welche|worum geht|qui|quand|pourquoi|explique|qu'est-ce|différence|capitale|empire|avantages
quelle est|quién|cuándo|por qué|explica|qué es|diferencia|capital|guerra|cuál|de qué trata
"""

IDEAS = """
idea|ideas|suggest*|invent*|imagine|design|propose|name for|names for|slogan|theme|funny
brainstorm|idee|ideen|entwirf|erfinde|lustig*|vorschläge|idée*|invente|suggère|drôle|inventa
imagina|propón|sugiere|divertid*
"""

PRACTICE = """
my|our|we|i'm|i am|i need|should i|how do i|how can i|best way|tips|plan|job|travel*|cook*
recipe|weekend|buy|invest*|website|shop|pros and cons|product|team|customers|mein*|unser*|wir
ich brauche|soll ich|tipps|wie bekomme|plane|reise|rezept|kündigung|bewerber|mon|ma|mes|notre
nos|je dois|conseils|comment enlever|comment nettoyer|lettre de motivation|menu|mi|mis|nuestr*
consejos|tenemos|recomiendas|correo|fin de semana|vacaciones|cómo se hace
"""
