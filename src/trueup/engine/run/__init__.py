"""Run the probes: knows neither Django nor the store."""
