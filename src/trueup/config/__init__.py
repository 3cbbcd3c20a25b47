"""The only gate: validate all that enters against the registries and hand frozen specs to the store."""
