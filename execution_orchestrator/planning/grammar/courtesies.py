"""What people say around a command that asks for nothing: politeness, greetings, thanks."""

from __future__ import annotations

import re

# Articles and politeness carry no meaning for the plan.
FILLERS = frozenset({
    "a", "an", "the", "some", "any", "please", "pls", "plz", "robot", "hey", "hello", "kindly",
    "now", "just", "quickly", "carefully", "immediately", "your", "my", "our", "again", "thanks",
    "instead", "actually", "first", "perhaps", "maybe", "either", "possibly", "asap", "still",
    "pretty", "too", "only", "gently", "softly", "hi", "hiya", "yo", "yet", "dear", "friend",
    "um", "uh", "uhm", "er", "erm", "hmm", "really", "already", "simply",
})  # fmt: skip
FILLER_PHRASES = (
    "can you", "could you", "would you", "will you", "can u", "could u", "would u", "will u",
    "do you know", "last seen", "seen last", "i want you to", "i'd like you to",
    "i'd want you to", "i would like you to", "i need you to", "thank you", "so kind as to",
    "so kind and", "so good and", "careful and", "be", "would you mind", "do you mind", "mind",
    "would it be possible for you to", "would it be possible to", "is it possible to",
    "it would be great if you could", "it would be nice if you could", "chance you could",
    "if so", "if yes", "go and", "come and", "go ahead and", "if you can", "if you could",
    "if possible", "if you do not mind", "if you don't mind", "if you have time",
    "when you have time", "when you have a moment", "when you have moment", "when you can",
    "whenever you can", "when you are free", "as soon as you can", "as soon as possible",
    "right away", "straight away", "at once",
    "as well",
    "let's", "let us", "are you able to", "shall we", "first of all", "do me favour and",
    "do me favor and", "do me favour", "do me favor", "excuse me",
    "i was wondering if you could", "i wonder if you could", "may i ask you to",
    "could i ask you to", "can i ask you to", "feel free to", "go on and", "you can",
    "you could", "you may", "you should", "you must", "you have to", "you need to",
    "it is time to", "time to", "if it is not much trouble", "if it isn't much trouble",
    "when you get chance", "when you get moment", "if you get chance", "if you would",
    "if you like", "if you want", "when you are ready", "whenever you are ready",
    "when you're ready", "whenever you're ready", "whenever you have time", "at your convenience",
    "at your earliest convenience", "whenever it suits you", "i'd appreciate it if you could",
    "i would appreciate it if you could", "i'd be grateful if you could",
    "i'd be glad if you could", "it would help if you could", "it'd be great if you could",
    "it'd be nice if you could", "i was hoping you could", "i hope you can",
    "i think you should", "is there chance you could", "would you be able to", "why don't you",
    "how about you", "you'd better", "you had better", "be dear and", "be sweetheart and",
    "be good robot and", "be so good as to", "no rush", "no hurry", "take your time and",
    "if it is ok", "if that is ok", "so far",
)  # fmt: skip

