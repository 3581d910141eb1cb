"""All routes for programs: the site's state, the board as a file, /v1, and the tools for MCP."""

import importlib.util
from collections.abc import Mapping

from starlette.routing import BaseRoute

from arena.api import leaderboard_files
from arena.api.openai_routes import Api
from arena.api.status_routes import StatusRoutes
from arena.site.site import Site
from blend.roster.settings import SettingError, Settings, variable


def routes(site: Site, environ: Mapping[str, str]) -> list[BaseRoute]:
    """The routes that the settings allow. Raises SettingError."""
    found = [*StatusRoutes(site).routes(), *leaderboard_files.routes(site)]
    if offers_tools(site.settings):
        from arena.api.mcp_tools import McpTools

        found.append(McpTools(site).mount())
    if site.settings.api != "off":
        found += Api(site, api_key(site.settings, environ)).routes()
    return found


def api_key(settings: Settings, environ: Mapping[str, str]) -> str:
    """What programs must send to /v1: nothing where it is open. Raises SettingError."""
    name = variable("api_key")
    if settings.api == "key" and not environ.get(name):
        raise SettingError(f'api = "key" needs the environment variable {name}')
    return environ[name] if settings.api == "key" else ""


def offers_tools(settings: Settings) -> bool:
    """Whether the public endpoints are MCP tools, too: where that is wanted and can be had.

    Raises SettingError where it was asked for and cannot be.
    """
    installed = importlib.util.find_spec("mcp") is not None
    if settings.mcp and not installed and "mcp" in settings.origins:
        raise SettingError('mcp = true needs a package: pip install "gradio[mcp]"')
    return settings.mcp and installed
