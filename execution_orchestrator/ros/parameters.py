"""The node's parameters: one table of names, defaults, limits and descriptions."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ament_index_python.packages import PackageNotFoundError, get_package_share_directory
from rcl_interfaces.msg import FloatingPointRange, IntegerRange, ParameterDescriptor
from rclpy.exceptions import InvalidParameterTypeException, InvalidParameterValueException
from rclpy.parameter import Parameter

from execution_orchestrator.capabilities.problems import ConfigurationError, ConfigurationProblem
from execution_orchestrator.ros.engine_parameters import AT_RUN_TIME

PACKAGE = "execution_orchestrator"


@dataclass(frozen=True, slots=True)
class ParameterEntry:
    """One parameter; ``low`` and ``high`` are inclusive limits of numbers."""

    name: str
    default: Any
    description: str
    low: float | None = None
    high: float | None = None


ENTRIES = (
    ParameterEntry(
        "capability_files", ["capabilities.yaml", "tools.yaml"], "what the robot can do"
    ),
    ParameterEntry("recovery_file", "recovery.yaml", "what to do about which error"),
    ParameterEntry("robot_state_file", "robot_state.yaml", "topics that become robot.* in plans"),
    ParameterEntry("places_file", "places.yaml", "named places; empty: none"),
    ParameterEntry("alerts_file", "alerts.yaml", "alerts to begin with; empty: none"),
    ParameterEntry(
        "notifications_file", "", "who is told of alerts by webhook, e-mail ...; empty: nobody"
    ),
    ParameterEntry(
        "plans_directory", "", "folder of plans that subplans name; empty: the package's examples"
    ),
    ParameterEntry(
        "web_save_plans",
        False,
        "true: whoever may use the web page may save plans in plans_directory",
    ),
    ParameterEntry(
        "state_directory", "", "folder of the journal; empty: $ROS_HOME/execution_orchestrator"
    ),
    ParameterEntry("database_url", "", "SQLAlchemy URL; empty: SQLite in the state directory"),
    ParameterEntry(
        "standby",
        False,
        "true: while another node uses the journal, wait, and take over when it dies",
    ),
    ParameterEntry("durability", "normal", "normal: survives kill -9; full: also a power cut"),
    ParameterEntry(
        "checkpoint_every", 5, "completed actions between checkpoints, 0: none", 0, 100_000
    ),
    ParameterEntry(
        "history_max_age",
        2_592_000.0,
        "seconds the journal keeps executions after their end, 0: for ever",
        0.0,
        3.2e9,
    ),
    ParameterEntry(
        "history_max_executions",
        10_000,
        "ended executions the journal keeps, 0: all",
        0,
        100_000_000,
    ),
    ParameterEntry("max_running_executions", 8, "executions that run at once", 1, 10_000),
    ParameterEntry("queue_capacity", 32, "executions that may wait", 0, 100_000),
    ParameterEntry(
        "max_waiting_for_start", 100, "executions that may wait for a time of day", 0, 100_000
    ),
    ParameterEntry("max_schedules", 100, "schedules that there may be", 0, 100_000),
    ParameterEntry(
        "time_zone", "", "where plans that name no time zone read the clock; '': the machine's own"
    ),
    ParameterEntry(
        "max_document_bytes", 1_048_576, "size limit of a plan document", 1024, 64 * 1024 * 1024
    ),
    ParameterEntry("max_actions", 10_000, "actions a plan may have", 1, 1_000_000),
    ParameterEntry("max_concurrent_actions", 32, "goals under way at once", 1, 10_000),
    ParameterEntry(
        "reserve_after",
        10.0,
        "seconds that an action is overtaken by others, until its resources are kept for it",
        0.0,
        86_400.0,
    ),
    ParameterEntry("max_iterations", 10_000, "items that a foreach may have", 1, 1_000_000),
    ParameterEntry(
        "max_lease_duration", 3600.0, "seconds that somebody outside may hold a resource", 1.0, 1e6
    ),
    ParameterEntry("max_lease_requests", 100, "requests for resources that may wait", 0, 1_000_000),
    ParameterEntry(
        "finished_kept", 100, "ended executions in the engine's memory, to go on with", 1, 100_000
    ),
    ParameterEntry(
        "finished_actions_kept",
        5_000,
        "actions that they may have together; every 4 kB of an output count as one",
        1,
        10_000_000,
    ),
    ParameterEntry(
        "records_kept", 200, "ended executions that displays and figures hold", 1, 100_000
    ),
    ParameterEntry(
        "record_actions_kept",
        20_000,
        "actions that they may have together; every 4 kB of an output count as one",
        1,
        10_000_000,
    ),
    ParameterEntry("prestage", True, "prepare what comes next while the current action runs"),
    ParameterEntry(
        "optimise",
        "estimates order",
        "optimisations of goals that name none: none, all, or of estimates batching settling order",
    ),
    ParameterEntry(
        "optimise_budget", 1.0, "seconds the solver may search for a better order", 0.0, 25.0
    ),
    ParameterEntry(
        "path_timeout", 1.0, "seconds to ask Nav2 for the length of a path, 0: never", 0.0, 10.0
    ),
    ParameterEntry(
        "server_timeout", 5.0, "seconds to wait for a missing action server", 0.0, 3600.0
    ),
    ParameterEntry(
        "answer_timeout", 5.0, "seconds for a server to accept or reject a goal", 0.1, 3600.0
    ),
    ParameterEntry(
        "server_memory",
        9.0,
        "seconds for which action servers know how a goal ended; rcl's do for 10",
        0.0,
        86400.0,
    ),
    ParameterEntry(
        "cancel_timeout", 10.0, "seconds for a server to end a cancelled goal", 0.1, 3600.0
    ),
    ParameterEntry(
        "cancel_patience",
        1.5,
        "seconds until the servers below one that goes on after a cancel are cancelled, too",
        0.1,
        3600.0,
    ),
    ParameterEntry(
        "confirmation_timeout",
        0.0,
        "seconds a person has to answer where the plan says nothing, 0: no limit",
        0.0,
        2_592_000.0,
    ),
    ParameterEntry(
        "poll_period",
        1.0,
        "seconds between two looks at a condition that is waited for",
        0.05,
        3600.0,
    ),
    ParameterEntry(
        "watch_period", 0.5, "seconds between two looks at the servers of running goals", 0.05, 60.0
    ),
    ParameterEntry(
        "liveness_timeout",
        4.0,
        "seconds of silence after which a server counts as dead; 0: only when it leaves the graph",
        0.0,
        3600.0,
    ),
    ParameterEntry(
        "feedback_period", 0.2, "least seconds between two feedback messages of a goal", 0.0, 60.0
    ),
    ParameterEntry("state_period", 0.2, "least seconds between two state messages", 0.01, 60.0),
    ParameterEntry(
        "result_timeout",
        60.0,
        "seconds after its end that a goal is remembered; ~/get_execution has results later",
        1.0,
        86_400.0,
    ),
    ParameterEntry(
        "results_kept",
        200,
        "results that keep their details; older ones say only the end",
        1,
        10**6,
    ),
    ParameterEntry(
        "results_kept_bytes", 16 * 1024**2, "bytes of memory these results may take", 1024, 2**31
    ),
    ParameterEntry(
        "leave_goals_on_shutdown", False, "true: goals run on and the next start adopts them"
    ),
    ParameterEntry(
        "stop_topics",
        ["cmd_vel", "cmd_vel_nav"],
        "topics that zero velocity (Twist, TwistStamped) or a lock (Bool: true) is held on while "
        "everything is stopped; [''] for none",
    ),
    ParameterEntry("map_topic", "map", "the map, in which targets of a plan are looked up"),
    ParameterEntry(
        "rehearsal_world",
        "",
        "world of worlds/ or SDF file that rehearsals are in; empty: what the map says",
    ),
    ParameterEntry("odometry_topic", "odom", "odometry of each robot, to know whether it stands"),
    ParameterEntry("standstill_speed", 0.02, "m/s below which a robot may stand", 0.0, 10.0),
    ParameterEntry("standstill_turn", 0.05, "rad/s below which a robot may stand", 0.0, 10.0),
    ParameterEntry("standstill_time", 0.5, "seconds that it has to be so slow", 0.0, 60.0),
    ParameterEntry("max_tool_workers", 4, "plain tools that compute at once", 1, 64),
    ParameterEntry("planner", "auto", "who plans commands: auto, grammar or llm"),
    ParameterEntry(
        "same_id",
        "attach",
        "a goal with the id of an execution, if it leaves same_id empty: attach, refuse or "
        "allow_if_failed",
    ),
    ParameterEntry(
        "min_confidence", 0.5, "plans that are less sure wait for a person to confirm", 0.0, 1.0
    ),
    ParameterEntry(
        "planning_timeout", 600.0, "seconds that the plan of a goal may take", 1.0, 86_400.0
    ),
    ParameterEntry("replan_timeout", 120.0, "seconds a planner has for another plan", 1.0, 3600.0),
    ParameterEntry(
        "retry_max_attempts",
        1,
        "attempts of an action whose plan and capability name no number; 1: no retry",
        1,
        100,
    ),
    ParameterEntry("retry_initial_delay", 1.0, "seconds before the second attempt", 0.0, 86_400.0),
    ParameterEntry(
        "retry_multiplier", 2.0, "how many times longer each further delay is", 1.0, 100.0
    ),
    ParameterEntry("retry_max_delay", 30.0, "seconds before any attempt, at most", 0.0, 86_400.0),
    ParameterEntry(
        "retry_jitter", 0.1, "share of a delay by which it is changed at random", 0.0, 1.0
    ),
    ParameterEntry(
        "breaker_threshold", 5, "failures in a row after which a server is left alone", 1, 1000
    ),
    ParameterEntry("breaker_reset_timeout", 30.0, "seconds until it is tried again", 0.1, 86_400.0),
    ParameterEntry(
        "breaker_errors",
        ["CONNECTIVITY", "TIMEOUT"],
        "types of errors that count as failures of a server",
    ),
    ParameterEntry(
        "breaker_servers",
        [""],
        "servers with limits of their own, each as 'NAME FAILURES SECONDS': /detect 2 60.0",
    ),
    ParameterEntry(
        "strategy_timeout",
        120.0,
        "seconds a recovery strategy has where its table says nothing",
        1.0,
        86_400.0,
    ),
    ParameterEntry(
        "max_restores", 2, "times an execution may go back to a checkpoint by itself", 0, 100
    ),
    ParameterEntry(
        "lost_redispatches", 3, "times a goal is sent again that no server knows", 0, 100
    ),
    ParameterEntry(
        "max_hindrances",
        20,
        "times an action is sent again because its server could not be used",
        0,
        10_000,
    ),
    ParameterEntry(
        "max_takes", 3, "times it is sent again that takes the server from somebody else", 0, 100
    ),
    ParameterEntry("dead_letters_kept", 1000, "failed actions that are kept", 0, 1_000_000),
    ParameterEntry(
        "dead_letter_backoff",
        10.0,
        "seconds before the first retry of a dead letter, each later one waits twice as long",
        0.0,
        86_400.0,
    ),
    ParameterEntry("max_replans", 2, "other plans an execution may get, 0: none", 0, 100),
    ParameterEntry(
        "llm_base_url", "", "OpenAI-compatible endpoint; empty: $OPENAI_BASE_URL, else no model"
    ),
    ParameterEntry("llm_model", "", "name of the model; empty: $OPENAI_MODEL, else no model"),
    ParameterEntry("llm_key_variable", "OPENAI_API_KEY", "environment variable that holds the key"),
    ParameterEntry(
        "llm_timeout", 60.0, "seconds for a planning, all its rounds together", 1.0, 110.0
    ),
    ParameterEntry("llm_max_rounds", 3, "answers a model may give until one is valid", 1, 10),
    ParameterEntry(
        "llm_token_budget", 60_000, "tokens of a planning, all its rounds together", 500, 10_000_000
    ),
    ParameterEntry("llm_answer_tokens", 4000, "tokens of one answer", 100, 1_000_000),
    ParameterEntry(
        "llm_prompt_price", 0.0, "cost of a million tokens sent, unit of the cost rates", 0.0, 1e6
    ),
    ParameterEntry("llm_completion_price", 0.0, "cost of a million tokens answered", 0.0, 1e6),
    ParameterEntry("llm_temperature", -1.0, "temperature; -1.0: the model's own", -1.0, 2.0),
    ParameterEntry("llm_stream", True, "whether answers are streamed"),
    ParameterEntry(
        "llm_capabilities", [""], "capabilities a model may plan with; empty: all of the robot"
    ),
    ParameterEntry(
        "llm_confirmed", [""], "capabilities that wait for a person when a model planned them"
    ),
    ParameterEntry(
        "llm_record_directory", "", "folder for conversations with the model; empty: none kept"
    ),
    ParameterEntry("diagnostics_period", 1.0, "seconds between diagnostics", 0.1, 3600.0),
    ParameterEntry(
        "metrics_window",
        3600.0,
        "seconds that figures of capabilities and resources look back",
        1.0,
        2_592_000.0,
    ),
    ParameterEntry("web_port", 8765, "port of the web page, 0: no web page", 0, 65_535),
    ParameterEntry(
        "web_host",
        "127.0.0.1",
        "address of the web page; other than loopback only with access_file",
    ),
    ParameterEntry(
        "web_names", [""], "further names of this machine that the web page answers to: robot.local"
    ),
    ParameterEntry(
        "access_file",
        "",
        "people who may use the web page (command access); empty: whoever is at this machine",
    ),
    ParameterEntry("web_certificate", "", "PEM file; with web_key the web page is served over TLS"),
    ParameterEntry("web_key", "", "PEM file with the key of web_certificate"),
    ParameterEntry(
        "camera_topic",
        "camera/image_raw",
        "topic of a robot's camera (Image or, ending in /compressed, CompressedImage): the last "
        "picture of each action that holds a camera is kept; empty: none",
    ),
    ParameterEntry(
        "pictures_kept",
        2000,
        "pictures that are kept in the state directory, at most 200 MB; 0: none",
        0,
        100_000,
    ),
    ParameterEntry(
        "live_camera_rate",
        2.0,
        "pictures a second of the page's live view, which is off until somebody asks; 0: never",
        0.0,
        30.0,
    ),
    ParameterEntry("prometheus_port", 0, "port of /metrics on loopback, 0: none", 0, 65_535),
    ParameterEntry("otlp_endpoint", "", "OTLP/HTTP endpoint for traces; empty: no traces"),
    ParameterEntry("trace_sample_ratio", 1.0, "share of executions that are traced", 0.0, 1.0),
)


def declare(node: Any) -> dict[str, Any]:
    """Declare every parameter and return the values.

    An unknown parameter in a file for several nodes may be meant for another node and is logged; a
    name that is nearly one of this node's is a mistake, and so is a value of another type or
    outside the limits.

    Raises:
        ConfigurationError: there are such mistakes; all are listed.

    """
    values, slips = declared(node, ENTRIES)
    refused = {problem.place for problem in slips}
    unknown = [problem for problem in unknown_overrides(node) if problem.place not in refused]
    slips += [problem for problem in unknown if problem.hint]
    if slips:
        raise ConfigurationError(slips)
    for problem in unknown:
        node.get_logger().warning(str(problem))
    return values


def declared(
    node: Any, entries: Iterable[ParameterEntry]
) -> tuple[dict[str, Any], list[ConfigurationProblem]]:
    """Declare parameters; return the values, and what is wrong with those that cannot be used."""
    values, wrong = {}, []
    for entry in entries:
        try:
            values[entry.name] = node.declare_parameter(
                entry.name, entry.default, descriptor_of(entry)
            ).value
        except (InvalidParameterTypeException, InvalidParameterValueException):
            wrong.append(_refused(entry, _overrides(node)[entry.name].value))
    return values, wrong


def _overrides(node: Any) -> Mapping[str, Any]:
    """Return the Parameters that files and arguments give: rclpy has no public way to ask."""
    given: Mapping[str, Any] = getattr(node, "_parameter_overrides", {})
    return given


def _refused(entry: ParameterEntry, value: Any) -> ConfigurationProblem:
    """Say why a value is none for a parameter, and what would be one."""
    given, wanted = (
        Parameter(entry.name, value=value).type_,
        Parameter(entry.name, value=entry.default).type_,
    )
    hint = f"The default is {entry.default}."
    if given is wanted:
        message = f"{value} is outside {entry.low} to {entry.high}"
    else:
        message = (
            f"{value!r} is of type {given.name.lower()}, and it has to be {wanted.name.lower()}"
        )
        if (given, wanted) == (Parameter.Type.INTEGER, Parameter.Type.DOUBLE):
            hint = f"Write {float(value)}."
    return ConfigurationProblem(f"parameter {entry.name}", message, hint)


def unknown_overrides(node: Any) -> list[ConfigurationProblem]:
    """Return each value from outside that belongs to no parameter, with the nearest one's name."""
    given = _overrides(node)
    names = [entry.name for entry in ENTRIES]
    problems = []
    for name in given:
        if node.has_parameter(name) or name.startswith("qos_overrides."):
            continue
        near = difflib.get_close_matches(name, names, n=1, cutoff=0.75)
        hint = f"Did you mean {near[0]}?" if near else ""
        message = "this node has no such parameter, its value does nothing"
        problems.append(ConfigurationProblem(f"parameter {name}", message, hint))
    return problems


