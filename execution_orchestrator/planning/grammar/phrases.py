"""The words of the grammar: every phrase and the token it becomes."""

from __future__ import annotations

from collections.abc import Mapping

_MOVING_TO = tuple(
    f"{verb} {to}"
    for verb in ("go", "drive", "move", "head", "return", "navigate", "travel", "get", "come")
    for to in ("to", "back to")
)
_OF_PERSONS = {
    "i": (
        "say continue", "say come back", "say come", "say go", "say go on", "say so", "say ok",
        "say okay", "say yes", "say now",
        "say ready", "say go ahead", "say you can", "say it is ok", "say resume", "say proceed",
        "say", "tell you", "tell you so", "tell you to", "tell you to go", "tell you to go on",
        "tell you to continue", "tell you to proceed", "tell you to start", "am ready", "am done",
        "am back", "am there", "am here", "am finished", "come", "come back", "return", "arrive",
        "call you", "call", "confirm", "confirm it", "give you signal", "give you go ahead",
        "give signal", "give you ok", "press button", "let you know", "nod", "wave", "clap",
        "signal", "signal you", "whistle", "have finished", "answer", "reply",
    ),
    "i'm": ("ready", "done", "back", "there", "here", "finished"),
    "you": ("hear from me", "get signal", "get my ok", "get ok", "get go ahead"),
}  # fmt: skip
_CHARGERS = ("dock", "docking station", "charger", "charging station", "charging dock")
_LEFTWARDS = ("counterclockwise", "counter clockwise", "anticlockwise", "anti clockwise")
_EVERY = ("each", "every", "all", "each of", "all of")
_PLACES = ("room", "rooms", "place", "places", "location", "locations")
_ALL_OVER = ("rooms", "places", "house", "home", "flat", "apartment")
_WHOLE = tuple(f"{whole} {home}" for whole in ("whole", "entire") for home in _ALL_OVER[2:])

# Units of length, in metres.
METRES: Mapping[str, float] = {
    **dict.fromkeys(("metres", "metre", "meters", "meter", "m"), 1.0),
    **dict.fromkeys(("centimetres", "centimetre", "centimeters", "centimeter", "cm"), 0.01),
    **dict.fromkeys(("millimetres", "millimetre", "millimeters", "millimeter", "mm"), 0.001),
    **dict.fromkeys(("kilometres", "kilometre", "kilometers", "kilometer", "km"), 1000.0),
    **dict.fromkeys(("feet", "foot", "ft"), 0.3048),
    **dict.fromkeys(("inches", "inch"), 0.0254),
    **dict.fromkeys(("yards", "yard"), 0.9144),
    **dict.fromkeys(("miles", "mile"), 1609.344),
}

