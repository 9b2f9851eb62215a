"""An independent DDS participant: prints as JSON which endpoints it sees.

Arguments: domain, number of writers and of readers to wait for, seconds to wait at most.
"""

import json
import re
import sys
import time

from cyclonedds.builtin import (
    BuiltinDataReader,
    BuiltinTopicDcpsParticipant,
    BuiltinTopicDcpsPublication,
    BuiltinTopicDcpsSubscription,
)
from cyclonedds.domain import DomainParticipant
from cyclonedds.qos import Policy

IDENTITY = re.compile(r"(serviceid|clientid)= [0-9a-f.]+;")


def user_data(qos):
    """Return the user data as text, the ids of services and clients taken out."""
    raw = bytes(qos[Policy.Userdata].data).decode() if Policy.Userdata in qos else ""
    return IDENTITY.sub(r"\1= <id>;", raw)


def described(sample):
    """Return what others can see of an endpoint."""
    names = (str(policy).replace("Policy.", "") for policy in sample.qos)
    qos = sorted(name for name in names if not name.startswith("Userdata"))
    return {
        "topic": sample.topic_name,
        "type": sample.type_name,
        "user_data": user_data(sample.qos),
        "qos": qos,
    }


def main():
    """Watch until everything is there."""
    domain, writers, readers = (int(word) for word in sys.argv[1:4])
    deadline = time.monotonic() + float(sys.argv[4])
    participant = DomainParticipant(domain)
    sources = {
        kind: BuiltinDataReader(participant, topic)
        for kind, topic in (
            ("writers", BuiltinTopicDcpsPublication),
            ("readers", BuiltinTopicDcpsSubscription),
            ("participants", BuiltinTopicDcpsParticipant),
        )
    }
    own = participant.guid
    found = {kind: {} for kind in sources}
    while time.monotonic() < deadline:
        for kind, source in sources.items():
            for sample in source.take(N=100):
                if sample.key == own or getattr(sample, "participant_key", None) == own:
                    continue
                if kind == "participants":
                    found[kind][str(sample.key)] = {"user_data": user_data(sample.qos)}
                else:
                    found[kind][str(sample.key)] = described(sample)
        if len(found["writers"]) >= writers and len(found["readers"]) >= readers:
            break
        time.sleep(0.05)
    print(json.dumps({kind: list(entries.values()) for kind, entries in found.items()}))


if __name__ == "__main__":
    main()
