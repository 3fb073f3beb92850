"use strict";

// The reference is drawn from this device's own definition; nothing is asked of other servers.
window.SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#reference",
  presets: [window.SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  validatorUrl: null,
});
