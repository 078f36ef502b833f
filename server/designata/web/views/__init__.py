"""Pages about things: what each kind shows, worked out before a template is filled."""

from designata.web.views.thing import render
from designata.web.views.vocabulary import render_vocabulary

__all__ = ["render", "render_vocabulary"]
