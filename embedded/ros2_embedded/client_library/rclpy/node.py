"""Nodes."""

import threading
import weakref

import rclpy.executors  # noqa: F401 -- programs use it after a plain `import rclpy`
from rcl_interfaces.msg import ParameterDescriptor, ParameterEvent
from rclpy import logging
from rclpy.callback_groups import MutuallyExclusiveCallbackGroup, ReentrantCallbackGroup
from rclpy.client import Client
from rclpy.clock import ROSClock
from rclpy.constants import S_TO_NS
from rclpy.destroyable import Handle
from rclpy.event_handler import PublisherEventCallbacks, SubscriptionEventCallbacks
from rclpy.exceptions import NodeNameNonExistentError, NotInitializedException
from rclpy.expand_topic_name import expand_topic_name
from rclpy.graph_queries import GraphQueries
from rclpy.guard_condition import GuardCondition
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
from rclpy.timer import Rate, Timer
from rclpy.type_support import check_is_valid_msg_type, check_is_valid_srv_type
from rclpy.utilities import get_default_context
from rclpy.validate_full_topic_name import validate_full_topic_name
from rclpy.validate_namespace import validate_namespace
from rclpy.validate_node_name import validate_node_name
from rclpy.validate_topic_name import validate_topic_name

HIDDEN_NODE_PREFIX = "_"


