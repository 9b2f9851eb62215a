"""The report of one execution, as one self-contained HTML file or as JSON."""

from execution_orchestrator.monitoring.report.write import (
    ReportError,
    report_json,
    write_html_report,
)

__all__ = ["ReportError", "report_json", "write_html_report"]
