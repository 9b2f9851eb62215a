"""The way of language-model agents to the robot: an MCP server with a policy before the node."""