class Node(NodeParameters, GraphQueries):
    """A node of the ROS graph: everything else is made by it."""

    def __init__(
        self, node_name, *, context=None, cli_args=None, namespace=None, use_global_arguments=True,
        enable_rosout=True, start_parameter_services=True, parameter_overrides=None,
        allow_undeclared_parameters=False, automatically_declare_parameters_from_overrides=False,
        enable_logger_service=False, rosout_qos_profile=qos_profile_rosout_default,
    ):  # fmt: skip
        from rclpy.arguments import RosArguments, parse_arguments

        self._context = get_default_context() if context is None else context
        if not self._context.ok():
            raise NotInitializedException("cannot create node")
        self._lock = threading.RLock()
        self._publishers = ()
        self._subscriptions = ()
        self._clients = ()
        self._services = ()
        self._timers = ()
        self._guards = ()
        self._waitables = ()
        self._rate_group = ReentrantCallbackGroup()
        self._init_parameters(allow_undeclared_parameters)
        self._default_callback_group = MutuallyExclusiveCallbackGroup()
        self._executor_weakref = None
        self._destroyed = False
        self._handle = Handle("node", self._destroy)
        self._handle.node = weakref.proxy(self)
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
            self.__rosout = RosoutPublisher(self, rosout_qos_profile)
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
        if enable_logger_service:
            from rclpy.logging_service import LoggingService

            self._logger_service = LoggingService(self)
        self._quiet = 0
        self._announce()
        self._context.track_node(self)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.destroy_node()

    # ------------------------------------------------------------------ identity
    def _logger_name(self):
        full = self._namespace.strip("/").replace("/", ".")
        return f"{full}.{self._name}" if full else self._name

    def get_name(self):
        return self._name

    def get_namespace(self):
        return self._namespace

    def get_fully_qualified_name(self):
        return f"{self._namespace.rstrip('/')}/{self._name}"

    def get_logger(self):
        return self._logger

    def get_clock(self):
        return self._clock

    @property
    def context(self):
        return self._context

    @property
    def handle(self):
        return self._handle

    @property
    def default_callback_group(self):
        return self._default_callback_group

    @property
    def executor(self):
        return self._executor_weakref() if self._executor_weakref is not None else None

    @executor.setter
    def executor(self, new_executor):
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

    def _wake_executor(self):
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

    def _sources(self):
        """Yield what an executor has to wait for, besides the timers."""
        yield from self._subscriptions
        yield from self._guards
        yield from self._clients
        yield from self._services
        for waitable in self._waitables:
            yield from waitable._sources()

    def _all_timers(self):
        yield from self._timers
        for waitable in self._waitables:
            yield from waitable._all_timers()

    def _announce(self):
        """Tell the graph which endpoints are this node's."""
        if self._quiet or self._destroyed:
            return
        readers, writers = set(), set()
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
    def resolve_topic_name(self, topic, *, only_expand=False):
        return self._resolve(topic, False, only_expand)

    def resolve_service_name(self, service, *, only_expand=False):
        return self._resolve(service, True, only_expand)

    def _resolve(self, name, is_service, only_expand=False):
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
    def _validate_qos_or_depth_parameter(self, qos_or_depth):
        if isinstance(qos_or_depth, QoSProfile):
            return qos_or_depth
        if not isinstance(qos_or_depth, int):
            raise TypeError(
                "Expected QoSProfile or int, but received {!r}".format(type(qos_or_depth))
            )
        if qos_or_depth < 0:
            raise ValueError("history depth must be greater than or equal to zero")
        return QoSProfile(depth=qos_or_depth)

    def _alive(self):
        with self._handle:
            return

    def create_publisher(
        self, msg_type, topic, qos_profile, *, callback_group=None, event_callbacks=None,
        qos_overriding_options=None, publisher_class=Publisher,
    ):  # fmt: skip
        self._alive()
        qos_profile = self._validate_qos_or_depth_parameter(qos_profile)
        check_is_valid_msg_type(msg_type)
        full = self._resolve(topic, False)
        if qos_overriding_options is not None:
            from rclpy.qos_overriding_options import _declare_qos_parameters

            _declare_qos_parameters(Publisher, self, full, qos_profile, qos_overriding_options)
        writer = self._participant.publisher(full, msg_type, to_wire(qos_profile))
        group = callback_group or self._default_callback_group
        publisher = publisher_class(
            writer, msg_type, topic, qos_profile,
            event_callbacks=event_callbacks or PublisherEventCallbacks(),
            callback_group=group, logger=logging.get_logger(self._logger_name()),
            context=self.context,
        )  # fmt: skip
        publisher._name = full
        with self._lock:
            self._publishers += (publisher,)
        for handler in publisher.event_handlers:
            self.add_waitable(handler)
        self._announce()
        self._wake_executor()
        return publisher

    def create_subscription(
        self, msg_type, topic, callback, qos_profile, *, callback_group=None, event_callbacks=None,
        qos_overriding_options=None, raw=False,
    ):  # fmt: skip
        self._alive()
        qos_profile = self._validate_qos_or_depth_parameter(qos_profile)
        check_is_valid_msg_type(msg_type)
        full = self._resolve(topic, False)
        if qos_overriding_options is not None:
            from rclpy.qos_overriding_options import _declare_qos_parameters

            _declare_qos_parameters(Subscription, self, full, qos_profile, qos_overriding_options)
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
        with self._lock:
            self._subscriptions += (subscription,)
        for handler in subscription.event_handlers:
            self.add_waitable(handler)
        self._announce()
        self._wake_executor()
        return subscription

    def create_client(
        self, srv_type, srv_name, *, qos_profile=qos_profile_services_default, callback_group=None
    ):
        self._alive()
        check_is_valid_srv_type(srv_type)
        full = self._resolve(srv_name, True)
        endpoint = self._participant.service_client(full, srv_type, to_wire(qos_profile))
        group = callback_group or self._default_callback_group
        client = Client(self._context, endpoint, srv_type, full, qos_profile, group, self._logger)
        group.add_entity(client)
        with self._lock:
            self._clients += (client,)
        self._announce()
        self._wake_executor()
        return client

    def create_service(
        self, srv_type, srv_name, callback, *, qos_profile=qos_profile_services_default,
        callback_group=None,
    ):  # fmt: skip
        self._alive()
        check_is_valid_srv_type(srv_type)
        full = self._resolve(srv_name, True)
        endpoint = self._participant.service_server(full, srv_type, to_wire(qos_profile))
        group = callback_group or self._default_callback_group
        service = Service(endpoint, srv_type, full, callback, group, qos_profile, self._logger)
        group.add_entity(service)
        with self._lock:
            self._services += (service,)
        self._announce()
        self._wake_executor()
        return service

    def create_timer(
        self, timer_period_sec, callback, callback_group=None, clock=None, autostart=True
    ):
        self._alive()
        group = callback_group or self._default_callback_group
        timer = Timer(
            callback, group, int(float(timer_period_sec) * S_TO_NS), clock or self._clock,
            context=self._context, autostart=autostart,
        )  # fmt: skip
        group.add_entity(timer)
        with self._lock:
            self._timers += (timer,)
        self._wake_executor()
        return timer

    def create_guard_condition(self, callback, callback_group=None):
        self._alive()
        group = callback_group or self._default_callback_group
        guard = GuardCondition(callback, group, context=self._context)
        group.add_entity(guard)
        with self._lock:
            self._guards += (guard,)
        self._wake_executor()
        return guard

    def create_rate(self, frequency, clock=None):
        if frequency <= 0:
            raise ValueError("frequency must be > 0")
        timer = self.create_timer(1.0 / frequency, None, self._rate_group, clock)
        return Rate(timer, context=self._context)

    def add_waitable(self, waitable):
        """Wait for a waitable too."""
        waitable._on_change = self._wake_executor
        with self._lock:
            self._waitables += (waitable,)
        self._announce()
        self._wake_executor()

    def remove_waitable(self, waitable):
        with self._lock:
            self._waitables = tuple(w for w in self._waitables if w is not waitable)
        self._announce()
        self._wake_executor()

    # ------------------------------------------------------------------ removing entities
    def _remove(self, kind, entity):
        with self._lock:
            entities = getattr(self, kind)
            if entity not in entities:
                return False
            setattr(self, kind, tuple(e for e in entities if e is not entity))
        self._wake_executor()
        entity.destroy()
        self._announce()
        return True

    def destroy_publisher(self, publisher):
        for handler in publisher.event_handlers:
            self.remove_waitable(handler)
        return self._remove("_publishers", publisher)

    def destroy_subscription(self, subscription):
        for handler in subscription.event_handlers:
            self.remove_waitable(handler)
        return self._remove("_subscriptions", subscription)

    def destroy_client(self, client):
        return self._remove("_clients", client)

    def destroy_service(self, service):
        return self._remove("_services", service)

    def destroy_timer(self, timer):
        return self._remove("_timers", timer)

    def destroy_guard_condition(self, guard):
        return self._remove("_guards", guard)

    def destroy_rate(self, rate):
        found = self._remove("_timers", rate._timer)
        rate.destroy()
        return found

    def destroy_node(self):
        """Remove the node and everything it made, once nobody is inside ``with node.handle``."""
        self._handle.destroy_when_not_in_use()

    def _destroy(self):
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


__all__ = ["Node", "NodeNameNonExistentError", "Parameter"]
