"""Cameras by ONVIF: found in the network, asked for their streams, played by RTSP."""