def descriptor_of(entry: ParameterEntry) -> Any:
    """Return the ParameterDescriptor: description, limits, and whether it may change."""
    descriptor = ParameterDescriptor(
        description=entry.description, read_only=entry.name not in AT_RUN_TIME
    )
    if entry.low is not None and entry.high is not None:
        if isinstance(entry.default, int):
            descriptor.integer_range = [
                IntegerRange(from_value=int(entry.low), to_value=int(entry.high), step=0)
            ]
        else:
            descriptor.floating_point_range = [
                FloatingPointRange(
                    from_value=float(entry.low), to_value=float(entry.high), step=0.0
                )
            ]
    return descriptor


def config_file(name: str) -> Path:
    """Find a configuration file: as named, else in the package's config folder."""
    path = Path(name).expanduser()
    if path.is_absolute() or path.exists():
        return path
    try:
        return Path(get_package_share_directory(PACKAGE)) / "config" / name
    except PackageNotFoundError:
        return path


def why_not_saved(parameters: Mapping[str, Any]) -> str:
    """Return why the page saves no plans, and what to do about it; empty if it does."""
    if not parameters["web_save_plans"]:
        return (
            "This node saves no plans: set its parameter web_save_plans to true, and "
            "plans_directory to a folder of yours."
        )
    if not parameters["plans_directory"]:
        return (
            "The folder of plans is that of the package's examples: set the node's parameter "
            "plans_directory to a folder of yours."
        )
    return ""


def plans_folder(name: str) -> Path:
    """Return the folder of plans that subplans may name."""
    if name:
        return Path(name).expanduser()
    try:
        return Path(get_package_share_directory(PACKAGE)) / "plans"
    except PackageNotFoundError:
        return Path("plans")
