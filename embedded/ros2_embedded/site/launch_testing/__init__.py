"""Tests of launched systems: while they run and after they have been shut down."""

from . import actions, asserts, markers, util
from .io_handler import ActiveIoHandler, IoHandler
from .markers import post_shutdown_test, ready_to_test_action_timeout
from .parametrize import parametrize
from .proc_info_handler import ActiveProcInfoHandler, ProcInfoHandler
