"""Where platforms post notices: no browser, no session; each notice proves itself by its signature."""

from __future__ import annotations

from flask import Blueprint, jsonify, request
from werkzeug.wrappers import Response

from lms_tool.services.notices import PATH, Receiver
from lms_tool.web import security
from lms_tool.web.context import runtime

blueprint = Blueprint("notices", __name__)


@blueprint.post(PATH)
def take() -> Response:
    """LTI Platform Notification Service 1.0: a batch of signed notices."""
    security.limit_body()
    tool = runtime()
    new = Receiver(tool.database, tool.keys).take(request.get_data(), tool.clock())
    return jsonify(accepted=new)
