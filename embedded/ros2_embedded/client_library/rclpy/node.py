"""Nodes."""

import math
import threading
import weakref

from rcl_interfaces.msg import FloatingPointRange, IntegerRange, ParameterDescriptor, ParameterEvent
from rcl_interfaces.msg import ParameterType, SetParametersResult
from rclpy import logging
from rclpy.callback_groups import MutuallyExclusiveCallbackGroup
from rclpy.client import Client
from rclpy.clock import ROSClock
from rclpy.constants import S_TO_NS
from rclpy.event_handler import PublisherEventCallbacks, SubscriptionEventCallbacks
from rclpy.exceptions import (
    InvalidParameterTypeException,
    InvalidParameterValueException,
    InvalidTopicNameException,
    NotInitializedException,
    ParameterAlreadyDeclaredException,
    ParameterImmutableException,
    ParameterNotDeclaredException,
    ParameterUninitializedException,
)
from rclpy.expand_topic_name import expand_topic_name
from rclpy.graph_queries import GraphQueries
from rclpy.guard_condition import GuardCondition
from rclpy.impl.wire_policies import to_wire
from rclpy.parameter import PARAMETER_SEPARATOR_STRING, Parameter
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
from rclpy.validate_parameter_name import validate_parameter_name
from rclpy.validate_topic_name import validate_topic_name

HIDDEN_NODE_PREFIX = "_"


class NodeNameNonExistentError(RuntimeError):
    """There is no node of this name in the graph."""


