"""A plan as a diagram (Mermaid text, or a picture in SVG), or in lines of text."""

from execution_orchestrator.plan.drawing.mermaid import mermaid
from execution_orchestrator.plan.drawing.outline import outline
from execution_orchestrator.plan.drawing.svg import svg

__all__ = ["mermaid", "outline", "svg"]
