"""Which actions there are, from their topics and services."""

_FEEDBACK = "/_action/feedback"
_SUFFIX = "_FeedbackMessage"


def _actions(entries):
    found = []
    for name, kinds in entries:
        if name.endswith(_FEEDBACK):
            found.append((name.removesuffix(_FEEDBACK), [k.removesuffix(_SUFFIX) for k in kinds]))
    return found


def get_action_client_names_and_types_by_node(node, remote_node_name, remote_node_namespace):
    """Return the actions a node is a client of."""
    return _actions(
        node.get_subscriber_names_and_types_by_node(remote_node_name, remote_node_namespace)
    )


def get_action_server_names_and_types_by_node(node, remote_node_name, remote_node_namespace):
    """Return the actions a node serves."""
    return _actions(
        node.get_publisher_names_and_types_by_node(remote_node_name, remote_node_namespace)
    )


def get_action_names_and_types(node):
    """Return all actions of the graph."""
    return _actions(node.get_topic_names_and_types())
