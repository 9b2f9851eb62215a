"""Logger levels over services."""

from rcl_interfaces.msg import LoggerLevel, SetLoggerLevelsResult
from rcl_interfaces.srv import GetLoggerLevels, SetLoggerLevels

from rclpy import logging


class LoggingService:
    """Offers ``<node>/get_logger_levels`` and ``<node>/set_logger_levels``."""

    def __init__(self, node):
        name = node.get_name()
        node.create_service(GetLoggerLevels, f"{name}/get_logger_levels", self._get)
        node.create_service(SetLoggerLevels, f"{name}/set_logger_levels", self._set)

    @staticmethod
    def _get(request, response):
        response.levels = [
            LoggerLevel(name=name, level=int(logging.get_logger_level(name)))
            for name in request.names
        ]
        return response

    @staticmethod
    def _set(request, response):
        results = []
        for level in request.levels:
            result = SetLoggerLevelsResult(successful=True)
            try:
                logging.set_logger_level(level.name, level.level)
            except ValueError:
                result = SetLoggerLevelsResult(
                    successful=False, reason="Failed reason: Invalid logger level."
                )
            results.append(result)
        response.results = results
        return response
