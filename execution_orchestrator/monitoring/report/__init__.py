"""The report of one execution, as one self-contained HTML file or as JSON."""
