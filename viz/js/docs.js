// The API's documentation. `validatorUrl` is off: it would send the document to another machine.
SwaggerUIBundle({ url: "/api/openapi.json", dom_id: "#swagger", validatorUrl: null, deepLinking: true, tryItOutEnabled: true, defaultModelsExpandDepth: 0 });
