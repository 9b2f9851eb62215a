"""Speech: says, hears and records."""

from __future__ import annotations

import difflib
import io
import math
import wave
from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np

from execution_orchestrator.action import Listen, RecordAudio, Speak
from execution_orchestrator.simulation.work.host import Host
from execution_orchestrator.simulation.work.jobs import Job, JobError
from execution_orchestrator.simulation.work.keeping import KeepError

SECONDS_PER_WORD = 0.4
UNDERSTANDING = 0.3  # simulated seconds
FEEDBACK_STEPS = 10
HEARD = 20  # utterances that are kept until somebody listens
MAX_SAMPLES = 50_000_000
HUM = 50.0  # hertz of the quiet hum that a recording holds
LIKENESS = 0.6  # from which an utterance counts as an expected phrase


class Speech:
    """Says aloud by ``say``; what somebody says is `hear`d.

    ``keep`` writes a file of this name and returns where it is, or raises KeepError.
    """

    def __init__(
        self, host: Host, *, say: Callable[[str], None], keep: Callable[[str, bytes], str]
    ) -> None:
        self._host = host
        self._say = say
        self._keep = keep
        self._utterances: deque[str] = deque(maxlen=HEARD)
        host.serve(Speak, "speak", self._speak, failure=640)
        host.serve(Listen, "listen", self._listen, failure=650)
        host.serve(RecordAudio, "record_audio", self._record, failure=660)

    def hear(self, text: str) -> None:
        """Receive an utterance."""
        self._utterances.append(text)

    def _speak(self, job: Job) -> Any:
        text = job.request.text.strip()
        if not text:
            raise JobError(642, "there is nothing to say; text is empty")
        duration = SECONDS_PER_WORD * len(text.split())
        self._host.log.info(f"says: {text}")
        self._say(text)
        for step in range(FEEDBACK_STEPS):
            job.feedback(Speak.Feedback(progress=step / FEEDBACK_STEPS))
            job.pause(duration / FEEDBACK_STEPS)
        return Speak.Result(duration=duration)

    def _listen(self, job: Job) -> Any:
        request = job.request
        job.feedback(Listen.Feedback(phase="listening"))
        self._utterances.clear()
        timeout = (request.timeout or 10.0) / self._host.rate
        if not job.wait_for(lambda: bool(self._utterances), timeout):
            raise JobError(652, "nobody said anything; publish on speech/heard")
        heard = self._utterances.popleft()
        job.feedback(Listen.Feedback(phase="understanding", partial=heard))
        job.pause(UNDERSTANDING)
        text, confidence = understood(heard, request.expected)
        return Listen.Result(text=text, confidence=confidence)

    def _record(self, job: Job) -> Any:
        request = job.request
        rate = request.sample_rate or 16000
        if not request.duration > 0.0 or request.duration * rate > MAX_SAMPLES:
            raise JobError(660, "duration has to be greater than 0 and the recording not too long")
        for step in range(FEEDBACK_STEPS):
            job.pause(request.duration / FEEDBACK_STEPS)
            elapsed = request.duration * (step + 1) / FEEDBACK_STEPS
            job.feedback(RecordAudio.Feedback(elapsed=elapsed))
        name = request.file_name or f"recording_{self._host.stamp().sec}.wav"
        try:
            path = self._keep(name, room_noise(request.duration, rate))
        except KeepError as failure:
            raise JobError(663, str(failure)) from None
        return RecordAudio.Result(file_name=path, duration=request.duration)


def understood(heard: str, expected: list[str]) -> tuple[str, float]:
    """Return what was meant, an expected phrase if one is similar, and how sure that is."""
    likeness = [
        (difflib.SequenceMatcher(None, heard.lower(), phrase.lower()).ratio(), phrase)
        for phrase in expected
    ]
    best = max(likeness, default=(0.0, ""))
    if best[0] >= LIKENESS:
        return best[1], best[0]
    return heard, 0.5 if expected else 0.9


def room_noise(duration: float, rate: int) -> bytes:
    """WAV file with the quiet hum of a room, mono, 16 bits."""
    times = np.arange(round(duration * rate)) / rate
    samples = (200 * np.sin(2 * math.pi * HUM * times)).astype("<i2")
    sink = io.BytesIO()
    with wave.open(sink, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())
    return sink.getvalue()
