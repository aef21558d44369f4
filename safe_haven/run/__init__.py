"""The jobs behind `./run build`, `./run test` and `./run lint`."""
