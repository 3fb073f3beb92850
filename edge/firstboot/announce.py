"""How avahi-daemon tells the local network of the device: a service file with TXT records."""

from html import escape


def service_file(*, device_id: str, name: str, scheme: str, port: int, version: str) -> str:
    """Return the XML that avahi reads from /etc/avahi/services; TXT: id, name, version, scheme, path, api.

    The services are _edge._tcp, and _http._tcp or _https._tcp as `scheme` says.
    """
    facts = {"id": device_id, "name": name, "version": version, "scheme": scheme, "path": "/", "api": "/v1/json"}
    records = "".join(f"    <txt-record>{escape(f'{key}={value}')}</txt-record>\n" for key, value in facts.items())
    services = "".join(
        f"  <service>\n    <type>{kind}</type>\n    <port>{port}</port>\n{records}  </service>\n"
        for kind in ("_edge._tcp", f"_{scheme}._tcp")
    )
    head = '<?xml version="1.0" standalone="no"?>\n<!DOCTYPE service-group SYSTEM "avahi-service.dtd">\n'
    return f"{head}<service-group>\n  <name>{escape(name)}</name>\n{services}</service-group>\n"
