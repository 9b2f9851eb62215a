"""A node that answers as a component container does; its components are only names."""

import contextlib

import rclpy
from composition_interfaces.srv import ListNodes, LoadNode, UnloadNode
from rclpy.executors import ExternalShutdownException


def main() -> None:
    """Run until interrupted."""
    rclpy.init()
    node = rclpy.create_node("box", namespace="/robot")
    loaded: dict[int, str] = {}

    def load(request, response):
        given = [*request.remap_rules, *(p.name for p in request.parameters)]
        given += [p.name for p in request.extra_arguments]
        response.success = request.plugin_name != "bad"
        if response.success:
            response.unique_id = len(loaded) + 1
            response.full_node_name = f"{request.node_namespace}/{request.node_name or 'own'}"
            loaded[response.unique_id] = response.full_node_name
            node.get_logger().info(f"given {given}")
        response.error_message = "" if response.success else "no such plugin"
        return response

    def unload(request, response):
        response.success = loaded.pop(request.unique_id, None) is not None
        response.error_message = "" if response.success else "no node of this id"
        return response

    def list_them(_, response):
        response.unique_ids = list(loaded)
        response.full_node_names = list(loaded.values())
        return response

    node.create_service(LoadNode, "~/_container/load_node", load)
    node.create_service(UnloadNode, "~/_container/unload_node", unload)
    node.create_service(ListNodes, "~/_container/list_nodes", list_them)
    with contextlib.suppress(KeyboardInterrupt, ExternalShutdownException):
        rclpy.spin(node)


if __name__ == "__main__":
    main()
