"""Matches texts and lines with what is expected of them."""

from launch_testing.text_match import build_line_match, build_text_match, normalize_lineseps

__all__ = ["build_line_match", "build_text_match", "normalize_lineseps"]
