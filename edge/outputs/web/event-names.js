"use strict";

// What people call each type of event.
window.EVENT_NAMES = {
  "TripwireCrossed": "Line crossed",
  "RegionJoin": "Zone joined",
  "RegionLeave": "Zone left",
  "MotionInRegionOn": "Motion started",
  "MotionInRegionOff": "Motion finished",
  "Loitering": "Object dwell",
  "CrowdOn": "Crowd appear",
  "CrowdOff": "Crowd disappear",
  "Tailgating": "Tailgating",
  "AbandonedObject": "Abandoned item",
  "ObjectAppear": "Object appear",
  "ObjectDisappear": "Object disappear",
  "Sabotage": "Camera obstructed",
  "CameraDisconnected": "Camera disconnected"
};
