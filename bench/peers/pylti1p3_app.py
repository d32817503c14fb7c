"""The peer: the smallest complete tool on PyLTI1p3, as its documentation sets one up with Flask.

State, nonce, launch data and the platform's key set are kept in Redis (``BENCH_REDIS_URL``). Without Redis it
falls back to what the library does by itself: everything in Flask's signed session cookie, key set in memory.
The page after a launch is one heading with the person's name: nothing of the peer's time goes into looks.
"""

from __future__ import annotations

import os
from typing import Any

from flask import Flask, request
from flask_caching import Cache
from markupsafe import escape
from pylti1p3.contrib.flask import FlaskCacheDataStorage, FlaskMessageLaunch, FlaskOIDCLogin, FlaskRequest
from pylti1p3.exception import LtiException
from pylti1p3.tool_config import ToolConfDict

KEY_SET_LIFETIME = 3600  # seconds; the driver's platform allows as much

app = Flask(__name__)
app.secret_key = "only for measuring"
redis_url = os.environ.get("BENCH_REDIS_URL")
if redis_url:
    app.config.update(CACHE_TYPE="RedisCache", CACHE_REDIS_URL=redis_url)
else:
    app.config.update(CACHE_TYPE="SimpleCache")
cache = FlaskCacheDataStorage(Cache(app))

registrations = ToolConfDict(
    {
        os.environ["BENCH_ISSUER"]: [
            {
                "default": True,
                "client_id": os.environ["BENCH_CLIENT_ID"],
                "auth_login_url": os.environ["BENCH_AUTH_URL"],
                "auth_token_url": os.environ["BENCH_TOKEN_URL"],
                "key_set_url": os.environ["BENCH_JWKS_URL"],
                "key_set": None,
                "deployment_ids": [os.environ["BENCH_DEPLOYMENT_ID"]],
            }
        ]
    }
)


def launch_store() -> dict[str, Any]:
    return {"launch_data_storage": cache} if redis_url else {}


@app.get("/login")
def login() -> Any:
    wanted = FlaskRequest()
    return FlaskOIDCLogin(wanted, registrations, **launch_store()).redirect(request.args["target_link_uri"])


@app.post("/launch")
def launch() -> tuple[str, int]:
    message = FlaskMessageLaunch(FlaskRequest(), registrations, **launch_store())
    message.set_public_key_caching(cache, cache_lifetime=KEY_SET_LIFETIME)
    try:
        name = message.get_launch_data()["name"]
    except LtiException as error:
        return f"<p>{escape(error)}</p>", 403
    return f"<!doctype html><title>Kurs</title><h1>Guten Tag, {escape(name)}</h1>", 200


@app.get("/ready")
def ready() -> str:
    return "ok"
