"""Parameters of another node."""

from rcl_interfaces.msg import ParameterEvent
from rcl_interfaces.srv import (
    DescribeParameters,
    GetParameters,
    GetParameterTypes,
    ListParameters,
    SetParameters,
    SetParametersAtomically,
)

from rclpy.client import wait_until
from rclpy.parameter import Parameter, parameter_dict_from_yaml_file
from rclpy.qos import qos_profile_parameter_events, qos_profile_services_default


def _messages(parameters):
    return [one.to_parameter_msg() if isinstance(one, Parameter) else one for one in parameters]


class AsyncParameterClient:
    """Reads and sets the parameters of a node; every call returns a Future."""

    def __init__(
        self, node, remote_node_name, qos_profile=qos_profile_services_default, callback_group=None
    ):
        self.remote_node_name = remote_node_name
        self.node = node

        def client(kind, name):
            return node.create_client(
                kind,
                f"{remote_node_name}/{name}",
                qos_profile=qos_profile,
                callback_group=callback_group,
            )

        self._get_parameter_client = client(GetParameters, "get_parameters")
        self._list_parameter_client = client(ListParameters, "list_parameters")
        self._set_parameter_client = client(SetParameters, "set_parameters")
        self._get_parameter_types_client = client(GetParameterTypes, "get_parameter_types")
        self._describe_parameters_client = client(DescribeParameters, "describe_parameters")
        self._set_parameters_atomically_client = client(
            SetParametersAtomically, "set_parameters_atomically"
        )

    def services_are_ready(self):
        """Say whether all six services are there."""
        return all(
            client.service_is_ready()
            for client in (
                self._list_parameter_client,
                self._set_parameter_client,
                self._get_parameter_client,
                self._get_parameter_types_client,
                self._describe_parameters_client,
                self._set_parameters_atomically_client,
            )
        )

    def wait_for_services(self, timeout_sec=None):
        """Wait for the services; False after the timeout in seconds."""
        return wait_until(self.node.context, self.services_are_ready, timeout_sec)

    @staticmethod
    def _call(client, request, callback):
        future = client.call_async(request)
        if callback:
            future.add_done_callback(callback)
        return future

    def list_parameters(self, prefixes=None, depth=None, callback=None):
        request = ListParameters.Request()
        if prefixes:
            request.prefixes = prefixes
        if depth:
            request.depth = depth
        return self._call(self._list_parameter_client, request, callback)

    def get_parameters(self, names, callback=None):
        request = GetParameters.Request(names=names)
        return self._call(self._get_parameter_client, request, callback)

    def set_parameters(self, parameters, callback=None):
        request = SetParameters.Request(parameters=_messages(parameters))
        return self._call(self._set_parameter_client, request, callback)

    def describe_parameters(self, names, callback=None):
        request = DescribeParameters.Request(names=names)
        return self._call(self._describe_parameters_client, request, callback)

    def get_parameter_types(self, names, callback=None):
        request = GetParameterTypes.Request(names=names)
        return self._call(self._get_parameter_types_client, request, callback)

    def set_parameters_atomically(self, parameters, callback=None):
        request = SetParametersAtomically.Request(parameters=_messages(parameters))
        return self._call(self._set_parameters_atomically_client, request, callback)

    def delete_parameters(self, names, callback=None):
        """Unset parameters; works for dynamically typed ones."""
        request = SetParameters.Request(parameters=_messages(Parameter(name) for name in names))
        return self._call(self._set_parameter_client, request, callback)

    def load_parameter_file(self, parameter_file, use_wildcard=False, callback=None):
        """Set the parameters of a YAML file one by one."""
        parameters = parameter_dict_from_yaml_file(parameter_file, use_wildcard)
        return self.set_parameters(list(parameters.values()), callback=callback)

    def load_parameter_file_atomically(self, parameter_file, use_wildcard=False, callback=None):
        """Set the parameters of a YAML file all at once."""
        parameters = parameter_dict_from_yaml_file(parameter_file, use_wildcard)
        return self.set_parameters_atomically(list(parameters.values()), callback=callback)

    def on_parameter_event(
        self,
        callback,
        qos_profile=qos_profile_parameter_events,
        *,
        callback_group=None,
        event_callbacks=None,
        qos_overriding_options=None,
        raw=False,
    ):
        """Subscribe to /parameter_events."""
        return self.node.create_subscription(
            ParameterEvent,
            "/parameter_events",
            callback,
            qos_profile,
            callback_group=callback_group,
            event_callbacks=event_callbacks,
            qos_overriding_options=qos_overriding_options,
            raw=raw,
        )
