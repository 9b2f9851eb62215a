"""sim_speech: says, hears and records; what somebody says comes in by topic."""

from __future__ import annotations

import difflib
import io
import math
import os
import wave
from collections import deque
from pathlib import Path
from typing import Any

import numpy as np
from rcl_interfaces.msg import ParameterDescriptor
from std_msgs.msg import String

from execution_orchestrator.action import Listen, RecordAudio, Speak
from execution_orchestrator.simulation.servers.jobs import Job, JobError
from execution_orchestrator.simulation.servers.keeping import KeepError, folder, kept_path, write
from execution_orchestrator.simulation.servers.server import SimServer, run

SECONDS_PER_WORD = 0.4
UNDERSTANDING = 0.3  # simulated seconds
FEEDBACK_STEPS = 10
HEARD = 20  # utterances that are kept until somebody listens
MAX_SAMPLES = 50_000_000
HUM = 50.0  # hertz of the quiet hum that a recording holds
LIKENESS = 0.6  # from which an utterance counts as an expected phrase


class SimSpeech(SimServer):
    """Speaks into topic ``speech/said``, hears what is published on ``speech/heard``."""

    def __init__(self) -> None:
        super().__init__("sim_speech")
        self._utterances: deque[str] = deque(maxlen=HEARD)
        self._said = self.create_publisher(String, "speech/said", 10)
        self.create_subscription(String, "speech/heard", self._hear, 10, callback_group=self.group)
        words = ParameterDescriptor(description="folder of recordings; empty: ROS_HOME")
        given = str(self.declare_parameter("output_directory", "", words).value)
        self._folder = Path(given) if given else folder("audio")
        self.serve(Speak, "speak", self._speak, failure=640)
        self.serve(Listen, "listen", self._listen, failure=650)
        self.serve(RecordAudio, "record_audio", self._record, failure=660)

    def _hear(self, message: String) -> None:
        self._utterances.append(message.data)
        self.notify()

    def _speak(self, job: Job) -> Any:
        text = job.request.text.strip()
        if not text:
            raise JobError(642, "there is nothing to say; text is empty")
        duration = SECONDS_PER_WORD * len(text.split())
        self.get_logger().info(f"says: {text}")
        self._said.publish(String(data=text))
        for step in range(FEEDBACK_STEPS):
            job.feedback(Speak.Feedback(progress=step / FEEDBACK_STEPS))
            job.pause(duration / FEEDBACK_STEPS)
        return Speak.Result(duration=duration)

    def _listen(self, job: Job) -> Any:
        request = job.request
        job.feedback(Listen.Feedback(phase="listening"))
        self._utterances.clear()
        timeout = (request.timeout or 10.0) / self.rate
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
        name = request.file_name or f"recording_{os.getpid()}.wav"
        try:
            path = kept_path(self._folder, name)
            write(path, room_noise(request.duration, rate))
        except KeepError as failure:
            raise JobError(663, str(failure)) from None
        return RecordAudio.Result(file_name=str(path), duration=request.duration)


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


def main(args: list[str] | None = None) -> int:
    """Run sim_speech until it is told to end."""
    return run(SimSpeech, args)