_VERBS: Mapping[str, tuple[str, ...]] = {
    "GO": (
        "go to", "drive to", "move to",
        "navigate to", "navigate_to", "nav to", "travel to", "come to", "head to",
        "return to", "visit", "goto", "i need you in", "i need you at", "you are needed in",
        "you are needed at",
        "go towards", "go toward",
        "drive towards", "drive toward", "move towards", "move toward",
        "head towards", "head toward", "head for", "walk towards", "walk toward",
        "go near", "drive near", "go close to", "go closer to",
        "move closer to", "drive closer to",
        "move near",
        "get to", "get back to", "walk to", "run to", "roll to", "go to position",
        "proceed to", "enter",
        *(
            f"{verb} {into}"
            for verb in ("go", "drive", "walk", "move", "come", "get", "head", "step")
            for into in ("into", "in", "inside", "back into", "over into")
        ),
        "be at", "be in", "be back at", "be back in", "be by",
        *(
            f"{verb} {over} to"
            for verb in ("go", "drive", "walk", "move", "come", "run", "roll", "head", "travel")
            for over in ("over", "across", "round", "along", "up", "down", "right", "back", "on")
        ),
        "make way to", "take yourself to", "bring yourself to", "get yourself to", "find way to",
        "meet me in", "meet me at", "meet us in", "meet us at",
        *(
            f"{verb} to point"
            for verb in ("go", "drive", "move", "navigate", "travel", "come", "fly")
        ),
        *(f"{verb} straight to" for verb in ("go", "drive", "move", "head", "come")),
        "go to coordinates", "go to coordinate", "move to position", "drive to position",
    ),
    "GO_HOME": (
        "go home", "go back home", "return home", "come home", "drive home",
        "come back home", "drive back home", "return back home", "head home", "head back home",
        "get home", "get back home", "move home", "back home", "be home",
        "go straight home", "drive straight home",
        "be back home", "be at home",
    ),
    "GO_BACK": (
        "go back", "go back again", "drive back there", "head back", "go back to where you were",
        "go back where you were", "go back to where you came from",
    ),
    "GO_THERE": ("go", "go over", "drive", "drive over", "head", "come", "move"),
    "THERE": ("there", "over there", "right there"),
    "HERE": ("here", "over here", "right here"),
    "BACK": (
        "back", "back again", "back where it was", "back to where it was", "back where it belongs",
        "back in its place", "back to its place", "back where they were", "where it was",
        "where it belongs", "to where it was", "back where you found it", "where you found it",
        "back where you got it", "back where it came from",
        "back to where you found it", "back to where you got it", "to where you found it",
        "to where you got it", "in its place", "to its place",
    ),
    "RETURN": ("return",),
    "WHERE_IS": (
        "where is", "where are", "where did i put", "where did i leave", "where have i put",
        "where have i left", "where could i find", "where might i find", "where did you put",
        "where have you put", "where did you leave",
        "where do you see", "where did you see", "where did you last see", "where can i find",
        "where was", "where were", "where stands", "where lies", "where stand", "where lie",
        "have you seen", "did you see",
    ),
    "WHERE": ("where", "find out where", "do you know where", "where do you think",
        "where exactly", "any idea where"),
    "HOW_FAR": ("how far is", "how far is it to", "how far away is", "how far from here is",
        "how far are you from", "how far are you away from", "what is distance to", "distance to",
        "how far have you to go to", "how far do you have to go to"),
    "FAR": ("how far", "how far away"),
    "HOW_FAR_FROM": ("how far is it from", "how far from", "what is distance from",
        "what is distance between", "how far is it between", "distance between", "distance from"),
    "DOING": (
        "what are you doing", "what are you up to", "what are you working on", "are you busy",
        "are you working", "what is status", "what is going on", "what is running",
        "are you done", "are you finished", "what you are doing", "what you do",
        "where are you going", "where are you heading",
        "what are you going to do", "what is next", "what do you do next", "what comes next",
        "what will you do", "what will you do next", "what are you waiting for",
        "why are you waiting", "what are you going to do next",
        "what is your plan", "are you moving", "are you driving",
        "where are you driving to", "where are you going to", "what is happening", "status",
        "report status",
    ),
    "OTHER": (
        "other one", "other", "another one", "another", "other ones", "different one",
        "second one",
    ),
    "HOLDING": (
        "what are you holding", "what do you hold", "what is in your hand", "what is in hand",
        "what is in gripper", "are you holding", "do you hold", "are you holding anything",
        "do you hold anything", "are you holding something", "what do you have",
        "what have you got", "what are you carrying",
        "are you carrying", "are you carrying anything", "do you have", "have you got",
        "is gripper empty", "is your hand empty",
    ),
    "COME_HERE": (
        "go towards me", "come towards me", "walk towards me", "drive towards me", "walk to me",
        "return to me", "come back here", "get here", "get back here", "go to me", "drive to me",
        "come over", "come here", "come to me", "come over here", "come over to me",
        "come closer", "come closer to me", "come near", "come near me", "come nearer",
        "come back to me", "come back", "be here", "be back here", "be back"),
    "BRING": (
        "bring", "bring me", "bring us", "bring to me", "bring to us", "give to me", "grab me",
        "grab us", "pass", "pass me", "fetch us",
        "get us",
        "hand us", "bring over", "collect", "gather", "go get", "go get me", "go fetch",
        "go fetch me", "go bring me", "fetch", "fetch me", "get", "get me",
        "hand", "hand me",
        "give me", "give", "give us", "hand over", "i'd love", "i would love", "i'd love to have",
        "deliver", "i want", "i need", "i'd like", "i would like",
        "can i have", "could i have", "can i get", "could i get",
        "can we have", "could we have", "may i have", "i'd like to have", "we need",
        "i want to have", "i could use", "we could use", "i could do with",
        "come back with", "come with", "come here with", "come over with",
        "come to me with", "come back to me with", "return with",
    ),
    "TAKE": ("take", "carry", "transport", "move"),
    "PICK": ("pick up", "pick", "grab", "grasp", "lift", "hold", "grip", "take hold of"),
    "UP": ("up",),
    "PUT": ("put", "place", "set", "drop", "leave", "put down", "set down", "lay", "lay down",
            "drop off"),
    "DOWN": ("down",),
    "PATROL": (
        "drive between", "go between", "go back and forth between", "move between",
        "drive back and forth between", "patrol", "patrol between", "patrol through", "tour",
        "start patrol", "start patrolling",
        "begin patrol", "begin patrolling", "do patrol", "start patrol of", "do patrol of",
        "go patrol",
        "do round of",
    ),
    "FOR_EACH_PLACE": (
        *(
            f"{start} {every} {place}"
            for start in ("for", "in", "at")
            for every in _EVERY
            for place in _PLACES
        ),
        "everywhere",
        *(f"in {whole}" for whole in _WHOLE),
    ),
    "GO_EACH_PLACE": (
        *(
            f"{go} {every} {place}"
            for go in ("go to", "drive to", "move to", "visit", "patrol", "tour")
            for every in _EVERY
            for place in _PLACES
        ),
        *(
            f"{go} {where}"
            for go in ("patrol", "patrol through", "tour", "do round of", "go through", "go round")
            for where in (*_ALL_OVER, *_WHOLE)
        ),
        "go everywhere", "drive everywhere",
    ),
    "EACH_PLACE": (*(f"{every} {place}" for every in _EVERY for place in _PLACES), *_WHOLE),
    "EXCEPT": ("except", "except for", "apart from", "but", "but not", "other than", "besides"),
    "CHECK": (
        "check", "check on", "inspect", "look at", "look in", "look into", "look on", "check out",
        "go look at", "go and look at", "come and look at", "go to look at", "go take look at",
        "have look at", "have look in", "take look at", "take look in", "look inside", "check in",
    ),
    "WATCH": ("watch", "watch over", "monitor", "observe", "guard", "keep eye on", "keep watch on",
        "surveil"),
    "LOOK_FOR": ("look for", "find", "find me", "find us", "detect", "search for", "search",
        "locate"),
    "SCAN": (
        "scan", "look left and right", "look left and then right", "look right and left",
        "look to left and right", "scan room", "scan environment", "scan area",
        "scan surroundings", "look around",
        "look", "have look", "take look", "have look around", "take look around",
        "look around bit", "look around little",
    ),
    "PICTURE": tuple(
        f"{verb} {noun}"
        for verb in (
            "take", "capture", "shoot", "make", "take another", "make another", "snap", "send",
            "show me", "show us",
            "send me", "send us", "get me", "give me", "i want", "i need", "i'd like",
            "can i have", "can i get", "could i have", "we need",
        )
        for noun in (
            "picture", "photo", "image", "snapshot", "photograph", "pic", "foto", "shot",
            "pictures", "photos", "images", "snapshots", "photographs", "pics",
        )
    ),
    "SHOOT": ("shoot", "capture", "make"),
    "PHOTO": (
        "picture", "pictures", "photo", "photos", "image", "images", "snapshot", "snapshots",
        "photographs", "pic", "pics", "photograph", "foto",
    ),
    "DESCRIBE": (
        "what do you see", "what can you see", "what is there", "do you see anything",
        "do you see something", "can you see anything",
        "can you see something", "tell me what you see",
        "say what you see", "describe", "describe what you see", "tell me what is there",
        "report what you see",
        "tell me what you saw", "say what you saw", "describe what you saw", "report what you saw",
        "what did you see", "tell me what you have seen", "tell us what you see",
        "detect objects", "detect everything",
    ),
    "LOOK_IF": (
        "do we have", "have we got", "do you see", "can you see", "is there", "are there",
        "do you find", "can you find",
    ),
    "ASK_IF": tuple(
        f"{verb} {word}"
        for verb in ("tell me", "tell us", "check", "see", "look", "find out", "say",
                     "let me know", "i wonder")
        for word in ("if", "whether")
    ),
    "WHERE_ARE_YOU": (
        "where are you", "what is your position", "tell me where you are", "where you are",
        "where are you now", "what is position", "which room are you in", "what room are you in",
        "in which room are you", "which place are you at", "at which place are you",
        "which room you are in", "where exactly are you",
    ),
    "WHAT_IS": (
        "is anything", "is there anything", "is there something", "is something", "what else is",
        "what is", "what are", "what lies", "what stands", "what objects are", "what things are",
        "which objects are", "which things are"),
    "HOW_MANY": ("how many", "count"),
    "HOW_MANY_THINGS": tuple(
        f"{count} {things}"
        for count in ("how many", "count", "count all")
        for things in ("things", "objects", "items")
    ),
    "WHICH": ("which", "which of", "which one of"),
    "BELONGS": (
        "belongs", "belong", "goes", "goes back", "should go", "should go back", "has to go",
        "has to go back", "must go", "must go back", "needs to go", "needs to go back",
    ),
    "IS": ("is", "are", "is still", "are still", "stands", "lies"),
    "IS_NOT": (
        "is not", "isn't", "are not", "aren't", "is no longer", "are no longer",
    ),
    "GONE": (
        "is not there", "isn't there", "are not there", "aren't there",
        "is gone", "are gone", "is missing", "are missing",
    ),
    "HOLDS": tuple(
        f"{hold}{what}"
        for hold in ("you are holding", "you hold", "you are carrying", "you carry", "you have",
                     "you have got", "you've got")
        for what in ("", " something", " anything")
    ),
    "HOLDS_NOT": (
        *(
            f"{hold}{what}"
            for hold in ("you are not holding", "you aren't holding", "you do not hold",
                         "you don't hold", "you are not carrying", "you do not have",
                         "you don't have", "you have not got", "you haven't got")
            for what in ("", " anything")
        ),
        "you are holding nothing", "you hold nothing", "you have nothing", "you carry nothing",
        "you are carrying nothing", "you have got nothing",
        *(
            f"{hand} {free}"
            for hand in ("your hand is", "your hands are", "gripper is", "your gripper is",
                         "hand is", "hands are")
            for free in ("empty", "free")
        ),
    ),
    "BATTERY_LEVEL": (
        "how full is battery", "how much battery is left", "how much battery do you have",
        "how is battery", "battery level", "battery status", "what is battery level",
        "tell me battery level", "how much charge is left", "how charged are you",
        "say battery level", "how much battery do you have left", "are you charging",
        "is battery full", "is battery low", "is battery empty", "is your battery full",
        "are you fully charged", "do you need to charge", "what is state of battery",
        "check battery", "report battery level", "how much battery", "how full battery is",
        "how much battery you have", "are you charged", "is battery charged", "battery",
        "what is your charge", "how much power do you have", "how much battery you have left",
        "how much battery there is", "how is battery doing", "battery charge", "state of battery",
        "how much battery is there", "what is battery", "what is battery status", "what is charge",
        "how much battery have you got", "do you have enough battery", "how full are you",
        "how much charge do you have", "are you low on battery", "are you running low",
        "battery percentage", "how high is battery", "how high is battery level",
        "what battery level is", "is battery ok", "is battery running low", "is battery charging",
    ),
    "BATTERY_LOW": (
        "battery is low", "battery is empty", "battery is almost empty", "battery is nearly empty",
        "battery low", "battery runs low", "battery gets low", "battery is running low",
        "you are low on battery", "you are low on power", "you need to charge",
        "you have low battery", "battery is weak", "you are low", "you are empty", "you run low",
        "you are running low", "you get low", "it is low", "it is empty", "it gets low",
        "you run out of battery", "battery is flat",
        "battery is nearly flat", "battery is almost flat", "low on battery", "low on power",
        "you are running out of battery", "battery runs out", "battery is running out",
    ),
    "BATTERY_NOT_LOW": (
        "battery is not low", "battery isn't low", "battery is not empty", "battery isn't empty",
        "you are not low on battery", "you do not need to charge", "you don't need to charge",
    ),
    "BATTERY_NOT_FULL": (
        "battery is not full", "battery isn't full", "battery is not fully charged",
        "battery isn't fully charged", "you are not fully charged",
    ),
    "BATTERY_FULL": (
        "battery is full", "battery is charged", "battery is fully charged", "you are full",
        "you are charged", "you are fully charged", "fully charged", "it is full", "it is charged",
        "it is fully charged",
    ),
    "BATTERY_BELOW": (
        "battery is below", "battery hits", "battery gets to", "battery is down to",
        "battery drops to", "battery falls to", "battery goes down to", "battery level hits",
        "battery level drops to", "battery drops under", "battery falls under",
        "battery goes below",
        "battery is under", "battery is less than", "battery is lower than",
        "battery drops below", "battery falls below", "battery level is below",
        "battery is at less than", "you are below", "you are under", "you have less than",
    ),
    "BATTERY_ABOVE": (
        "battery is above", "battery is over", "battery is more than", "battery is higher than",
        "battery level is above", "battery is at more than", "battery is at least",
        "battery reaches", "battery has reached", "battery is charged to", "you are above",
    ),
    "BATTERY_AT": ("battery is at", "battery is", "battery level is", "you are at"),
    "IS_BATTERY_BELOW": tuple(
        f"is battery{level} {below}"
        for level in ("", " level")
        for below in ("below", "under", "less than", "lower than")
    ),
    "IS_BATTERY_ABOVE": tuple(
        f"is battery{level} {above}"
        for level in ("", " level")
        for above in ("above", "over", "more than", "higher than", "at least")
    ),
    "PERCENT": ("percent", "%", "per cent"),
    "ALL": ("all", "all of", "every", "both", "both of"),
    "EVERYTHING": ("everything", "all things", "all objects", "all of it", "all items"),
    "VIDEO": (
        "record video", "record", "film", "shoot video", "take video", "make video",
        "capture video",
    ),
    "AUDIO": (
        "record audio", "record sound", "record sounds", "record what you hear",
        "record what is said", "make audio recording", "take audio recording",
    ),
    "CLIP": ("video", "videos", "clip"),
    "SAY": (
        "say", "announce", "tell me", "tell us", "speak", "greet me with", "tell user",
        "tell everyone", "tell everybody", "tell people", "tell him", "tell her", "tell them",
        "remind me to", "remind us to", "remind me that", "remind us that",
        "let me know", "let us know",
    ),
    "TELL_WHEN": tuple(
        f"{tell} {when}"
        for tell in ("tell me", "tell us", "say", "let me know", "let us know", "notify me",
                     "inform me", "warn me", "alert me")
        for when in ("when", "as soon as", "once")
    )
    + tuple(f"{warn} if" for warn in ("warn me", "alert me", "notify me")),
    "LISTEN": ("listen", "wait for answer", "listen to me"),
    "WAIT": (
        *(
            f"{stay} where you are{how_long}"
            for stay in ("stay", "wait", "remain", "stop")
            for how_long in ("", " for")
        ), "sleep", "sleep for", "wait", "pause", "stay", "wait for", "pause for", "stay for",
        "remain"),
    "WAIT_SOME": tuple(
        f"{wait}{some}"
        for wait in ("wait", "wait here", "wait for", "stay", "stay here", "hold on", "hang on")
        for some in (" moment", " while", " bit", " little", " little bit", " little while", " me")
    ),
    "LATER": ("later",),
    "WAIT_UNTIL": (
        "hold until", "hold on until", "pause until", "hold till", "wait until", "wait till",
        "stay until", "wait for moment when",
    ),
    "WHEN": ("when", "as soon as", "once"),
    "UNLESS": ("unless", "except if"),
    "UNTIL": ("until", "till"),
    "AS_LONG_AS": ("as long as",),
    "KEEP": ("keep", "keep on", "go on", "continue"),
    "IN_HAND": ("in hand", "in gripper", "in hands"),
    "ARE_YOU_NOT": ("you are not", "you aren't", "you are not yet", "you are no longer"),
    "ARE_YOU": ("are you", "you are", "you arrive", "you get to", "you reach", "you have reached"),
    "DOCK": (
        "dock", "charge", "recharge", "charge battery", "go charge", "dock yourself",
        "charge yourself", "recharge yourself", "recharge battery", "go and charge",
        "go charging", "plug yourself in",
        *(f"{verb} {noun}" for verb in (*_MOVING_TO, "be at", "be on") for noun in _CHARGERS),
    ),
    "UNDOCK": ("undock", "leave dock", "leave charger"),
    "OPEN_GRIPPER": ("open gripper", "open hand", "let go", "release", "let go of"),
    "CLOSE_GRIPPER": ("close gripper", "close hand"),
    "SPIN": (
        "turn", "spin", "rotate", "turn around", "spin around", "turn by", "spin by", "rotate by",
        "turn around by", "turn yourself", "turn yourself around",
    ),
    "SPIN_LEFT": (
        "turn left", "spin left", "rotate left", "turn to left", "turn left by", "rotate left by",
        "rotate to left", "turn to left by",
        *(f"{turn} {way}" for turn in ("turn", "spin", "rotate") for way in _LEFTWARDS),
        *(f"{turn} {way} by" for turn in ("turn", "spin", "rotate") for way in _LEFTWARDS),
    ),
    "LEFT": ("left", "to left", *_LEFTWARDS),
    "RIGHT": ("right", "to right", "clockwise"),
    "HALF_TURN": ("do 180", "make 180", "make u turn", "do u turn", "turn 180 degrees around",
        "turn half turn", "make half turn", "do half turn", "turn halfway around"),
    "FULL_TURN": (
        "make full turn", "do full turn", "turn full turn", "turn full circle", "do full circle",
        "make full circle", "turn once around", "turn all way around",
    ),
    "FORWARDS": ("forward", "forwards", "ahead", "straight ahead", "straight forward"),
    "BACKWARDS": ("backward", "backwards"),
    "SPIN_RIGHT": (
        "turn to right", "turn right", "spin right", "rotate right", "turn right by",
        "rotate right by", "rotate to right", "turn to right by",
        *(f"{turn} clockwise{by}" for turn in ("turn", "spin", "rotate") for by in ("", " by")),
    ),
    "BACK_UP": (
        "back up", "reverse", "move back", "drive back", "back up by", "move back by", "back off",
        "step back", "step backwards",
    ),
    "FORWARD": tuple(
        f"{verb} {way}"
        for verb in ("drive", "move", "go", "step")
        for way in ("forward", "forwards", "ahead", "straight", "straight ahead", "forward by")
    ),
    "ARM_HOME": (
        "move arm home", "stow arm", "retract arm", "fold arm", "tuck arm", "home arm",
        "bring arm home", "move arm to home", "move arm to home position", "put arm home",
    ),
    "TAKE_OFF": ("take off", "lift off"),
    "LAND": ("land", "touch down"),
    "HOVER": ("hover", "hold position", "hover in place"),
    "FLY": ("fly", "fly to", "fly over to", "fly back to"),
    "AT_EACH": (
        "in each", "in each one", "in each of them", "at each", "at each one", "at each of them",
        "in every one", "at every one", "in each place", "in all of them", "at all of them",
        "in both", "at both", "in both of them", "at both of them",
    ),
    "TELL_DONE": tuple(
        f"{tell} {when} {done}"
        for tell in ("tell me", "tell us", "let me know", "let us know", "say so", "notify me",
                     "report back", "report", "say", "inform me")
        for when in ("when", "once", "as soon as")
        for done in ("you are done", "you are finished", "you are there", "you are back",
                     "you are home", "you get there", "you arrive", "you have arrived",
                     "you are ready", "it is done", "that is done", "done", "finished")
    ),
    "TURN_TO": (
        *(
            f"{turn} {to}"
            for turn in ("turn", "turn around", "rotate", "spin", "turn yourself",
                         "point yourself", "point camera", "orient yourself", "look")
            for to in ("towards", "toward", "to face")
        ),
        "turn to", "turn yourself to", "turn around to", "rotate to", "face", "face towards",
        "point camera at", "point camera to", "aim at", "aim camera at",
        "look over at", "look to",
    ),
    "ROAM": (
        "drive around", "go around", "wander", "wander around", "roam", "roam around",
        "walk around", "move around", "explore", "go exploring",
    ),
    "LOOK_LEFT": ("look left", "look to left", "look leftwards"),
    "LOOK_RIGHT": ("look right", "look to right", "look rightwards"),
    # What a person says or does when the robot is to go on.
    "PERSON_SAYS": tuple(
        f"{i} {does}"
        for i, what in _OF_PERSONS.items()
        for does in what
    ),
    "WAIT_WORD": tuple(
        f"wait for {word}"
        for word in (
            "signal", "ok", "okay", "command", "go ahead", "confirmation", "word", "me to say go",
            "me to say ok", "me to say so", "me to say continue", "me to tell you to go on",
            "me to confirm", "me to come back", "approval", "permission", "instruction",
            "instructions", "order", "orders", "further instructions", "reply", "response", "go",
        )
    ),
    "ASK_FIRST": (
        "ask me before", "ask me first before", "ask before", "ask for permission before",
        "ask for confirmation before", "ask me for permission before", "check with me before",
        "ask me for confirmation before", "ask me before you", "check with me before you",
        "ask before you", "ask for permission before you", "ask for confirmation before you",
        "wait for my ok before", "ask me for permission before you",
        "ask me for confirmation before you", "ask me if you may", "ask me whether you may",
        "ask me if you can", "ask me whether you can", "ask me if you should",
    ),
    "ON": ("on", "in", "at", "onto", "into", "inside", "near", "by", "on top of"),
    "TO": ("to", "over to"),
    "FROM": (
        "from", "off", "off of", "out of",
        *(f"{that}{i} {left} {on}" for that in ("", "that ", "which ") for i in ("i", "we")
          for left in ("left", "put", "forgot") for on in ("on", "in", "at")),
        *(f"{that} {stands} {on}" for that in ("that", "which")
          for stands in ("is", "are", "stands", "lies", "is standing", "is lying")
          for on in ("on", "in", "at", "near", "by")),
    ),
    "OF": ("of",),
    "FOR": ("for",),
    "ME": ("me", "us"),
    "IT": ("it", "them", "that", "this", "that one", "each", "these", "those",
           "them both", "them all", "both of them", "all of them", "what you hold",
           "what you are holding", "what you are carrying", "what you carry"),
    "DEGREES": ("degrees", "degree", "deg", "°"),
    "RADIANS": ("radians", "radian", "rad"),
    "METRES": tuple(METRES),
    "SECONDS": ("seconds", "second", "secs", "sec", "s"),
    "MINUTES": ("minutes", "minute", "mins", "min"),
    "HOURS": ("hours", "hour", "hrs", "hr", "h"),
    "TIMES": ("times", "time"),
    "TWICE": ("twice",),
    "REPEAT": ("repeat", "do", "do following", "repeat following"),
    "FOR_EACH": ("for each", "for every", "for all"),
    "IF": ("if", "in case"),
    "ONLY_IF": (
        "only if", "but only if", "if and only if", "provided", "provided that", "providing",
        "on condition that", "but if",
    ),
    "ONLY_WHEN": ("only when", "but only when", "but only once", "only once", "only after"),
    "UNTIL_STOPPED": (
        *(
            f"until {told}"
            for told in (
                "i say stop", "i tell you to stop", "i stop you", "i say so", "i say otherwise",
                "further notice", "you are told to stop", "stopped", "i say enough",
                "i tell you otherwise", "i call you", "i cancel",
            )
        ),
        "forever", "endlessly", "continuously", "over and over", "nonstop", "non stop",
    ),
    "NEAR": (
        "in front of", "next to", "right next to", "beside", "close to", "alongside",
        "right in front of", "nearby",
    ),
    # Where something is that has no name: a robot goes to places, and puts things on them.
    "RELATION": (
        "left of", "to left of", "on left of", "right of", "to right of", "on right of", "behind",
        "under", "underneath", "below", "beneath", "above", "between", "opposite", "across from",
        "beyond", "around",
    ),
    "OPEN": ("open",),
    "CLOSE": ("close", "shut"),
    "SEEN": (
        *(
            f"{what} {seen}"
            for what in (
                "what", "which objects", "what objects", "which things", "what things",
                "how many objects", "how many things",
            )
            for seen in ("have you seen", "have you found", "did you find", "have you detected")
        ),
        "which objects did you see", "what objects did you see", "which things did you see",
        "what things did you see", "how many objects did you see",
    ),
    "SEE": (
        "you see", "you find", "you can see", "you spot", "there is", "there are", "you can find",
        "you can spot", "you happen to see", "you come across", "you found", "you have found",
        "you've found", "you saw", "you have seen", "you've seen",
    ),
    "NOT_SEE": (
        "you do not see", "you don't see", "you cannot see", "you can't see", "you see no",
        "you do not find", "you don't find", "you cannot find", "you can't find", "there is no",
        "there are no",
    ),
    "SEE_NOTHING": (
        "there is nothing", "you see nothing", "you find nothing", "nothing is", "nothing stands",
        "nothing lies",
    ),
    "OTHERWISE": (
        "otherwise", "else", "or else", "if not", "or otherwise", "or if not", "if there is none",
        "or if there is none", "if there are none", "or if there are none",
    ),
    "I_LEFT": (
        "i left", "i have left", "i've left", "i forgot", "i put", "i have put", "we left",
    ),
    "BUT_FIRST": (
        "but first", "but before that", "but before", "but first of all", "however first",
        "but beforehand",
    ),
    "INSTEAD": (
        *(
            f"if {it} {fails}"
            for it in ("that", "it", "this")
            for fails in (
                "does not work", "doesn't work", "fails", "is not possible", "isn't possible",
                "does not work out", "did not work",
            )
        ),
        "if you cannot", "if you can't", "if you fail", "if not possible", "if impossible",
        "if that is impossible",
    ),
    "BEFORE": ("before", "before you"),
    "AFTER": ("after", "after you"),
    "VIA": ("via", "by way of", "passing by", "passing through"),
    "LITTLE": ("little", "bit", "little bit", "tiny bit", "slightly"),
    "THEN": (
        "then", "and then", "after that", "and after that", "when you are done",
        "when you are there",
        "when you are finished", "once you are done", "when finished", "as soon as you are done",
        "when you get there", "once you are there", "when done", "when you arrive", "once there",
        "and when you are there", "and when you are done", "when you have arrived", "after this",
        "afterwards", "and afterwards", "next",
        "and next", "finally", "and finally",
    ),
    "AND": ("and", "also", "and also", "as well as", "plus"),
    "WHILE": ("while", "while you", "meanwhile", "and meanwhile"),
    "AT_ONCE": ("at same time", "and at same time", "in parallel", "simultaneously"),
    "TRY": ("try to",),
}  # fmt: skip

