"""~/get_type_description: what a type looks like, for tools that do not have it."""

from ros2_embedded.idl import type_description, type_hash, type_sources
from ros2_embedded.idl.errors import InterfaceNotFoundError

from rcl_interfaces.msg import ParameterDescriptor
from type_description_interfaces.srv import GetTypeDescription

START_TYPE_DESCRIPTION_SERVICE_PARAM = "start_type_description_service"


class TypeDescriptionService:
    """Answers for the types of this process."""

    def __init__(self, node):
        parameter = node.declare_parameter(
            START_TYPE_DESCRIPTION_SERVICE_PARAM,
            True,
            ParameterDescriptor(
                description="Start the ~/get_type_description service for this node.",
                read_only=True,
            ),
        )
        if parameter.value:
            node.create_service(
                GetTypeDescription,
                f"{node.get_fully_qualified_name()}/get_type_description",
                self._answer,
            )

    @staticmethod
    def _answer(request, response):
        try:
            known = type_hash(request.type_name)
        except (InterfaceNotFoundError, ValueError, LookupError) as failure:
            response.failure_reason = f"type {request.type_name} is not known: {failure}"
            return response
        if request.type_hash and request.type_hash != known:
            response.failure_reason = (
                f"type {request.type_name} has the hash {known} here, not {request.type_hash}"
            )
            return response
        response.successful = True
        response.type_description = type_description(request.type_name)
        if request.include_type_sources:
            response.type_sources = type_sources(request.type_name)
        return response
