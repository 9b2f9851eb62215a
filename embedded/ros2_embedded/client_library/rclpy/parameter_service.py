"""The six parameter services of a node."""

from rcl_interfaces.msg import SetParametersResult
from rcl_interfaces.srv import (
    DescribeParameters,
    GetParameters,
    GetParameterTypes,
    ListParameters,
    SetParameters,
    SetParametersAtomically,
)
from rclpy.exceptions import ParameterNotDeclaredException, ParameterUninitializedException
from rclpy.parameter import Parameter
from rclpy.qos import qos_profile_parameters


class ParameterService:
    """Answers for one node."""

    def __init__(self, node):
        self._node = node
        base = node.get_fully_qualified_name()
        for kind, name, callback in (
            (DescribeParameters, "describe_parameters", self._describe),
            (GetParameters, "get_parameters", self._get),
            (GetParameterTypes, "get_parameter_types", self._types),
            (ListParameters, "list_parameters", self._list),
            (SetParameters, "set_parameters", self._set),
            (SetParametersAtomically, "set_parameters_atomically", self._set_atomically),
        ):
            node.create_service(
                kind, f"{base}/{name}", callback, qos_profile=qos_profile_parameters
            )

    def _describe(self, request, response):
        for name in request.names:
            try:
                response.descriptors.append(self._node.describe_parameter(name))
            except ParameterNotDeclaredException:
                response.descriptors = []
                return response
        return response

    def _get(self, request, response):
        for name in request.names:
            try:
                parameter = self._node.get_parameter(name)
            except (ParameterNotDeclaredException, ParameterUninitializedException):
                response.values = []
                return response
            response.values.append(parameter.get_parameter_value())
        return response

    def _types(self, request, response):
        types = []
        for name in request.names:
            try:
                kind = self._node.get_parameter_type(name)
            except ParameterNotDeclaredException:
                response.types = []
                return response
            types.append(kind if isinstance(kind, int) else kind.value)
        response.types = types
        return response

    def _list(self, request, response):
        response.result = self._node.list_parameters(list(request.prefixes), request.depth)
        return response

    def _set(self, request, response):
        for message in request.parameters:
            try:
                result = self._node.set_parameters([Parameter.from_parameter_msg(message)])[0]
            except ParameterNotDeclaredException as failure:
                result = SetParametersResult(successful=False, reason=str(failure))
            response.results.append(result)
        return response

    def _set_atomically(self, request, response):
        try:
            response.result = self._node.set_parameters_atomically(
                [Parameter.from_parameter_msg(message) for message in request.parameters]
            )
        except ParameterNotDeclaredException as failure:
            response.result = SetParametersResult(successful=False, reason=str(failure))
        return response
