"""The node's own interfaces: the action, the services and the topics."""
