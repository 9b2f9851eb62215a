"""Nodes."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import rclpy.executors  # noqa: F401 -- programs use it after a plain `import rclpy`
from rcl_interfaces.msg import ParameterDescriptor, ParameterEvent
from rclpy import logging
from rclpy.callback_groups import CallbackGroup, MutuallyExclusiveCallbackGroup
from rclpy.client import Client
from rclpy.clock import Clock, ROSClock
from rclpy.constants import S_TO_NS
from rclpy.context import Context
from rclpy.destroyable import Handle
from rclpy.event_handler import PublisherEventCallbacks, SubscriptionEventCallbacks
from rclpy.exceptions import NodeNameNonExistentError as NodeNameNonExistentError
from rclpy.exceptions import NotInitializedException
from rclpy.expand_topic_name import expand_topic_name
from rclpy.graph_queries import GraphQueries
from rclpy.guard_condition import GuardCondition
from rclpy.impl.rcutils_logger import RcutilsLogger
from rclpy.impl.wire_policies import to_wire
from rclpy.node_parameters import NodeParameters
from rclpy.parameter import Parameter
from rclpy.publisher import Publisher
from rclpy.qos import (
    QoSProfile,
    qos_profile_parameter_events,
    qos_profile_rosout_default,
    qos_profile_services_default,
)
from rclpy.rosout import RosoutPublisher
from rclpy.service import Service
from rclpy.subscription import Subscription
from rclpy.time_source import TimeSource
from rclpy.timer import Timer
from rclpy.type_support import check_is_valid_msg_type, check_is_valid_srv_type
from rclpy.utilities import get_default_context
from rclpy.validate_full_topic_name import validate_full_topic_name
from rclpy.validate_namespace import validate_namespace
from rclpy.validate_node_name import validate_node_name
from rclpy.validate_topic_name import validate_topic_name


class Node(NodeParameters, GraphQueries):
    """A node of the ROS graph: everything else is made by it."""

    def __init__(
        self,
        node_name: str,
        *,
        context: Context | None = None,
        cli_args: list[str] | None = None,
        namespace: str | None = None,
        use_global_arguments: bool = True,
        enable_rosout: bool = True,
        start_parameter_services: bool = True,
        parameter_overrides: list[Parameter] | None = None,
        allow_undeclared_parameters: bool = False,
        automatically_declare_parameters_from_overrides: bool = False,
        rosout_qos_profile: QoSProfile | int = qos_profile_rosout_default,
    ) -> None:
        from rclpy.arguments import RosArguments, parse_arguments

        self._context = get_default_context() if context is None else context
        if not self._context.ok():
            raise NotInitializedException("cannot create node")
        self._lock = threading.RLock()
        self._publishers: tuple[Any, ...] = ()
        self._subscriptions: tuple[Subscription, ...] = ()
        self._clients: tuple[Client, ...] = ()
        self._services: tuple[Service, ...] = ()
        self._timers: tuple[Timer, ...] = ()
        self._guards: tuple[GuardCondition, ...] = ()
        self._waitables: tuple[Any, ...] = ()
        self._init_parameters(allow_undeclared_parameters)
        self._default_callback_group = MutuallyExclusiveCallbackGroup()
        self._executor_weakref: weakref.ref[Any] | None = None
        self._destroyed = False
        self._handle = Handle("node", self._destroy)
        self._quiet = 1  # no announcement while the constructor adds endpoints
        self._remaps = [parse_arguments(cli_args)] if cli_args else []
        if use_global_arguments:
            self._remaps.append(self._context.arguments or RosArguments())
        namespace = namespace or "/"
        if not namespace.startswith("/"):
            namespace = f"/{namespace}"
        name = node_name
        for arguments in reversed(self._remaps):
            name = arguments.name_for(
                node_name, "__node", arguments.name_for(node_name, "__name", name)
            )
            namespace = arguments.name_for(node_name, "__ns", namespace)
        validate_node_name(name)
        validate_namespace(namespace)
        self._name, self._namespace = name, namespace
        self._participant = self._context.participant
        self._graph = self._participant.graph
        self._logger = logging.get_logger(self._logger_name())
        self._parameter_overrides = self._all_overrides(parameter_overrides)
        self.__rosout = None
        if enable_rosout and all(arguments.rosout_logs for arguments in self._remaps):
            self.__rosout = RosoutPublisher(
                self, self._validate_qos_or_depth_parameter(rosout_qos_profile)
            )
        self._parameter_event_publisher = self.create_publisher(
            ParameterEvent, "/parameter_events", qos_profile_parameter_events
        )
        self._clock = ROSClock()
        if automatically_declare_parameters_from_overrides:
            self.declare_parameters(
                "",
                [
                    (key, value.value, ParameterDescriptor())
                    for key, value in self._parameter_overrides.items()
                    if key != "use_sim_time"
                ],
                ignore_override=True,
            )
        if start_parameter_services:
            from rclpy.parameter_service import ParameterService

            self._parameter_service = ParameterService(self)
            from rclpy.type_description_service import TypeDescriptionService

            self._type_description_service = TypeDescriptionService(self)
        self._time_source = TimeSource(node=self)
        self._time_source.attach_clock(self._clock)
        self._quiet = 0
        self._announce()
        self._context.track_node(self)

    def __enter__(self) -> Node:
        return self

    def __exit__(self, *_: object) -> None:
        self.destroy_node()

    # ------------------------------------------------------------------ identity
    def _logger_name(self) -> str:
        full = self._namespace.strip("/").replace("/", ".")
        return f"{full}.{self._name}" if full else self._name

    def get_name(self) -> str:
        """Return the name, without the namespace."""
        return self._name

    def get_namespace(self) -> str:
        """Return the namespace, which begins with a slash."""
        return self._namespace

    def get_fully_qualified_name(self) -> str:
        """Return namespace and name."""
        return f"{self._namespace.rstrip('/')}/{self._name}"

    def get_logger(self) -> RcutilsLogger:
        """Return the node's logger."""
        return self._logger

    def get_clock(self) -> Clock:
        """Return the node's clock: ROS time."""
        return self._clock

    @property
    def context(self) -> Context:
        """The context the node lives in."""
        return self._context

    @property
    def handle(self) -> Handle:
        """What guards the node: using it after its end raises InvalidHandle."""
        return self._handle

    @property
    def default_callback_group(self) -> CallbackGroup:
        """The group of callbacks that name none: one of them at a time."""
        return self._default_callback_group

    @property
    def executor(self) -> Any:
        """The executor that runs the node's callbacks; None if there is none."""
        return self._executor_weakref() if self._executor_weakref is not None else None

    @executor.setter
    def executor(self, new_executor: Any) -> None:
        current = self.executor
        if current is new_executor:
            return
        if current is not None:
            current.remove_node(self)
        if new_executor is None:
            self._executor_weakref = None
        else:
            self._executor_weakref = weakref.ref(new_executor)
            new_executor.add_node(self)

    def _wake_executor(self) -> None:
        executor = self.executor
        if executor is not None:
            executor.wake()

    publishers = property(lambda self: iter(self._publishers))
    subscriptions = property(lambda self: iter(self._subscriptions))
    clients = property(lambda self: iter(self._clients))
    services = property(lambda self: iter(self._services))
    timers = property(lambda self: iter(self._timers))
    guards = property(lambda self: iter(self._guards))
    waitables = property(lambda self: iter(self._waitables))

    def _sources(self) -> Iterator[Any]:
        """Yield what an executor has to wait for, besides the timers."""
        yield from self._subscriptions
        yield from self._guards
        yield from self._clients
        yield from self._services
        for waitable in self._waitables:
            yield from waitable._sources()

    def _all_timers(self) -> Iterator[Any]:
        yield from self._timers
        for waitable in self._waitables:
            yield from waitable.timers

    def _announce(self) -> None:
        """Tell the graph which endpoints are this node's."""
        if self._quiet or self._destroyed:
            return
        readers: set[Any] = set()
        writers: set[Any] = set()
        with self._lock:
            if self.__rosout is not None:
                writers.add(self.__rosout.guid)
            writers.update(p._writer.guid for p in self._publishers)
            readers.update(s._reader.guid for s in self._subscriptions)
            endpoints = [s._endpoint for s in self._services] + [c._endpoint for c in self._clients]
            for waitable in self._waitables:
                more = getattr(waitable, "wire_endpoints", None)
                if more is not None:
                    more_readers, more_writers, services = more()
                    readers |= more_readers
                    writers |= more_writers
                    endpoints += services
        for endpoint in endpoints:
            readers.add(endpoint.reader.guid)
            writers.add(endpoint.writer.guid)
        self._graph.set_node(id(self), self._name, self._namespace, readers, writers)

    # ------------------------------------------------------------------ names
    def resolve_topic_name(self, topic: str, *, only_expand: bool = False) -> str:
        """Return the full name of a topic, remapped unless `only_expand`. Raises InvalidTopicNameException."""
        return self._resolve(topic, False, only_expand)

    def resolve_service_name(self, service: str, *, only_expand: bool = False) -> str:
        """Return the full name of a service, remapped unless `only_expand`. Raises InvalidServiceNameException."""
        return self._resolve(service, True, only_expand)

    def _resolve(self, name: str, is_service: bool, only_expand: bool = False) -> str:
        validate_topic_name(name, is_service=is_service)
        full = expand_topic_name(name, self._name, self._namespace)
        validate_full_topic_name(full, is_service=is_service)
        if only_expand:
            return full
        expand = lambda text: expand_topic_name(text, self._name, self._namespace)  # noqa: E731
        for arguments in self._remaps:
            remapped = arguments.remap(self._name, full, expand)
            if remapped != full:
                return remapped
        return full

    # ------------------------------------------------------------------ making entities
    def _validate_qos_or_depth_parameter(self, qos_or_depth: QoSProfile | int) -> QoSProfile:
        if isinstance(qos_or_depth, QoSProfile):
            return qos_or_depth
        if not isinstance(qos_or_depth, int):
            raise TypeError(
                "Expected QoSProfile or int, but received {!r}".format(type(qos_or_depth))
            )
        if qos_or_depth < 0:
            raise ValueError("history depth must be greater than or equal to zero")
        return QoSProfile(depth=qos_or_depth)

    def _alive(self) -> None:
        with self._handle:
            return

    def _keep(self, kind: str, entity: Any) -> Any:
        """Add an entity to those of its kind; graph and executor hear of it."""
        with self._lock:
            setattr(self, kind, (*getattr(self, kind), entity))
        for handler in entity.event_handlers:
            self.add_waitable(handler)
        if kind not in ("_timers", "_guards"):
            self._announce()
        self._wake_executor()
        return entity

    def create_publisher(
        self,
        msg_type: Any,
        topic: str,
        qos_profile: QoSProfile | int,
        *,
        callback_group: CallbackGroup | None = None,
        event_callbacks: PublisherEventCallbacks | None = None,
    ) -> Any:
        """Make a publisher. `qos_profile` may be a history depth."""
        self._alive()
        qos_profile = self._validate_qos_or_depth_parameter(qos_profile)
        check_is_valid_msg_type(msg_type)
        full = self._resolve(topic, False)
        writer = self._participant.publisher(full, msg_type, to_wire(qos_profile))
        group = callback_group or self._default_callback_group
        publisher = Publisher(
            writer, msg_type, topic, qos_profile,
            event_callbacks=event_callbacks or PublisherEventCallbacks(),
            callback_group=group, logger=logging.get_logger(self._logger_name()),
            context=self.context,
        )  # fmt: skip
        publisher._name = full
        return self._keep("_publishers", publisher)

    def create_subscription(
        self,
        msg_type: Any,
        topic: str,
        callback: Callable[..., Any],
        qos_profile: QoSProfile | int,
        *,
        callback_group: CallbackGroup | None = None,
        event_callbacks: SubscriptionEventCallbacks | None = None,
        raw: bool = False,
    ) -> Subscription:
        """Make a subscription, which calls back with each message, or with bytes if `raw`."""
        self._alive()
        qos_profile = self._validate_qos_or_depth_parameter(qos_profile)
        check_is_valid_msg_type(msg_type)
        full = self._resolve(topic, False)
        reader = self._participant.subscription(full, msg_type, to_wire(qos_profile))
        group = callback_group or self._default_callback_group
        try:
            subscription = Subscription(
                reader, msg_type, topic, callback, group, qos_profile, raw,
                event_callbacks=event_callbacks or SubscriptionEventCallbacks(),
                logger=logging.get_logger(self._logger_name()),
            )  # fmt: skip
        except Exception:
            reader.close()
            raise
        subscription._name = full
        group.add_entity(subscription)
        return self._keep("_subscriptions", subscription)

    def create_client(
        self,
        srv_type: Any,
        srv_name: str,
        *,
        qos_profile: QoSProfile = qos_profile_services_default,
        callback_group: CallbackGroup | None = None,
    ) -> Client:
        """Make a client of a service."""
        self._alive()
        check_is_valid_srv_type(srv_type)
        full = self._resolve(srv_name, True)
        endpoint = self._participant.service_client(full, srv_type, to_wire(qos_profile))
        group = callback_group or self._default_callback_group
        client = Client(self._context, endpoint, srv_type, full, qos_profile, group, self._logger)
        group.add_entity(client)
        return self._keep("_clients", client)

    def create_service(
        self,
        srv_type: Any,
        srv_name: str,
        callback: Callable[[Any, Any], Any],
        *,
        qos_profile: QoSProfile = qos_profile_services_default,
        callback_group: CallbackGroup | None = None,
    ) -> Service:
        """Make a service; `callback(request, response)` returns the response."""
        self._alive()
        check_is_valid_srv_type(srv_type)
        full = self._resolve(srv_name, True)
        endpoint = self._participant.service_server(full, srv_type, to_wire(qos_profile))
        group = callback_group or self._default_callback_group
        service = Service(endpoint, srv_type, full, callback, group, qos_profile, self._logger)
        group.add_entity(service)
        return self._keep("_services", service)

    def create_timer(
        self,
        timer_period_sec: float,
        callback: Callable[[], Any] | None,
        callback_group: CallbackGroup | None = None,
        clock: Clock | None = None,
        autostart: bool = True,
    ) -> Timer:
        """Call back once a period, in seconds of the clock (by default the node's)."""
        self._alive()
        group = callback_group or self._default_callback_group
        timer = Timer(
            callback, group, int(float(timer_period_sec) * S_TO_NS), clock or self._clock,
            context=self._context, autostart=autostart,
        )  # fmt: skip
        group.add_entity(timer)
        return self._keep("_timers", timer)

    def create_guard_condition(
        self, callback: Callable[[], Any], callback_group: CallbackGroup | None = None
    ) -> GuardCondition:
        """Make a guard condition: its trigger() runs the callback in the executor."""
        self._alive()
        group = callback_group or self._default_callback_group
        guard = GuardCondition(callback, group, context=self._context)
        group.add_entity(guard)
        return self._keep("_guards", guard)

    def add_waitable(self, waitable: Any) -> None:
        """Wait for a waitable too."""
        waitable._on_change = self._wake_executor
        with self._lock:
            self._waitables += (waitable,)
        self._announce()
        self._wake_executor()

    def remove_waitable(self, waitable: Any) -> None:
        """Undo add_waitable."""
        with self._lock:
            self._waitables = tuple(w for w in self._waitables if w is not waitable)
        self._announce()
        self._wake_executor()

    # ------------------------------------------------------------------ removing entities
    def _remove(self, kind: str, entity: Any) -> bool:
        for handler in entity.event_handlers:
            self.remove_waitable(handler)
        with self._lock:
            entities = getattr(self, kind)
            if entity not in entities:
                return False
            setattr(self, kind, tuple(e for e in entities if e is not entity))
        self._wake_executor()
        entity.destroy()
        self._announce()
        return True

    def destroy_publisher(self, publisher: Any) -> bool:
        """Destroy a publisher; False if it is not this node's."""
        return self._remove("_publishers", publisher)

    def destroy_subscription(self, subscription: Any) -> bool:
        """Destroy a subscription; False if it is not this node's."""
        return self._remove("_subscriptions", subscription)

    def destroy_client(self, client: Any) -> bool:
        """Destroy a client; False if it is not this node's."""
        return self._remove("_clients", client)

    def destroy_service(self, service: Any) -> bool:
        """Destroy a service; False if it is not this node's."""
        return self._remove("_services", service)

    def destroy_timer(self, timer: Any) -> bool:
        """Destroy a timer; False if it is not this node's."""
        return self._remove("_timers", timer)

    def destroy_guard_condition(self, guard: Any) -> bool:
        """Destroy a guard condition; False if it is not this node's."""
        return self._remove("_guards", guard)

    def destroy_node(self) -> None:
        """Remove the node and everything it made."""
        self._handle.destroy_when_not_in_use()

    def _destroy(self) -> None:
        with self._lock:
            if self._destroyed:
                return
            self._destroyed = True
        executor = self.executor
        if executor is not None:
            executor.remove_node(self)
        self._graph.remove_node(id(self))
        if self.__rosout is not None:
            self.__rosout.destroy()
        for waitable in self._waitables:
            destroy = getattr(waitable, "_close", None)
            if destroy is not None:
                destroy()
        for kind in (
            "_publishers",
            "_subscriptions",
            "_clients",
            "_services",
            "_timers",
            "_guards",
        ):
            for entity in getattr(self, kind):
                entity.destroy()
            setattr(self, kind, ())
        self._waitables = ()
        self._context.untrack_node(self)