_PRAISE = (
    r"good\s+(?:job|work|boy|girl|robot)|well\s+done|nice(?:\s+(?:work|job|one))?|great(?:\s+(?:job|work))?"
    r"|perfect|cool|awesome|excellent|wonderful|brilliant|lovely|super"
    r"|that(?:'s|\s+is|\s+was)\s+(?:really\s+|very\s+)?(?:great|good|nice|perfect|fine|lovely|cool)"
)
_THANKS = (
    r"thanks?(?:\s+(?:a\s+lot|so\s+much|very\s+much|again|in\s+advance))?"
    r"|thank\s+you(?:\s+(?:so\s+much|very\s+much|again|in\s+advance|for\s+(?!me\b)[^,.;!]+?))?|many\s+thanks|cheers|much\s+appreciated"
)
_FAREWELL = (
    r"(?:good\s*bye|bye)(?:[\s-]+bye)?(?:\s+for\s+now)?|good\s+night|take\s+care|good\s+luck|see\s+(?:you|ya)"
    r"(?:\s+(?:tomorrow|later|soon|then|around|tonight))?|until\s+(?:next\s+time|tomorrow)|farewell"
    r"|have\s+a\s+(?:nice|good|great|lovely)\s+(?:day|evening|night|afternoon|time|one|weekend)"
)
_CALLED = (
    r"robot|buddy|dude|mate|pal|man|my\s+(?:friend|dear)|friend|dear|darling|sweetie|honey"
    r"|folks|everyone|there"
)
_GREETING = (
    r"(?:hello|hi|hey|hiya|howdy|yo|greetings)(?:\s+there)?|good\s+(?:morning|afternoon|evening|day|night)"
    r"|how\s+are\s+you(?:\s+(?:today|doing))?|what(?:'s|\s+is)\s+up|how\s+is\s+it\s+going|nice\s+to\s+(?:see|meet)\s+you"
)
_ATTENTION = (
    r"listen\s+up|quick(?:ly)?|hurry(?:\s+up)?|(?:scratch|strike|forget)\s+that|come\s+on|excuse\s+me|pardon(?:\s+me)?|sorry(?:\s+to\s+(?:bother|disturb|interrupt)\s+you)?"
    r"|i(?:'m|\s+am)\s+(?:so\s+|very\s+|really\s+|quite\s+)?(?:hungry|thirsty|tired|cold|bored|busy|late|ill|sick|in\s+a\s+hurry)"
    r"|i\s+have\s+a\s+(?:job|task|request)\s+for\s+you|off\s+you\s+go|here\s+we\s+go|let'?s\s+see"
)
_FIRST = re.compile(
    rf"^\W*(?:(?:ok(?:ay)?|alright|all\s+right|well|so|oh|right)\b[\s,.!;:-]*)?"
    rf"(?:(?:{_GREETING}|{_THANKS}|{_PRAISE}|{_FAREWELL}|{_ATTENTION})(?:[\s,]+(?:{_CALLED}))?"
    # Where it is at once clear that it goes on: "good robot, go home", "thanks for that".
    r"(?:\s*[,.!?;:]+\s*|\s+(?:and|but|now|please|so)\s+|\s+-+\s+))+(?:(?:and|but|so)\s+)?(?=\w)",
    re.IGNORECASE,
)
_CALLED_FIRST = re.compile(
    rf"^\W*(?:(?:ok(?:ay)?|hey|hi|hello|yo|alright|dear)\s+)+(?:{_CALLED})\b[\s,.!:;-]*(?=\w)",
    re.IGNORECASE,
)
# Of nobody in particular: "could somebody bring me the cup", "the robot should go home".
_OF_ANYBODY = re.compile(
    r"^\W*(?:please\s+)?(?:(?:can|could|would|will)\s+)?(?:(?:some|any)(?:one|body)|(?:the\s+)?robot\s+"
    r"(?:should|must|shall|has\s+to|needs\s+to))\b[\s,]*(?:please\b[\s,]*)?(?=\w)(?!(?:is|was|has|are|in|at)\b)",
    re.IGNORECASE,
)
# "would it be ok if you went to the kitchen", "it would be nice if you brought me the cup"
_IF_YOU_DID = re.compile(
    r"^\W*(?:(?:would|could|might)\s+it\s+be\s+(?:ok|okay|alright|possible|fine|nice|great|too\s+much)"
    r"|(?:it|that)(?:\s+would|'d)\s+be\s+(?:very\s+|really\s+)?(?:nice|great|good|lovely|kind|helpful|cool|perfect)"
    r"|i(?:\s+would|'d)\s+(?:be\s+(?:glad|happy|grateful)|(?:really\s+)?(?:appreciate|love|like)\s+it)"
    r"|(?:would|do)\s+you\s+mind)\s+if\s+you\s+(?P<did>\w+)\b",
    re.IGNORECASE,
)
_DO = {
    "went": "go", "drove": "drive", "came": "come", "brought": "bring", "took": "take",
    "got": "get", "gave": "give", "put": "put", "picked": "pick", "fetched": "fetch",
    "looked": "look", "turned": "turn", "moved": "move", "checked": "check", "waited": "wait",
    "said": "say", "told": "tell", "carried": "carry", "returned": "return", "handed": "hand",
    "showed": "show", "found": "find", "searched": "search", "recorded": "record",
    "charged": "charge", "docked": "dock", "patrolled": "patrol", "followed": "follow",
}  # fmt: skip
_LAST = re.compile(
    rf"(?:\s*[,.!?;:]+\s*|\s+-+\s+|\s+)(?:and\s+)?(?:{_FAREWELL}|{_THANKS}|please\s+and\s+thank\s+you"
    r"|that(?:'s|\s+is|\s+would\s+be)\s+(?:all|it|everything|great|nice|lovely)|if\s+you\s+(?:please|don'?t\s+mind"
    r"|would(?:\s+be\s+so\s+kind)?)|would\s+you(?:\s+please)?|will\s+you|for\s+me(?:\s+please)?"
    rf"|my\s+(?:friend|dear)|buddy|dude|mate|darling|honey|sweetie)\W*$"
    rf"|\s*[,.!?;:]+\s*(?:and\s+)?(?:{_PRAISE}|{_CALLED}|ok(?:ay)?|alright|got\s+it|understood|yes)\s*[.!?]*$",
    re.IGNORECASE,
)
_SPOKEN = re.compile(r"\b(?:say|says|tell|speak|announce|wish|remind|greet)\b", re.IGNORECASE)
_ALONE = re.compile(
    rf"^\W*(?:(?:{_GREETING}|{_THANKS}|{_PRAISE}|{_FAREWELL}|{_CALLED}|ok(?:ay)?|that(?:'s|\s+is)\s+(?:all|it)|nothing"
    r"|sorry|today|are\s+you\s+(?:ok|there|ready|well)|how\s+do\s+you\s+do|no\s+problem|you(?:'re|\s+are)\s+welcome"
    r"|i\s+(?:love|like|hate)\s+you|never\s+mind|for\s+now|and|but|just|very\s+much)\W*)+$",
    re.IGNORECASE,
)


def asks_for_nothing(command: str) -> bool:
    """Say whether a command is small talk and nothing else."""
    return _ALONE.match(command) is not None


def _wished(found: re.Match[str]) -> str:
    return _DO.get(found["did"].lower(), found.group())


def without_small_talk(command: str) -> str:
    """Return a command without what is said around it; small talk alone is left as it is."""
    if asks_for_nothing(command):
        return command
    text = _CALLED_FIRST.sub("", _FIRST.sub("", _CALLED_FIRST.sub("", command)))
    text = _OF_ANYBODY.sub("", _IF_YOU_DID.sub(_wished, text))
    while not _SPOKEN.search(text):
        shorter = _LAST.sub("", text)
        if shorter == text or not re.search(r"\w", shorter):
            break
        text = shorter
    return text
