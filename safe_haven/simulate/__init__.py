"""A simulated world: invented people, real places and organisations, submissions in `landing/`.

`world` holds the arguments and the DuckDB connection, `submissions` makes the files month by month,
`write` puts them in place of the simulated files of an earlier run, `canaries` says what a leak
scan looks for. What happens in the world is written in `sql/`, one file per table.
"""
