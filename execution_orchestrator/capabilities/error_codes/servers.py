"""Error codes of the action types of this package (constants of action/*.action)."""

from execution_orchestrator.capabilities.error_codes.table import ErrorCodeTable, KnownError
from execution_orchestrator.plan.errors import ErrorType

SENSOR = ErrorType.SENSOR
EXECUTION = ErrorType.EXECUTION


def _camera(base: int) -> dict[int, KnownError]:
    return {
        base: KnownError(SENSOR, "CAMERA_UNKNOWN", "the camera server failed"),
        base + 1: KnownError(SENSOR, "CAMERA_UNAVAILABLE", "the camera gives no pictures"),
    }


def _timeout(code: int) -> dict[int, KnownError]:
    return {code: KnownError(ErrorType.TIMEOUT, "CAMERA_TIMEOUT", "no picture came in time")}


def _write(code: int, name: str) -> dict[int, KnownError]:
    return {
        code: KnownError(EXECUTION, f"{name}_WRITE_FAILED", "the file cannot be written", False)
    }


SENSORS = ErrorCodeTable(
    prefix="SENSOR",
    unknown_type=SENSOR,
    codes={
        **_camera(600),
        **_timeout(602),
        **_write(603, "IMAGE"),
        **_camera(610),
        **_timeout(612),
        613: KnownError(
            ErrorType.TRANSFORMATION, "CAMERA_TRANSFORM_FAILED", "no transform to the camera"
        ),
        614: KnownError(
            SENSOR, "CAMERA_NOTHING_IN_VIEW", "the region of interest is outside the view"
        ),
        **_camera(620),
        **_timeout(622),
        **_camera(630),
        **_write(633, "VIDEO"),
    },
)

SPEECH = ErrorCodeTable(
    prefix="SPEECH",
    unknown_type=EXECUTION,
    codes={
        640: KnownError(EXECUTION, "SPEECH_UNKNOWN", "the speech server failed"),
        641: KnownError(SENSOR, "AUDIO_UNAVAILABLE", "there is no audio device"),
        642: KnownError(ErrorType.VALIDATION, "SPEECH_TEXT_EMPTY", "nothing to say", False),
        650: KnownError(SENSOR, "LISTEN_UNKNOWN", "the speech server failed"),
        651: KnownError(SENSOR, "AUDIO_UNAVAILABLE", "there is no audio device"),
        652: KnownError(SENSOR, "NOTHING_HEARD", "nothing was said"),
        660: KnownError(SENSOR, "AUDIO_UNKNOWN", "the audio server failed"),
        661: KnownError(SENSOR, "AUDIO_UNAVAILABLE", "there is no audio device"),
        **_write(663, "AUDIO"),
    },
)

VEHICLE = ErrorCodeTable(
    prefix="VEHICLE",
    unknown_type=EXECUTION,
    codes={
        700: KnownError(EXECUTION, "VEHICLE_UNKNOWN", "the vehicle failed"),
        701: KnownError(EXECUTION, "VEHICLE_NOT_ARMED", "the vehicle is not armed", False),
        702: KnownError(
            ErrorType.VALIDATION, "VEHICLE_OUT_OF_BOUNDS", "that is outside the allowed area", False
        ),
        703: KnownError(ErrorType.NAVIGATION, "VEHICLE_BLOCKED", "something is in the way"),
        704: KnownError(
            ErrorType.RESOURCE_UNAVAILABLE, "VEHICLE_LOW_BATTERY", "the battery is too low", False
        ),
        705: KnownError(
            EXECUTION, "VEHICLE_WRONG_STATE", "the vehicle cannot do that in its present state"
        ),
        706: KnownError(ErrorType.CONNECTIVITY, "VEHICLE_LINK_LOST", "the link was lost"),
    },
)
