"""Capability files to the robot model: read, merge, check everything, choose alternatives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from execution_orchestrator.capabilities.capabilities_document import CapabilitiesDocument
from execution_orchestrator.capabilities.error_codes import SHIPPED_TABLES, ErrorCodeTables
from execution_orchestrator.capabilities.goal_template import references, unknown_conversions
from execution_orchestrator.capabilities.gripper_command import GRIPPER, GRIPPER_TYPES
from execution_orchestrator.capabilities.interface_check import (
    InterfaceCatalogue,
    feedback_paths,
    is_installed,
    mapping_problems,
    parts,
    result_paths,
    template_problems,
)
from execution_orchestrator.capabilities.problems import (
    ConfigurationError,
    ConfigurationProblem,
    problems_of,
)
from execution_orchestrator.capabilities.schemas import parameters_schema, with_definitions
from execution_orchestrator.capabilities.stopping import (
    above_servers,
    below,
    drives,
    moves,
    namespace_of,
    servers_below,
)
from execution_orchestrator.plan.capability import (
    Alternative,
    CapabilitySpec,
    ResourceSpec,
    RetryPolicy,
    RobotModel,
    RobotSpec,
)
from execution_orchestrator.plan.expression_check import check
from execution_orchestrator.plan.expression_types import Type, of_schema
from execution_orchestrator.plan.expressions import ExpressionError, compile_expression
from execution_orchestrator.plan.robots import ANY, resources_of
from execution_orchestrator.plan.schemas import wrong_schema
from execution_orchestrator.plan.yaml_reader import read_yaml

TARGETS = frozenset({"pose", "pose_stamped", "pose_stamped_list", "goals"})
MAX_FILE_BYTES = 4 * 1024 * 1024
Problems = list[ConfigurationProblem]


@dataclass(frozen=True, slots=True)
class LoadedRobot:
    """A robot model ready for use.

    ``unavailable`` gives, for each capability that was left out because its interface package is
    not installed, the reason in words.
    """

    model: RobotModel
    tables: ErrorCodeTables
    unavailable: Mapping[str, str]


def load_robot(
    files: Sequence[Path],
    catalogue: InterfaceCatalogue | None = None,
    retry: RetryPolicy | None = None,
) -> LoadedRobot:
    """Read capability files; later files add to and replace entries of earlier ones.

    Without a catalogue the templates are not checked against message types. ``retry`` is the policy
    of capabilities and actions that name none.

    Raises:
        ConfigurationError: something is wrong; all of it is listed.

    """
    retry = retry or RetryPolicy()
    problems: Problems = []
    read = [
        (file, document)
        for file in files
        if (document := read_document(file, problems)) is not None
    ]
    if problems:
        raise ConfigurationError(problems)
    merged = merge(document for _, document in read)
    tables = SHIPPED_TABLES.extended(merged.error_tables)
    problems.extend(_robot_problems(merged))
    specs: dict[str, CapabilitySpec] = {}
    unavailable: dict[str, str] = {}
    for name, entry in merged.capabilities.items():
        place = f"capabilities.{name}"
        chosen = _chosen(entry, place, catalogue, problems)
        if isinstance(chosen, str):
            unavailable[name] = chosen
            continue
        problems.extend(_own_problems(chosen, place, merged, tables))
        if not problems:
            specs[name] = _complete(chosen, merged, retry, problems)
    if problems:
        raise ConfigurationError(_with_files(problems, read))
    resources = {
        name: _complete_resource(one, above_servers(name, specs.values()))
        for name, one in merged.resources.items()
    }
    robots = {name: _complete_robot(one) for name, one in merged.robots.items()}
    model = RobotModel(
        capabilities=specs,
        resources={**resources, **resources_of(robots.values(), resources)},
        robots=robots,
        retry=retry,
    )
    return LoadedRobot(model, tables, unavailable)


def _with_files(problems: Problems, read: Sequence[tuple[Path, CapabilitiesDocument]]) -> Problems:
    """Put in front of each place the file that it is in: the last one with that entry counts."""
    homes = {
        f"{part}.{name}": file
        for file, document in read
        for part in ("robots", "resources", "capabilities")
        for name in getattr(document, part)
    }
    found = []
    for one in problems:
        entry = max(
            (key for key in homes if f"{one.place}.".startswith(f"{key}.")), key=len, default=""
        )
        found.append(replace(one, place=f"{homes[entry]}: {one.place}") if entry else one)
    return found


def read_document(file: Path, problems: Problems) -> CapabilitiesDocument | None:
    """Read one file; its errors are appended to ``problems``."""
    try:
        if file.stat().st_size > MAX_FILE_BYTES:
            problems.append(ConfigurationProblem(str(file), "the file is larger than 4 MB"))
            return None
        content = read_yaml(file.read_text(encoding="utf-8"))
        return CapabilitiesDocument.model_validate(content if content is not None else {})
    except (OSError, UnicodeDecodeError) as failure:
        problems.append(ConfigurationProblem(str(file), f"cannot be read: {failure}"))
    except yaml.YAMLError as failure:
        problems.append(ConfigurationProblem(str(file), f"is not valid YAML: {failure}"))
    except ValidationError as failure:
        problems += problems_of(file, failure, CapabilitiesDocument)
    return None


def merge(documents: Iterable[CapabilitiesDocument]) -> CapabilitiesDocument:
    """One document of several; entries of later ones replace those of the same name."""
    merged: dict[str, dict[str, Any]] = {
        "definitions": {},
        "error_tables": {},
        "resources": {},
        "robots": {},
        "capabilities": {},
    }
    frame = "map"
    for document in documents:
        if "frame" in document.model_fields_set:
            frame = document.frame
        for section, entries in merged.items():
            entries.update(getattr(document, section))
    values: dict[str, Any] = {"version": 1, "frame": frame, **merged}
    return CapabilitiesDocument.model_construct(None, **values)


def _complete_resource(resource: ResourceSpec, namespaces: Iterable[str]) -> ResourceSpec:
    typed = resource.model_copy(update={"type": resource.type or resource.name})
    stops = servers_below(typed)
    also = (below(namespace, one) for namespace in namespaces for one in stops)
    stops = tuple(dict.fromkeys((*stops, *also)))
    return typed.model_copy(update={"moves": moves(typed), "stops": stops})


def _complete_robot(robot: RobotSpec) -> RobotSpec:
    below = (robot.namespace or robot.name).strip("/")
    return robot.model_copy(update={"namespace": f"/{below}"})


def _robot_problems(document: CapabilitiesDocument) -> Iterator[ConfigurationProblem]:
    for name, entry in document.robots.items():
        place = f"robots.{name}"
        if name == ANY or name in document.resources:
            yield ConfigurationProblem(place, f"a robot cannot be called {name}", "rename it")
        for lacking in entry.lacks:
            if lacking not in document.capabilities:
                known = ", ".join(document.capabilities)
                words = f"no capability is called {lacking}"
                yield ConfigurationProblem(f"{place}.lacks", words, f"known: {known}")


def _chosen(
    entry: CapabilitySpec,
    place: str,
    catalogue: InterfaceCatalogue | None,
    problems: Problems,
) -> CapabilitySpec | str:
    """Return the entry in the form that fits the installed types, or why there is none."""
    if entry.interface.kind != "tool" and not entry.interface.type:
        problems.append(
            ConfigurationProblem(
                f"{place}.interface.type",
                "a type is missing",
                "for example nav2_msgs/action/NavigateToPose",
            )
        )
        return entry
    if catalogue is None or entry.interface.kind == "tool":
        return entry
    forms = [entry, *(_with(entry, alternative) for alternative in entry.alternatives)]
    installed = [
        form for form in forms if is_installed(catalogue, form.interface.kind, form.interface.type)
    ]
    if not installed:
        named = " or ".join(dict.fromkeys(form.interface.type for form in forms))
        packages = " or ".join(
            dict.fromkeys(form.interface.type.partition("/")[0] for form in forms)
        )
        return f"{named} is not installed; install or source {packages}"
    complaints: list[list[ConfigurationProblem]] = []
    for form in installed:
        wrong = list(_type_problems(form, place, catalogue))
        if not wrong:
            return form
        complaints.append(wrong)
    problems.extend(complaints[0])
    return entry


def _with(entry: CapabilitySpec, alternative: Alternative) -> CapabilitySpec:
    changes: dict[str, Any] = {
        key: value
        for key in ("goal", "result", "feedback", "resume")
        if (value := getattr(alternative, key)) is not None
    }
    if alternative.type:
        changes["interface"] = entry.interface.model_copy(update={"type": alternative.type})
    return entry.model_copy(update=changes)


def _type_problems(
    entry: CapabilitySpec, place: str, catalogue: InterfaceCatalogue
) -> Iterator[ConfigurationProblem]:
    sent, returned, feedback = parts(entry.interface.kind, entry.interface.type)
    for path, message, hint in template_problems(catalogue, sent, entry.goal):
        yield ConfigurationProblem(f"{place}.goal.{path}", message, hint)
    if entry.python:
        return
    if returned:
        for path, message, hint in mapping_problems(
            catalogue, returned, result_paths(entry.result)
        ):
            yield ConfigurationProblem(f"{place}.result.{path}", message, hint)
    if feedback:
        for path, message, hint in mapping_problems(
            catalogue, feedback, feedback_paths(entry.feedback)
        ):
            yield ConfigurationProblem(f"{place}.feedback.{path}", message, hint)
    if entry.resume is not None and feedback:
        source = iter([("from", entry.resume.source)])
        for path, message, hint in mapping_problems(catalogue, feedback, source):
            yield ConfigurationProblem(f"{place}.resume.{path}", message, hint)


def _own_problems(
    entry: CapabilitySpec, place: str, document: CapabilitiesDocument, tables: ErrorCodeTables
) -> Iterator[ConfigurationProblem]:
    for path, conversion in unknown_conversions(entry.goal):
        yield ConfigurationProblem(f"{place}.goal.{path}", f"no conversion is called {conversion}")
    if entry.result.error_table and entry.result.error_table not in tables:
        yield ConfigurationProblem(
            f"{place}.result.error_table",
            f"no error table is called {entry.result.error_table}",
            f"known: {', '.join(tables.names())}",
        )
    gripper = entry.settings.get("gripper_type", GRIPPER)
    if gripper not in GRIPPER_TYPES:
        yield ConfigurationProblem(
            f"{place}.settings.gripper_type",
            f"{gripper} is no gripper action that {entry.python} can use",
            f"use {' or '.join(GRIPPER_TYPES)}",
        )
    yield from _motion_problems(entry, place, document)
    for index, demand in enumerate(entry.resources):
        resource = document.resources.get(demand.resource)
        where = f"{place}.resources[{index}]"
        if resource is None:
            yield ConfigurationProblem(
                where,
                f"no resource is called {demand.resource}",
                f"known: {', '.join(document.resources) or 'none'}",
            )
        elif demand.amount > resource.capacity:
            yield ConfigurationProblem(
                where,
                f"{demand.resource} has a capacity of {resource.capacity:g}, not {demand.amount:g}",
            )


def _motion_problems(
    entry: CapabilitySpec, place: str, document: CapabilitiesDocument
) -> Iterator[ConfigurationProblem]:
    """Yield a problem for each unknown name in motion, batch or resume."""
    named: list[tuple[str, str, CapabilitySpec]] = []
    motion, batch = entry.motion, entry.batch
    if motion is not None:
        for key in ("target", "targets", "amount", "speed_parameter"):
            named.append((f"motion.{key}", getattr(motion, key), entry))
        if not motion.stays and not motion.speed:
            yield ConfigurationProblem(
                f"{place}.motion.speed", "a speed is missing", "in metres or radians per second"
            )
    if batch is not None:
        named.append(("batch.item", batch.item, entry))
        into = document.capabilities.get(batch.into)
        if into is None:
            yield ConfigurationProblem(
                f"{place}.batch.into",
                f"no capability is called {batch.into}",
                f"keep it in the file, or delete batch of {place.rpartition('.')[2]}, too",
            )
        else:
            named.append(("batch.items", batch.items, into))
    if entry.resume is not None:
        named.append(("resume.into", entry.resume.into, entry))
        named.append(("resume.items", entry.resume.items, entry))
        named.append(("resume.rounds", entry.resume.rounds, entry))
    for key, name, owner in named:
        known = owner.parameters.get("properties", {})
        if name and name not in known:
            yield ConfigurationProblem(
                f"{place}.{key}",
                f"no parameter is called {name}",
                f"known: {', '.join(known) or 'none'}",
            )


def _outcome_problems(
    entry: CapabilitySpec, place: str, output: Type
) -> Iterator[ConfigurationProblem]:
    for name, text in entry.outcomes.items():
        where = f"{place}.{name}"
        if not name.isidentifier():
            yield ConfigurationProblem(where, f"{name!r} is no name", "use letters, digits and _")
        try:
            strange = compile_expression(text).names - {"output"}
        except ExpressionError as failure:
            yield ConfigurationProblem(where, str(failure))
            continue
        if strange:
            words = f"it names {', '.join(sorted(strange))}"
            yield ConfigurationProblem(where, words, "an outcome is read from output alone")
            continue
        found, wrong = check(text, {"output": output})
        for one in wrong:
            yield ConfigurationProblem(where, one.message, one.hint)
        if not wrong and found.name not in ("bool", "dyn"):
            yield ConfigurationProblem(where, f"it gives {found}", "write a condition")


def _targets(entry: CapabilitySpec, document: CapabilitiesDocument) -> tuple[str, ...]:
    """Return the parameters that say where a base or a vehicle is to go."""
    held = [demand.resource for demand in entry.resources]
    types = [document.resources[name].type or name for name in held if name in document.resources]
    if not any(drives(kind) for kind in types):
        return ()
    found = (one.parameter for _, one in references(entry.goal) if one.conversion in TARGETS)
    return tuple(dict.fromkeys(name for name in found if name))


def _complete(
    entry: CapabilitySpec,
    document: CapabilitiesDocument,
    retry: RetryPolicy,
    problems: Problems,
) -> CapabilitySpec:
    """Return an entry with everything filled in that follows from the rest of the files."""
    place = f"capabilities.{entry.name}"
    schemas = {}
    for key, schema in (
        ("parameters", parameters_schema(entry.parameters)),
        ("output", entry.output),
    ):
        try:
            resolved = with_definitions(schema, document.definitions)
            wrong = wrong_schema(resolved)
            wrong = wrong and f"is no JSON Schema: {wrong}"
        except KeyError as failure:
            wrong = f"no definition is called {failure}"
        if wrong:
            problems.append(ConfigurationProblem(f"{place}.{key}", wrong))
            resolved = {}
        schemas[key] = resolved
    problems.extend(_outcome_problems(entry, f"{place}.outcomes", of_schema(schemas["output"])))
    if (entry.pausable == "hold") is not (entry.hold is not None):
        problems.append(
            ConfigurationProblem(
                f"{place}.hold",
                "`pausable: hold` and `hold` need each other",
                "Name the service: hold: {service: arm/hold}, or write pausable: none.",
            )
        )
    phases = list(entry.feedback.phases.values())
    problems.extend(
        ConfigurationProblem(
            f"{place}.uses_during",
            f"no phase of the feedback is called {name}",
            f"known: {', '.join(phases) or 'none'}",
        )
        for name in entry.uses_during
        if name not in phases
    )
    beside = namespace_of(entry)
    return entry.model_copy(
        update={
            **schemas,
            **{
                key: tuple(below(beside, name) for name in getattr(entry, key))
                for key in ("depends_on_nodes", "uses")
                if beside is not None
            },
            "retry": entry.retry.over(retry),
            "recovery": entry.recovery or entry.name,
            "server": entry.server or entry.interface.name,
            "targets": entry.targets or _targets(entry, document),
            "frame": entry.frame if "frame" in entry.model_fields_set else document.frame,
        }
    )