# "while driving to the kitchen", "keep looking around": the same verbs, another form.
_GERUNDS = {
    "go": "going", "drive": "driving", "move": "moving", "navigate": "navigating",
    "travel": "travelling", "head": "heading", "return": "returning", "visit": "visiting",
    "bring": "bringing", "fetch": "fetching", "get": "getting", "take": "taking",
    "carry": "carrying", "collect": "collecting", "check": "checking", "pick": "picking",
    "put": "putting", "place": "placing",
    "look": "looking", "search": "searching", "scan": "scanning", "record": "recording",
    "watch": "watching", "monitor": "monitoring", "observe": "observing",
    "film": "filming", "shoot": "shooting", "say": "saying", "speak": "speaking",
    "listen": "listening", "wait": "waiting", "turn": "turning", "spin": "spinning",
    "rotate": "rotating", "open": "opening", "close": "closing", "patrol": "patrolling",
    "hover": "hovering", "fly": "flying",
}  # fmt: skip


def _with_gerunds(phrases: tuple[str, ...]) -> tuple[str, ...]:
    more = (
        " ".join([_GERUNDS[first], *rest])
        for first, *rest in (phrase.split() for phrase in phrases)
        if first in _GERUNDS
    )
    return (*phrases, *more)


PHRASES: Mapping[str, tuple[str, ...]] = {
    kind: _with_gerunds(phrases) for kind, phrases in _VERBS.items()
}

# How fast or how loud it is to be done, which no capability is told.
LOUDNESS = frozenset({"quietly", "silently", "loudly", "louder", "quieter"})
SPEEDS = LOUDNESS | {"slowly", "slow", "slower", "fast", "faster", "speedily"}
# What tells one thing of a kind from another: "the blue cup" is a cup, also if none is known.
ADJECTIVES = frozenset(
    {
        "red", "green", "blue", "yellow", "orange", "purple", "violet", "pink", "brown", "black",
        "white", "grey", "gray", "silver", "golden", "big", "large", "small", "little", "tall",
        "short", "old", "new", "empty", "full", "wooden", "plastic", "metal", "glass", "paper",
        "striped", "transparent", "dirty", "clean",
    }
)  # fmt: skip

_TEENS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
NUMBERS: Mapping[str, float] = {
    **{word: float(number) for number, word in enumerate(_TEENS)},
    **{word: 10.0 * tens for tens, word in enumerate(_TENS, start=2)},
    "half": 0.5,
    "quarter": 0.25,
    "dozen": 12.0,
    "hundred": 100.0,
}
