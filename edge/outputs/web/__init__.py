"""The pages people look at: files only, served by the REST API."""
