"""Where platforms post notices: no browser, no session; each notice proves itself by its signature."""

from __future__ import annotations

from flask import Blueprint, jsonify, request
from werkzeug.wrappers import Response

from lms_tool.services import pressure
from lms_tool.services.notices import PATH, Receiver
from lms_tool.web import security
from lms_tool.web.context import runtime, source

blueprint = Blueprint("notices", __name__)

ANY_PLATFORM = (
    0  # whose a post is shows only after its signature: sources are counted for all of them together
)


@blueprint.post(PATH)
def take() -> Response:
    """LTI Platform Notification Service 1.0: a batch of signed notices.

    Whoever posts what is none is told to wait after a while: an unknown key id costs a question to its platform.
    """
    security.limit_body()
    tool = runtime()
    now = tool.clock()
    seconds = int(now.timestamp())
    if amount := tool.gauge.begun(ANY_PLATFORM, source(), seconds):
        with tool.database.write() as db:
            refused = pressure.add(db, ANY_PLATFORM, source(), seconds, amount)
        if refused >= pressure.LIMIT:
            tool.gauge.block(ANY_PLATFORM, source(), seconds)
    new = Receiver(tool.database, tool.keys).take(request.get_data(), now)
    if amount := tool.gauge.completed(ANY_PLATFORM, source(), seconds):
        with tool.database.write() as db:
            pressure.add(db, ANY_PLATFORM, source(), seconds, amount)
    return jsonify(accepted=new)
