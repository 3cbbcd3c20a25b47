"""The only gate: validate everything that enters against the registries and hand frozen specs to the store."""
