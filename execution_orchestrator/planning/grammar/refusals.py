"""Commands that no plan can be made of, and what to do instead."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from enum import Enum

from execution_orchestrator.planning.grammar.courtesies import asks_for_nothing

_NEGATIONS = frozenset({"don't", "dont", "never", "not", "neither", "nor", "avoid"})
_SPAN = (
    r"(?:seconds?|minutes?|hours?|days?|weeks?|months?|mornings?|noon|afternoons?|evenings?|nights?"
    r"|weekdays?|weekends?|mondays?|tuesdays?|wednesdays?|thursdays?|fridays?|saturdays?|sundays?)"
)
_SCHEDULE = re.compile(
    rf"\b(?:every|each)\s+(?:other\s+|few\s+|half\s+(?:an\s+)?|\w+\s+)?{_SPAN}\b"
    rf"|\b(?:once|twice|\w+\s+times)\s+(?:an?|per|every)\s+{_SPAN}\b"
    r"|\b(?:hourly|daily|weekly|monthly|tomorrow|tonight)\b"
    r"|\b(?:at|by|before|after|until)\s+\d{1,2}(?:[:.]\d\d)?\s*(?:am|pm|a\.m|p\.m|o'?clock)"
    r"|\bbetween\s+\d{1,2}(?:[:.]\d\d)?\s*(?:am|pm)?\s+and\s+\d{1,2}(?:[:.]\d\d)?|\b(?:next|this)\s+(?:week|month|year)\b"
    r"|\bat\s+\d{1,2}:\d\d\b|\b(?:at\s+(?:noon|midnight)|in\s+the\s+(?:morning|evening|afternoon))\b"
    rf"|\b(?:in|within)\s+(?:an?|\w+)\s+{_SPAN}\b|\bon\s+{_SPAN}\b",
    re.IGNORECASE,
)
# Words that are frequent in a language and are neither English nor names of things.
_LANGUAGES = {
    "German": "der die das den dem ein eine einen mir mich und bitte hol hole bring bringe geh "
    "gehe fahr fahre zur zum auf nach nicht ist wo wenn dann ich komm zurück küche mach tasse",
    "French": "le la les une des moi et va vas dans à au aux du est où apporte apportez donne "
    "prends cherche cuisine rouge sur s'il vous plaît viens tasse maison",
    "Spanish": "el los las una uno y trae tráeme traeme ve vete a la en del por favor dónde donde "
    "está va cocina rojo roja toma lleva busca ven taza casa",
    "Italian": "il lo gli uno e portami vai alla nella cucina per favore dove è prendi tazza rossa "
    "vieni torna casa cerca",
    "Dutch": "het een de kan je kun brengen boek mij naar keuken breng ga haal alsjeblieft waar "
    "rode kopje en pak kom",
    "Portuguese": "o os uma um traga me vá para cozinha por favor onde está vermelha xícara pegue",
}
# What people say alone, without another word of their language.
_ALONE = {
    **dict.fromkeys(("danke", "hallo", "bitte", "tschüss", "hilfe", "ja", "nein"), "German"),
    **dict.fromkeys(("merci", "bonjour", "salut", "oui", "non"), "French"),
    **dict.fromkeys(("hola", "gracias", "adiós", "sí"), "Spanish"),
    **dict.fromkeys(("ciao", "grazie", "buongiorno"), "Italian"),
    **dict.fromkeys(("obrigado", "obrigada", "olá"), "Portuguese"),
    **dict.fromkeys(("dank", "bedankt", "hoi"), "Dutch"),
}
LEFT_ALONE = (
    "to leave something where it is is nothing to do; say only what is to be done, for example "
    '"unless the book is on the shelf, put it there"'
)
# What only other robots can do, or is done in another way than by a command.
_ANSWERS = (
    (
        re.compile(
            r"^\W*(?:please\s+)?(?:pause(?:\s+(?:the|it|that|this|everything)\b.*)?|hold\s+on|resume"
            r"|continue|go\s+on|carry\s+on)(?:\s+please)?\W*$",
            re.IGNORECASE,
        ),
        "call ~/pause and ~/resume to hold an execution and let it go on",
    ),
    (
        re.compile(
            r"^\W*(?:(?:please|can|could|would|will|you)\s+)*(?:re)?(?:open|close|shut|lock|unlock)\s+"
            r"(?!.*\b(?:gripper|hand)\b)",
            re.IGNORECASE,
        ),
        "the robot opens and closes nothing but its gripper; say "
        '"open the gripper" or "close the gripper"',
    ),
    (
        re.compile(
            r"^\W*(?:how\s+long\s+(?:will|does|would|is|until|till|do)\b"
            r"|when\s+(?:will|are|do|can)\s+you\b|how\s+much\s+longer\b)",
            re.IGNORECASE,
        ),
        "how long a plan takes is told before it runs by a dry run (run --dry-run), and while "
        "it runs by the web page",
    ),
    (
        re.compile(
            r"^\W*(?:(?:please|can|could|would|will|you|just)\s+)*(?:leave\b(?!.*\b(?:it|that|this|them|there|here|at|on|in)\b)|(?:get|move|go|step|drive)\s+"
            r"(?:out\s+of|away|aside|off)\b|make\s+(?:way|room)\b)",
            re.IGNORECASE,
        ),
        'where the robot is to go is not clear; say for example "go home" or "drive back 1 meter"',
    ),
    (
        re.compile(
            r"^\W*(?:is|are)\s+(?:the|my|your|it|this|that)\b.*\b(?:open|closed|shut|locked|free|full|empty|clean"
            r"|dirty|hot|cold|warm|on|off|ready|broken|wet|dry|(?:big|small|heavy|light)(?:er)?)\W*$",
            re.IGNORECASE,
        ),
        "the robot sees which things it knows and where they are, and not how they are; it answers "
        '"is the cup on the table?" and "what is on the table?"',
    ),
    (
        re.compile(
            r"^.*\bleave\b.*\bwhere\s+(?:it|they|he|she|that)(?:\s+(?:is|are|was|were)|'s)\b",
            re.IGNORECASE | re.DOTALL,
        ),
        LEFT_ALONE,
    ),
    (
        # "the battery is low", "the cup is in the kitchen": nothing that is to be done
        re.compile(
            r"^\W*(?!.*\?)(?:the|my|your|our|this|it|there|here)\b(?:\s+[\w'-]+){0,4}?(?:\s+(?:is|are|was|were)|'s)\b[^,;]*$",
            re.IGNORECASE,
        ),
        "that says how something is, and not what is to be done; say for example "
        '"the cup is on the table, bring it to me" or "if the battery is low, go home"',
    ),
)
_EACH_TIME = re.compile(
    r"^\W*(?:please\s+)?(?:whenever|(?:every|each)\s+time)\b|\b(?:whenever|(?:every|each)\s+time)\s+(?:you|i|the|there|a|an|it)\b",
    re.IGNORECASE,
)
_ROBOT = re.compile(
    r"\brobot(?:\s+number)?[\s_-]?\d+\b|\b(?:all|both|other|two|three)\s+(?:the\s+)?robots\b"
    r"|\b(?:both|all)\s+of\s+you\b",
    re.IGNORECASE,
)
_TYPICAL = {name: frozenset(words.split()) for name, words in _LANGUAGES.items()}


class Talk(Enum):
    """What is said to a robot and is no errand, by the form that it has."""

    PAST = re.compile(
        r"^\W*(?:what\s+(?:happened|did\s+you\s+do|have\s+you\s+done|went\s+wrong)|did\s+you|have\s+you"
        r"|were\s+you|was\s+(?:the|it|there|anybody|anyone))\b"
        r".*\b(?:today|yesterday|last\s+\w+|ago|this\s+\w+|all\s+day|in\s+the\s+\w+|since\b.*)\W*$",
        re.IGNORECASE,
    )
    BECAME = re.compile(
        r"^\W*(?:what\s+(?:happened|went\s+wrong|did\s+you\s+do|have\s+you\s+done|was\s+(?:the\s+last\s+command|that"
        r"|wrong|the\s+(?:problem|matter))|did\s+i\s+(?:say|ask)|is\s+(?:wrong|the\s+(?:problem|matter)))\b"
        r"|why\s+(?:did|didn'?t|have|haven'?t|was|wasn'?t|were|weren'?t)\s+(?:you|it|that|the)\b"
        r"|(?:did|didn'?t|have|has)\s+(?:you|it|that)\b|were\s+you\s+(?:able|successful)\b|how\s+did\s+it\s+go\b)",
        re.IGNORECASE,
    )
    WHICH = re.compile(
        r"^\W*(?:and\s+)?(?:what|which)\s+(?:kinds?\s+of\s+|other\s+)?(?P<kind>\w+?)s?\s+(?:are\s+there"
        r"|(?:do|did)\s+you\s+(?:know|have|mean)|are\s+known|have\s+you\s+got|exist"
        r"|(?:can|could)\s+(?:you|i)\s+\w+(?:\s+me)?)(?:\s+(?:of|then|here|now))*\W*$",
        re.IGNORECASE,
    )
    WHAT_IS_KNOWN = re.compile(
        r"^\W*(?:(?:please|can\s+you|hey|robot)\b\W*)*(?:help(?:\s+me)?|introduce\s+yourself"
        r"|what(?:'s|\s+is)\s+your\s+name|(?:show|tell)(?:\s+(?:me|us))?\s+(?:(?:what|everything|all)\s+(?:that\s+)?you\s+(?:can\s+do|know)|about\s+yourself)|what\s+(?:can|could)\s+(?:you\s+do|i\s+say)|who\s+are\s+you|(?:what|which)\s+"
        r"(?:places|objects|things|commands|rooms)\s+(?:do\s+you\s+know|are\s+there|can\s+you\s+\w+)"
        r"|what\s+else\s+can\s+you\s+do|what\s+do\s+you\s+know|how\s+(?:do|can)\s+i\s+(?:use|command|talk\s+to)\s+you|(?:list|show)\s+(?:me\s+)?(?:all\s+)?(?:the\s+)?(?:known\s+)?"
        r"(?:places|objects|things|commands|rooms)"
        r"|how\s+many\s+(?:places|objects|things|commands|rooms)\s+do\s+you\s+know)\W*$",
        re.IGNORECASE,
    )
    QUESTION = re.compile(
        r"^\W*(?:(?:and|but|so|ok|hey|robot)\b\W*)*(?:(?:what|which|who|whose|why|how|where"
        r"|when\s+(?:will|did|do|can|are))\b|(?:is|are|do|does|did|has|have|was|were|am)\b.*\?\W*$)",
        re.IGNORECASE | re.DOTALL,
    )

    def fits(self, command: str) -> bool:
        """Say whether a command has this form."""
        return self.value.match(command) is not None


def refused(command: str, unknown: Collection[str]) -> str:
    """Say why a command that was not understood will not be planned by anybody, empty if unknown.

    ``unknown`` are its words that the grammar does not know.
    """
    if re.match(r"\W*why\b", command, re.IGNORECASE):
        return ""
    if any(word.lower() in _NEGATIONS for word in unknown) or re.match(
        r"\W*(?:please\s+)?(?:do\s+not|don'?t|never)\b", command, re.IGNORECASE
    ):
        return (
            "a command says what to do, not what to leave; nothing is planned. "
            'To end what runs say "stop"'
        )
    return ""


def names_a_robot(command: str, robots: Sequence[str] = ()) -> str:
    """Say which robots a command can be for, empty if it names none that is unknown."""
    found = _ROBOT.search(command)
    if found is None or '"' in command:
        return ""
    if robots:
        return f'"{found.group()}": no robot is called so; there is: {", ".join(robots)}'
    return (
        f'"{found.group()}": a command is for the robot of this orchestrator; say it without the '
        "name. Another robot is reached through its own orchestrator, or by `robot:` in a plan"
    )


def not_understood(command: str, unknown: Collection[str]) -> str:
    """Name the kind of command this is if it is one that the grammar does not understand."""
    found = _SCHEDULE.search(command)
    if found is not None:
        return (
            f'"{found.group().strip()}" is not understood. Times begin or end a command, such as '
            '"every hour ...", "every monday at 9:00 ...", "at 7:30 ...", "... in ten minutes"'
        )
    if _EACH_TIME.search(command):
        return (
            'a command is done once, and not each time that something happens; say "as soon as '
            'you see the cup, bring it to me", or how often: "every 10 minutes ..."'
        )
    for form, answer in _ANSWERS:
        if form.match(command):
            return answer
    if asks_for_nothing(command):
        return 'that asks for nothing; say what to do, for example "bring me the red cup"'
    language = language_of(command, unknown)
    if language:
        return f"commands are understood in English; this looks like {language}"
    return ""


def language_of(command: str, unknown: Collection[str]) -> str:
    """Guess the language of a command with many unknown words, empty for English."""
    letters = [letter for letter in command if letter.isalpha()]
    if letters and sum(ord(letter) > 0x24F for letter in letters) > len(letters) / 2:
        return "another language"
    # A single letter is a coordinate or a typing error: "go to y 2 x 1" is no Spanish.
    words = re.findall(r"[^\W\d_]{2,}(?:'[^\W\d_]+)?", command.lower())
    strange = {word.lower() for word in unknown}
    if len(words) == 1 and words[0] in _ALONE:
        return _ALONE[words[0]]
    if len(words) < 2 or 2 * sum(word in strange for word in words) < len(words):
        return ""
    hits = {name: len(typical & strange) for name, typical in _TYPICAL.items()}
    best = max(hits, key=lambda name: hits[name])
    if hits[best] >= 2 or (hits[best] and len(words) <= 4):
        return best
    return "another language" if any(ord(letter) > 0x7F for letter in letters) else ""
