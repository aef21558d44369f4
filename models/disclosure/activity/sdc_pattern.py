"""One row per cell: shown or withheld, decided by the solver."""


def model(dbt, session):
    """Withhold every primary cell, and more cells where a primary would still be too narrow."""
    from safe_haven.disclosure.pattern import protection_pattern

    dbt.config(materialized="table")
    return protection_pattern(
        cells=dbt.ref("sdc_cell").to_arrow_table(),
        relations=dbt.ref("sdc_relation").to_arrow_table(),
        rules=dbt.ref("disclosure_rule").to_arrow_table(),
        data_set="activity",
        progress=print,
    )
