"""From the settings' plain sections to what each room wants to know."""

from __future__ import annotations

from ctid.core.instants import SECOND
from ctid.pbx.agi.settings import AgiSettings
from ctid.pbx.ami.settings import AmiSettings
from ctid.pbx.asterisk import PbxSettings
from ctid.settings import Settings
from ctid.web.settings import WebSettings


def pbx_settings(settings: Settings) -> PbxSettings:
    """For `ctid.pbx`."""
    pbx, agi = settings.pbx, settings.agi
    ami = AmiSettings(
        host=pbx.host,
        port=pbx.port,
        username=pbx.user,
        secret=pbx.secret,
        plain_login=pbx.plain_login,
        tls=pbx.tls,
        tls_ca=pbx.tls_ca,
        # The PBX is near and callers wait: a link that is back must be in use again at once.
        backoff_max_ms=2 * SECOND,
    )
    door = AgiSettings(
        host=agi.host, port=agi.port, token=agi.token, scripts=("inbound",), peers=agi.peers
    )
    return PbxSettings(ami, door, pbx.sounds)


def web_settings(
    settings: Settings, demo_sign_ins: tuple[tuple[str, str, str], ...]
) -> WebSettings:
    """For `ctid.web`."""
    web = settings.web
    return WebSettings(
        host=web.host,
        port=web.port,
        origins=web.origins,
        secure_cookies=web.secure_cookies,
        trusted_proxies=web.trusted_proxies,
        session_idle_ms=web.session_idle_s * SECOND,
        session_absolute_ms=web.session_absolute_s * SECOND,
        screen_lost_after_ms=web.screen_lost_after_s * SECOND,
        break_reasons=web.break_reasons,
        service_goal=web.service_goal,
        language=settings.site.language,
        frame_ancestors=web.frame_ancestors,
        demo_sign_ins=demo_sign_ins,
    )