class Node(GraphQueries):
    """A node of the ROS graph: everything else is made by it."""

    PARAM_REL_TOL = 1e-6

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
        self._parameters = {}
        self._descriptors = {}
        self._publishers = ()
        self._subscriptions = ()
        self._clients = ()
        self._services = ()
        self._timers = ()
        self._guards = ()
        self._waitables = ()
        self._pre_set_parameters_callbacks = []
        self._on_set_parameters_callbacks = []
        self._post_set_parameters_callbacks = []
        self._rate_group = MutuallyExclusiveCallbackGroup()
        self._allow_undeclared_parameters = allow_undeclared_parameters
        self._default_callback_group = MutuallyExclusiveCallbackGroup()
        self._executor_weakref = None
        self._destroyed = False
        self._quiet = 1  # no announcement while the constructor adds endpoints
        self._remaps = [parse_arguments(cli_args)] if cli_args else []
        if use_global_arguments:
            self._remaps.append(self._context.arguments or RosArguments())
        namespace = namespace or "/"
        if not namespace.startswith("/"):
            namespace = f"/{namespace}"
        name = node_name
        for arguments in reversed(self._remaps):
            name = arguments.name_for(node_name, "__node", arguments.name_for(node_name, "__name", name))
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
        return self

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
        if self._destroyed:
            from rclpy.exceptions import InvalidHandle

            raise InvalidHandle("cannot use a destroyed node")

    def create_publisher(
        self, msg_type, topic, qos_profile, *, callback_group=None, event_callbacks=None,
        qos_overriding_options=None, publisher_class=Publisher,
    ):  # fmt: skip
        self._alive()
        qos_profile = self._validate_qos_or_depth_parameter(qos_profile)
        check_is_valid_msg_type(msg_type)
        full = self._resolve(topic, False)
        if qos_overriding_options is not None:
            from rclpy.qos_overriding_options import declare_qos_parameters

            declare_qos_parameters(Publisher, self, full, qos_profile, qos_overriding_options)
        writer = self._participant.publisher(full, msg_type, to_wire(qos_profile))
        group = callback_group or self._default_callback_group
        publisher = publisher_class(
            writer, msg_type, full, qos_profile,
            event_callbacks=event_callbacks or PublisherEventCallbacks(),
            callback_group=group, logger=self._logger,
        )  # fmt: skip
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
            from rclpy.qos_overriding_options import declare_qos_parameters

            declare_qos_parameters(Subscription, self, full, qos_profile, qos_overriding_options)
        reader = self._participant.subscription(full, msg_type, to_wire(qos_profile))
        group = callback_group or self._default_callback_group
        try:
            subscription = Subscription(
                reader, msg_type, full, callback, group, qos_profile, raw,
                event_callbacks=event_callbacks or SubscriptionEventCallbacks(),
                logger=self._logger,
            )  # fmt: skip
        except Exception:
            reader.close()
            raise
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
        """Remove the node and everything it made."""
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
        for kind in ("_publishers", "_subscriptions", "_clients", "_services", "_timers", "_guards"):
            for entity in getattr(self, kind):
                entity.destroy()
            setattr(self, kind, ())
        self._waitables = ()
        self._context.untrack_node(self)

    # ------------------------------------------------------------------ parameters
    def _all_overrides(self, given):
        found = {}
        for arguments in reversed(self._remaps):
            for name, value in arguments.overrides(self.get_fully_qualified_name()).items():
                found[name] = Parameter(name, value=_plain(value))
        for parameter in given or ():
            if not isinstance(parameter, Parameter):
                raise TypeError("parameter_overrides must be a list of Parameter")
            found[parameter.name] = parameter
        return found

    def declare_parameter(
        self, name, value=None, descriptor=None, ignore_override=False
    ):
        if value is None and descriptor is None:
            descriptor = ParameterDescriptor(dynamic_typing=True)
        if descriptor is None:
            descriptor = ParameterDescriptor()
        if isinstance(value, Parameter.Type):
            entry = (name, value, descriptor)
        else:
            entry = (name, value, descriptor)
        return self.declare_parameters("", [entry], ignore_override)[0]

    def declare_parameters(self, namespace, parameters, ignore_override=False):
        declared, descriptors = [], {}
        prefix = f"{namespace}{PARAMETER_SEPARATOR_STRING}" if namespace else ""
        for index, entry in enumerate(parameters):
            if len(entry) < 1 or len(entry) > 3:
                raise TypeError(
                    f"Invalid parameter tuple length at index {index} in parameters list: {entry}; "
                    "expecting length between 1 and 3"
                )
            name = entry[0]
            if not isinstance(name, str):
                raise TypeError(
                    f"First element {name} at index {index} in parameters list is not a str."
                )
            value, descriptor, kind = None, ParameterDescriptor(), None
            if len(entry) > 1:
                if isinstance(entry[1], Parameter.Type):
                    kind = entry[1]
                    if kind == Parameter.Type.NOT_SET:
                        raise ValueError(
                            f"Cannot declare parameter {{{name}}} as statically typed of type NOT_SET"
                        )
                else:
                    value = entry[1]
            if len(entry) > 2:
                descriptor = entry[2]
                if not isinstance(descriptor, ParameterDescriptor):
                    raise TypeError(
                        f"Third element {descriptor} at index {index} in parameters list is not a ParameterDescriptor."
                    )
            if len(entry) == 1:
                descriptor.dynamic_typing = True
            full = f"{prefix}{name}"
            validate_parameter_name(full)
            if kind is not None:
                descriptor.type = kind.value
                value = None
            elif not descriptor.dynamic_typing:
                descriptor.type = Parameter.Type.from_parameter_value(value).value
            if not ignore_override and full in self._parameter_overrides:
                value = self._parameter_overrides[full].value
                if descriptor.type == ParameterType.PARAMETER_DOUBLE and type(value) is int:
                    value = float(value)
                if descriptor.type == ParameterType.PARAMETER_DOUBLE_ARRAY and isinstance(value, list):
                    value = [float(v) for v in value]
            descriptor.name = full
            declared.append(Parameter(full, value=value) if value is not None else Parameter(full))
            descriptors[full] = descriptor
        already = [p.name for p in declared if p.name in self._parameters]
        if already:
            raise ParameterAlreadyDeclaredException(already)
        results = self._set_parameters_common(
            declared, descriptors, raise_on_failure=True, allow_undeclared=True, declaring=True
        )
        del results
        return [self._parameters[p.name] for p in declared]

    def undeclare_parameter(self, name):
        if not self.has_parameter(name):
            raise ParameterNotDeclaredException(name)
        if self._descriptors[name].read_only:
            raise ParameterImmutableException(name)
        del self._parameters[name]
        del self._descriptors[name]

    def has_parameter(self, name):
        return name in self._parameters

    def get_parameter(self, name):
        if self.has_parameter(name):
            parameter = self._parameters[name]
            if (
                parameter.type_ != Parameter.Type.NOT_SET
                or self._descriptors[name].dynamic_typing
            ):
                return parameter
            raise ParameterUninitializedException(name)
        if self._allow_undeclared_parameters:
            return Parameter(name, Parameter.Type.NOT_SET, None)
        raise ParameterNotDeclaredException(name)

    def get_parameter_type(self, name):
        if self.has_parameter(name):
            return self._parameters[name].type_.value
        if self._allow_undeclared_parameters:
            return Parameter.Type.NOT_SET
        raise ParameterNotDeclaredException(name)

    def get_parameter_types(self, names):
        return [self.get_parameter_type(name) for name in names]

    def get_parameters(self, names):
        if not all(isinstance(name, str) for name in names):
            raise TypeError("All names must be instances of type str")
        return [self.get_parameter(name) for name in names]

    def get_parameters_by_prefix(self, prefix):
        if prefix:
            prefix += PARAMETER_SEPARATOR_STRING
        return {
            name[len(prefix) :]: value
            for name, value in self._parameters.items()
            if name.startswith(prefix)
        }

    def get_parameter_or(self, name, alternative_value=None):
        if alternative_value is None:
            alternative_value = Parameter(name, Parameter.Type.NOT_SET)
        if not self.has_parameter(name):
            return alternative_value
        parameter = self._parameters[name]
        return parameter if parameter.type_ != Parameter.Type.NOT_SET else alternative_value

    def describe_parameter(self, name):
        if name in self._descriptors:
            return self._descriptors[name]
        if self._allow_undeclared_parameters:
            return ParameterDescriptor()
        raise ParameterNotDeclaredException(name)

    def describe_parameters(self, names):
        return [self.describe_parameter(name) for name in names]

    def list_parameters(self, prefixes, depth):
        from rcl_interfaces.msg import ListParametersResult
        from rcl_interfaces.srv import ListParameters

        if not isinstance(prefixes, (list, tuple)):
            raise TypeError("The prefixes argument must be a list")
        if depth != ListParameters.Request.DEPTH_RECURSIVE and depth < 0:
            raise ValueError("The depth argument must be greater than or equal to zero")
        names, found_prefixes = [], []
        for name in self._parameters:
            if prefixes:
                matching = [
                    p for p in prefixes if name == p or name.startswith(p + PARAMETER_SEPARATOR_STRING)
                ]
                if not matching:
                    continue
                rest = name[len(max(matching, key=len)) :].lstrip(".")
            else:
                rest = name
            if depth and rest.count(PARAMETER_SEPARATOR_STRING) >= depth:
                continue
            names.append(name)
            prefix = name.rpartition(PARAMETER_SEPARATOR_STRING)[0]
            if prefix and prefix not in found_prefixes:
                found_prefixes.append(prefix)
        return ListParametersResult(names=names, prefixes=found_prefixes)

    def set_parameters(self, parameter_list):
        return self._set_parameters(parameter_list)

    def _set_parameters(self, parameter_list, descriptors=None, raise_on_failure=False, allow_undeclared_parameters=False):
        self._check_declared(parameter_list, allow_undeclared_parameters)
        results = []
        for parameter in parameter_list:
            results.append(
                self._set_parameters_common([parameter], descriptors, raise_on_failure=raise_on_failure)
            )
        return results

    def set_parameters_atomically(self, parameter_list):
        self._check_declared(parameter_list, False)
        return self._set_parameters_common(parameter_list, None)

    def set_parameters_atomically_common(self, parameter_list):
        return self._set_parameters_common(parameter_list, None)

    def _check_declared(self, parameters, allow):
        for parameter in parameters:
            if not isinstance(parameter, Parameter):
                raise TypeError("parameter must be instance of type '{}'".format(repr(Parameter)))
        if allow or self._allow_undeclared_parameters:
            return
        undeclared = [p.name for p in parameters if p.name not in self._parameters]
        if undeclared:
            raise ParameterNotDeclaredException(undeclared)

    def _set_parameters_common(
        self, parameters, descriptors, *, raise_on_failure=False, allow_undeclared=False, declaring=False
    ):
        del allow_undeclared
        if not declaring:
            for callback in reversed(self._pre_set_parameters_callbacks):
                parameters = callback(parameters)
            if not parameters:
                return SetParametersResult(
                    successful=False, reason="parameter list cannot be empty, this might be due to pre_set_parameters_callback modifying the original parameters list."
                )
            self._check_declared(parameters, False)
        for parameter in parameters:
            descriptor = (descriptors or {}).get(parameter.name) or self._descriptors.get(parameter.name)
            result = self._check_parameter(parameter, descriptor, declaring)
            if not result.successful:
                if raise_on_failure:
                    self._raise_for(parameter, descriptor, result)
                return result
        for callback in self._on_set_parameters_callbacks:
            result = callback(parameters)
            if not isinstance(result, SetParametersResult):
                self._logger.warning("a set-parameters callback did not return SetParametersResult")
                result = SetParametersResult(successful=False, reason="Callback returned an invalid type, rejected.")
            if not result.successful:
                if raise_on_failure:
                    raise InvalidParameterValueException(
                        parameters[0].name, parameters[0].value, result.reason
                    )
                return result
        event = ParameterEvent(node=self.get_fully_qualified_name())
        for parameter in parameters:
            known = parameter.name in self._parameters
            before = self._parameters.get(parameter.name)
            descriptor = (descriptors or {}).get(parameter.name)
            if (
                parameter.type_ == Parameter.Type.NOT_SET
                and not declaring
                and before is not None
                and before.type_ != Parameter.Type.NOT_SET
            ):
                event.deleted_parameters.append(Parameter(parameter.name).to_parameter_msg())
                del self._parameters[parameter.name]
                self._descriptors.pop(parameter.name, None)
                continue
            if descriptor is not None:
                self._descriptors[parameter.name] = descriptor
            elif parameter.name not in self._descriptors:
                self._descriptors[parameter.name] = ParameterDescriptor(
                    name=parameter.name, dynamic_typing=self._allow_undeclared_parameters
                )
            self._descriptors[parameter.name].type = parameter.type_.value or self._descriptors[
                parameter.name
            ].type
            self._parameters[parameter.name] = parameter
            target = event.changed_parameters if known and before.type_ != Parameter.Type.NOT_SET else event.new_parameters
            if parameter.type_ != Parameter.Type.NOT_SET:
                target.append(parameter.to_parameter_msg())
        event.stamp = self._clock.now().to_msg()
        self._parameter_event_publisher.publish(event)
        for callback in self._post_set_parameters_callbacks:
            callback(parameters)
        return SetParametersResult(successful=True)

    def _raise_for(self, parameter, descriptor, result):
        if descriptor is not None and result.reason.startswith("Wrong parameter type"):
            raise InvalidParameterTypeException(parameter, Parameter.Type(descriptor.type))
        raise InvalidParameterValueException(parameter.name, parameter.value, result.reason)

    def _check_parameter(self, parameter, descriptor, declaring):
        if descriptor is None:
            return SetParametersResult(successful=True)
        if descriptor.read_only and not declaring and parameter.name in self._parameters:
            return SetParametersResult(
                successful=False, reason="Trying to set a read-only parameter: {}.".format(parameter.name)
            )
        kind = parameter.type_
        if not descriptor.dynamic_typing and kind != Parameter.Type.NOT_SET and descriptor.type not in (
            Parameter.Type.NOT_SET.value, kind.value
        ):
            expected = Parameter.Type(descriptor.type)
            return SetParametersResult(
                successful=False,
                reason=f"Wrong parameter type, expected '{expected}' got '{kind}'",
            )
        if not descriptor.dynamic_typing and kind == Parameter.Type.NOT_SET and not declaring and parameter.name in self._parameters:
            return SetParametersResult(
                successful=False,
                reason=f"Static parameter cannot be undeclared: {parameter.name}",
            )
        if kind == Parameter.Type.INTEGER and descriptor.integer_range:
            return self._check_integer_range(descriptor, parameter.value)
        if kind == Parameter.Type.DOUBLE and descriptor.floating_point_range:
            return self._check_float_range(descriptor, parameter.value)
        return SetParametersResult(successful=True)

    def _check_integer_range(self, descriptor, value):
        limits: IntegerRange = descriptor.integer_range[0]
        good = limits.from_value <= value <= limits.to_value
        if good and limits.step > 0 and value != limits.to_value:
            good = (value - limits.from_value) % limits.step == 0
        return self._range_result(descriptor, value, limits, good)

    def _check_float_range(self, descriptor, value):
        limits: FloatingPointRange = descriptor.floating_point_range[0]

        def close(a, b):
            return math.isclose(a, b, rel_tol=self.PARAM_REL_TOL)

        good = (
            limits.from_value <= value <= limits.to_value
            or close(value, limits.from_value)
            or close(value, limits.to_value)
        )
        if good and limits.step > 0.0 and not close(value, limits.to_value):
            steps = (value - limits.from_value) / limits.step
            good = close(steps, round(steps)) or abs(steps - round(steps)) < self.PARAM_REL_TOL
        return self._range_result(descriptor, value, limits, good)

    @staticmethod
    def _range_result(descriptor, value, limits, good):
        if good:
            return SetParametersResult(successful=True)
        return SetParametersResult(
            successful=False,
            reason=f"Parameter {descriptor.name} out of range. Min: {limits.from_value}, "
            f"Max: {limits.to_value}, value: {value}",
        )

    def set_descriptor(self, name, descriptor, alternative_value=None):
        if not self.has_parameter(name):
            if not self._allow_undeclared_parameters:
                raise ParameterNotDeclaredException(name)
            return self.get_parameter(name).get_parameter_value()
        if self.describe_parameter(name).read_only:
            raise ParameterImmutableException(name)
        current = self.get_parameter(name)
        value = current.get_parameter_value() if alternative_value is None else alternative_value
        from rclpy.parameter import parameter_value_to_python

        candidate = Parameter(name, value=parameter_value_to_python(value))
        descriptor.name = name
        result = self._check_parameter(candidate, descriptor, True)
        if not result.successful:
            raise InvalidParameterValueException(name, value, result.reason)
        self._descriptors[name] = descriptor
        self._parameters[name] = candidate
        return candidate.get_parameter_value()

    def add_pre_set_parameters_callback(self, callback):
        self._pre_set_parameters_callbacks.insert(0, callback)

    def add_on_set_parameters_callback(self, callback):
        self._on_set_parameters_callbacks.insert(0, callback)

    def add_post_set_parameters_callback(self, callback):
        self._post_set_parameters_callbacks.insert(0, callback)

    def remove_pre_set_parameters_callback(self, callback):
        self._pre_set_parameters_callbacks.remove(callback)

    def remove_on_set_parameters_callback(self, callback):
        self._on_set_parameters_callbacks.remove(callback)

    def remove_post_set_parameters_callback(self, callback):
        self._post_set_parameters_callbacks.remove(callback)


def _plain(value):
    """Turn what YAML gave into a parameter's value."""
    if isinstance(value, list) and any(isinstance(v, float) for v in value) and all(
        isinstance(v, (int, float)) and not isinstance(v, bool) for v in value
    ):
        return [float(v) for v in value]
    return value


__all__ = ["InvalidTopicNameException", "Node", "NodeNameNonExistentError"]
