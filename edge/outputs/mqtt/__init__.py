"""MQTT: events, states and commands over a broker, announced to Home Assistant."""
